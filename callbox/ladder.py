"""The picture of a conversation as data: who stands where, and what passed between them, time flowing down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from callbox import differences
from callbox.events import PROGRAM
from callbox.saying import Saying, say
from callbox.steps import OTHERS, YOU, Step, is_on_the_wire, steps_of
from callbox.story import FOLD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from callbox.story import Story

MOST_ALONE = 4
"""Columns beside the program's and yours; where more take part, all but the first and the last share one."""
NEARBY = 3
"""Steps shown on each side of the first difference, however long the ladder is."""
LONG = 0.5
"""Seconds between two steps that are worth saying."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Steps that are not shown."""

    count: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """A conversation, ready to be drawn."""

    steps: tuple[Step | Fold, ...]
    mark: int | None = None
    """which of the steps is the first that differs from the other ladder's"""
    right: bool = False
    """is it how it should go?"""

    @property
    def title(self) -> Saying:
        """What it shows."""
        return say("how it should go") if self.right else say("how it went")

    @property
    def columns(self) -> tuple[str, ...]:
        """Who takes part: clients, the program, whom it calls; you stand beside the program, on the side of the keyboard."""
        seen = dict.fromkeys(name for step in self.shown() for name in (step.who, step.whom) if name)
        serves = any(name.startswith("client ") for name in seen)
        order = {YOU: 2 if serves else 0, PROGRAM: 1}
        rank = {name: order.get(name, 0 if name.startswith("client ") else 3) for name in seen}
        return tuple(sorted(seen, key=lambda name: (rank[name], name == OTHERS)))

    def shown(self) -> Iterator[Step]:
        """The steps that are not folded away."""
        return (step for step in self.steps if isinstance(step, Step))

    def later(self) -> dict[int, float]:
        """Before which of the steps much time had passed, and how much (seconds)."""
        both = pairwise(enumerate(self.steps))
        gaps = {
            at: step.seconds - before.seconds
            for (_, before), (at, step) in both
            if isinstance(step, Step) and isinstance(before, Step)
        }
        return {at: gap for at, gap in gaps.items() if gap >= LONG}


def ladders(story: Story, model: Story | None = None) -> tuple[Ladder, ...]:
    """The picture of a failure and, where there is one, of how the check goes with a right program; the first step in
    which they differ is marked in both. Nothing at all where nothing was seen."""
    wired = all(map(is_on_the_wire, (story, *([model] if model else []))))
    steps = steps_of(story, wired=wired)
    right = steps_of(model, wired=wired) if model else []
    if not right:
        return (_folded(steps, None, right=False),) if steps else ()
    mark, its_mark = differences.first(steps, right, PROGRAM)
    return _folded(steps, mark, right=False), _folded(right, its_mark, right=True)


# ---- what is shown of a long one


def _folded(steps: Sequence[Step], mark: int | None, *, right: bool) -> Ladder:
    """Its beginning, its end, and what is near the first difference."""
    last = len(steps) - 1
    near = range(mark - NEARBY, mark + NEARBY + 1) if mark is not None else range(0)
    kept = [at for at in range(len(steps)) if at < FOLD or at > last - FOLD or at in near]
    shown: list[Step | Fold] = []
    place = None
    for before, at in pairwise([-1, *kept]):
        if at - before == 2:  # to fold one away would save nothing
            shown.append(steps[at - 1])
        elif at - before > 2:
            shown.append(Fold(at - before - 1))
        place = len(shown) if at == mark else place
        shown.append(steps[at])
    return Ladder(tuple(_gathered(shown)), place, right)


def _gathered(steps: Sequence[Step | Fold]) -> Iterator[Step | Fold]:
    """The same, where many take part in it: all but the first clients, and the last, in one column."""
    names = dict.fromkeys(name for step in steps if isinstance(step, Step) for name in (step.who, step.whom) if name)
    clients = [name for name in names if name not in {PROGRAM, YOU}]
    crowd = set(clients[1:-1]) if len(clients) > MOST_ALONE else set[str]()
    for step in steps:
        yield _among_others(step, crowd) if isinstance(step, Step) else step


def _among_others(step: Step, crowd: set[str]) -> Step:
    name = next((name for name in (step.who, step.whom) if name in crowd), None)
    if name is None:
        return step
    sign = say("{name}: {sign}", name=name.removeprefix("client "), sign=step.sign)
    who, whom = (OTHERS if one in crowd else one for one in (step.who, step.whom))
    return replace(step, who=who, whom=whom, sign=sign)
