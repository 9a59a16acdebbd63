"""Everything that is set up to judge the programs of a task: the lobby, their roles, the judge."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from callbox.booth import Isolation, Lobby
from callbox.detection import with_roles
from callbox.home import SUITES
from callbox.judge import Judge
from callbox.probe import Tier, choose_isolation
from callbox.record import Record
from callbox.subject import Subject
from callbox.suite import load_checks
from callbox.verdict import MISSED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from callbox.catalogue import Behaviour
    from callbox.submission import ProgramSource
    from callbox.task import Task


class Bench:
    """One process's bench. It is closed when it is done with, and everything that it started is dead then."""

    def __init__(self, task: Task) -> None:
        """Raises SubmissionError where a program's role cannot be told, and BoothError where the machine gives no box."""
        self.task = task
        self.tier: Tier = choose_isolation(task.isolation)
        self.lobby = Lobby(isolated=self.tier.isolation is Isolation.BOOTH)
        try:
            self.programs, guesses = with_roles(self.lobby, task.assignment, task.programs)
            others, more = with_roles(self.lobby, task.assignment, task.others)
        except BaseException:
            self.lobby.close()
            raise
        self.notes = [*task.notes, *guesses, *more]
        self.subjects = self._subjects(self.programs)
        self.judge = Judge(
            self.lobby,
            task.catalogue,
            load_checks(SUITES),
            seed=task.seed,
            patience=task.patience,
            reference=self._subjects(task.reference),
            others=self._subjects(others),
        )

    def _subjects(self, sources: Iterable[ProgramSource]) -> list[Subject]:
        return [Subject(source, self.task.assignment.terms(source.role or "")) for source in sources]

    def plan(self) -> list[tuple[Behaviour, Subject]]:
        """What is judged, a program after the other: what its own suite demands, and then what others do."""
        return [
            (behaviour, subject)
            for subject in self.subjects
            for behaviour in sorted(
                self.task.catalogue.for_role(subject.terms.role.name),
                key=lambda behaviour: behaviour.suite != subject.terms.role.suite,
            )
        ]

    def record(self, behaviour: Behaviour, subject: Subject) -> Record:
        """Judge one behaviour of one program."""
        began = time.monotonic()
        outcome, row = self.judge.decide(behaviour, subject)
        seconds = time.monotonic() - began
        model = self.judge.model(behaviour, subject, row) if outcome.verdict in MISSED else None
        return Record(
            subject.name,
            subject.terms.role.name,
            behaviour.id,
            behaviour.level,
            outcome,
            seconds,
            model,
        )

    def close(self) -> None:
        """End the lobby."""
        self.lobby.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
