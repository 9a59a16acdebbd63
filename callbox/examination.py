"""Judges everything that is demanded of the programs of a task, in several processes, and gives the records as they come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from callbox.bench import Bench
from callbox.crew import Crew, Done
from callbox.record import Record
from callbox.saying import say
from callbox.subject import Outcome
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from callbox.catalogue import Behaviour
    from callbox.probe import Tier
    from callbox.subject import Subject
    from callbox.task import Task


@dataclass(frozen=True)
class Examination:
    """What will be judged, and how."""

    task: Task
    """its programs all have a role"""
    plan: tuple[tuple[Behaviour, Subject], ...]
    notes: tuple[str, ...]
    tier: Tier

    @classmethod
    def of(cls, task: Task) -> Examination:
        """Look at the programs of a task. Raises SubmissionError where a role cannot be told, and BoothError where the
        machine gives no box."""
        with Bench(task) as bench:
            known = replace(task, programs=tuple(bench.programs), notes=())
            return cls(known, tuple(bench.plan()), tuple(bench.notes), bench.tier)

    def records(self, jobs: int) -> Iterator[Record]:
        """Judge, in so many processes, and give each record as it comes: one for each row of the plan."""
        crew: Crew[int, Record] = Crew(partial(judging, self.task), jobs, fresh=False)
        for row, item in crew.run(self._longest_first()):
            if not isinstance(item, Done):
                yield item
            elif item.trouble:
                yield inconclusive(*self.plan[row], item.trouble)

    def _longest_first(self) -> list[int]:
        """Rows of the plan: first those of checks that start a program many times, so that nobody waits for them alone."""
        return sorted(range(len(self.plan)), key=lambda row: self.plan[row][0].name != "any_conversation")


def judging(task: Task) -> Callable[[int], Iterator[Record]]:
    """A bench, ready to judge a row of its plan."""
    bench = Bench(task)
    plan = bench.plan()
    return lambda row: iter([bench.record(*plan[row])])


def inconclusive(behaviour: Behaviour, subject: Subject, trouble: str) -> Record:
    """A record of what the bench could not judge."""
    outcome = Outcome(Verdict.INCONCLUSIVE, reason=say("the bench failed: {trouble}", trouble=trouble))
    return Record(subject.name, subject.terms.role.name, behaviour.id, behaviour.level, outcome, 0)
