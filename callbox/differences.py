"""Where two runs of one check part: the first thing that one program did, and the other did not, or did otherwise."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callbox.steps import Step

Place = tuple[int | None, int | None]
"""Of a difference, in both ladders; None where that one ends before it."""


@dataclass
class Run:
    """Bytes of a stream up to its next event, however they were cut, or one other step."""

    sign: str
    data: bytes
    steps: list[tuple[int, int]]
    """where in `data` each of its steps begins, and which step of the ladder it is"""

    def step_at(self, offset: int) -> tuple[int, int] | None:
        """The step that carries a byte, and where it begins."""
        return max(place for place in self.steps if place[0] <= offset) if offset < len(self.data) else None


def first(steps: Sequence[Step], right: Sequence[Step], program: str) -> Place:
    """The first difference between a program's steps and those of a right one.

    Each direction between two parties is compared by itself: how those of several lines are interleaved is chance. What
    the program did comes before what we did: the same check says the same things, until a program makes it do otherwise.
    """
    ours, theirs = _directions(steps), _directions(right)
    found = [(key[0] == program, place) for key in ours | theirs if (place := _parting(ours[key], theirs[key]))]
    places = [place for its, place in found if its] or [place for _, place in found]
    if not places:
        return None, None
    here, there = min(places, key=lambda place: min(at for at in place if at is not None))
    end = len(steps) - 1 if steps else None  # what it does instead is told at the end of the ladder
    return end if here is None else here, there


def _directions(steps: Sequence[Step]) -> defaultdict[tuple[str, str], list[Run]]:
    """The runs of each direction. What TCP sent again, and the story's point at the end, are none."""
    found: defaultdict[tuple[str, str], list[Run]] = defaultdict(list)
    for at, step in enumerate(steps):
        if step.again or step.ends:
            continue
        runs = found[step.who, step.whom]
        data = step.data or b""
        if step.carries and runs and runs[-1].sign == "data":
            runs[-1].steps.append((len(runs[-1].data), at))
            runs[-1].data += data
        else:
            runs.append(Run("data" if step.carries else step.sign, data, [(0, at)]))
    return found


def _parting(ours: Sequence[Run], theirs: Sequence[Run]) -> Place | None:
    """Where one direction parts from the same of the other ladder."""
    for before, (one, other) in enumerate(zip_longest(ours, theirs)):
        if one is None or other is None:
            return (one.steps[0][1] if one else None), (other.steps[0][1] if other else None)
        if (one.sign, one.data) != (other.sign, other.data):
            return _inside(one, other, ours[before + 1 :], theirs[before + 1 :])
    return None


def _inside(one: Run, other: Run, next_ours: Sequence[Run], next_theirs: Sequence[Run]) -> Place:
    """Where two runs part: at their first byte that differs. Where one has no more bytes there, or begins another message, and
    the other goes on with one, it is the message that is shorter."""
    if one.sign != other.sign:
        return one.steps[0][1], other.steps[0][1]
    same = zip(one.data, other.data, strict=False)
    offset = next((at for at, (mine, its) in enumerate(same) if mine != its), min(len(one.data), len(other.data)))
    found = one.step_at(offset), other.step_at(offset)
    amid = any(step and step[0] < offset for step in found)

    def place(run: Run, step: tuple[int, int] | None, rest: Sequence[Run]) -> int | None:
        if amid and offset and (step is None or step[0] == offset):
            step = run.step_at(offset - 1)
        return step[1] if step else rest[0].steps[0][1] if rest else None

    return place(one, found[0], next_ours), place(other, found[1], next_theirs)
