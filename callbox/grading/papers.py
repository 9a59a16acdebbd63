"""One hand-in judged, in a process of its own: its programs found, every check run, what the bench could not do tried again."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch
from typing import TYPE_CHECKING, TypeAlias

from callbox.bench import Bench
from callbox.intake import SubmissionError
from callbox.record import Record
from callbox.task import Options, Task
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from callbox.catalogue import Behaviour
    from callbox.subject import Subject

TRIES = 3
"""Of a check that is inconclusive: the machine may have been short of something."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A hand-in that is to be judged."""

    key: str
    """its student's"""
    options: Options
    only: tuple[str, ...] = ()
    """globs of behaviours; none: all of them"""

    def wants(self, behaviour: Behaviour) -> bool:
        """Is this one of those that are to be judged?"""
        return not self.only or any(fnmatch(behaviour.id, glob) for glob in self.only)


@dataclass(frozen=True, slots=True)
class Begun:
    """It is being judged."""

    planned: int
    """checks"""
    tier: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """It cannot be judged, and why: its own fault."""

    why: str


News: TypeAlias = Begun | Refused | Record
Judging: TypeAlias = "Callable[[Paper], Iterator[News]]"


def judging() -> Judging:
    """What a process that judges hand-ins does."""
    return judge


def judge(paper: Paper) -> Iterator[News]:
    """All that becomes of a hand-in."""
    try:
        bench = Bench(Task.of(paper.options))
    except SubmissionError as error:
        yield Refused(str(error))
        return
    with bench:
        plan = [row for row in bench.plan() if paper.wants(row[0])]
        yield Begun(len(plan), str(bench.tier), tuple(bench.notes))
        for behaviour, subject in plan:
            yield conclusive(bench, behaviour, subject)


def conclusive(bench: Bench, behaviour: Behaviour, subject: Subject) -> Record:
    """A record, after so many tries at most."""
    for _ in range(TRIES - 1):
        record = bench.record(behaviour, subject)
        if record.verdict is not Verdict.INCONCLUSIVE:
            return record
    return bench.record(behaviour, subject)
