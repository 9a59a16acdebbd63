"""What a run is about: which programs are judged, by which terms, and how."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from callbox import assignment as assignments
from callbox import catalogue as catalogues
from callbox import submission as submissions
from callbox.booth import Isolation
from callbox.home import REFERENCE, SUITES
from callbox.patience import PATIENCE

if TYPE_CHECKING:
    from callbox.assignment import Assignment
    from callbox.catalogue import Catalogue
    from callbox.submission import ProgramSource

SEEDS = 1 << 32


@dataclass(frozen=True)
class Options:
    """What can be said of a run, on any command line."""

    submission: str | None = None
    """a path; None for the reference programs"""
    role: str | None = None
    python: str | None = None
    assignment: str | None = None
    family: str | None = None
    against: str | None = None
    seed: int | None = None
    patience: float = PATIENCE
    isolation: Isolation = Isolation.AUTO


@dataclass(frozen=True)
class Task:
    """The programs of a run, and everything that decides their verdicts."""

    assignment: Assignment
    catalogue: Catalogue
    programs: tuple[ProgramSource, ...]
    reference: tuple[ProgramSource, ...]
    others: tuple[ProgramSource, ...]
    """of another submission, for them to talk with"""
    notes: tuple[str, ...]
    seed: int
    patience: float
    isolation: Isolation

    @classmethod
    def of(cls, options: Options) -> Task:
        """From the command line. Raises ValueError with one line a mistake."""
        assignment = assignments.load(Path(options.assignment) if options.assignment else None)
        path = Path(options.submission) if options.submission is not None else REFERENCE
        asked = assignment.asks_for if options.submission is not None else ()
        found = submissions.find(path, role=options.role, python=options.python, asked=asked)
        reference = submissions.find(REFERENCE).programs
        others = submissions.find(Path(options.against), python=options.python) if options.against is not None else None
        return cls(
            assignment.over(options.family),
            catalogues.load(SUITES),
            found.programs,
            reference,
            others.programs if others else (),
            (*found.notes, *(others.notes if others else ())),
            a_seed() if options.seed is None else options.seed,
            options.patience,
            options.isolation,
        )


def a_seed() -> int:
    """A new one."""
    return random.SystemRandom().randrange(SEEDS)
