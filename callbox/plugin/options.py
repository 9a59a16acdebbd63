"""Options of the command line, and what they stand for."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from callbox import assignment as assignments
from callbox import catalogue as catalogues
from callbox import submission as submissions
from callbox.booth import Isolation
from callbox.patience import PATIENCE
from callbox.plugin.home import HOUSE

if TYPE_CHECKING:
    import pytest

    from callbox.assignment import Assignment
    from callbox.catalogue import Catalogue
    from callbox.submission import ProgramSource

REFERENCE, SUITES = HOUSE / "reference", HOUSE / "suites"
SEEDS = 1 << 32


def add_options(parser: pytest.Parser) -> None:
    """The options that are ours."""
    group = parser.getgroup("callbox", "socket programs under test")
    group.addoption(
        "--submission", metavar="PATH", help="a program, or a folder of them; without it: the reference programs"
    )
    group.addoption(
        "--behaviours", nargs="?", const="list", choices=["list", "table"], help="list all that can be judged, and stop"
    )
    group.addoption(
        "--against", metavar="PATH", help="another submission, for it to talk with; without it: the reference programs"
    )
    group.addoption(
        "--family",
        choices=assignments.FAMILIES,
        help="judge at the loopback address of ipv4 or ipv6 (default: as assigned)",
    )
    group.addoption("--role", help="what the program is: tcp-once-server, udp-client, …")
    group.addoption(
        "--python", metavar="PATH", help="the interpreter for .py programs (default: the one that runs callbox)"
    )
    group.addoption(
        "--assignment", metavar="FILE", help="a TOML file with the numbers and words that differ from the tutorial's"
    )
    group.addoption("--seed", type=int, help="repeat a run with the random messages of an earlier one")
    group.addoption(
        "--patience",
        type=float,
        default=PATIENCE,
        metavar="SECONDS",
        help="the longest wait for a program (default %(default)s)",
    )
    group.addoption(
        "--isolation", type=Isolation, choices=list(Isolation), default=Isolation.AUTO,
        help="a box for each program (booth), none (host), or the best that the machine gives (auto, the default)",
    )  # fmt: skip
    group.addoption("--lang", choices=catalogues.LANGUAGES, default="en", help="the language of explanations")


@dataclass(frozen=True)
class Task:
    """What a run is about: which programs are judged, by which terms."""

    assignment: Assignment
    catalogue: Catalogue
    programs: tuple[ProgramSource, ...]
    reference: tuple[ProgramSource, ...]
    others: tuple[ProgramSource, ...]
    """of another submission, for them to talk with"""
    notes: tuple[str, ...]
    seed: int

    @classmethod
    def of(cls, config: pytest.Config) -> Task:
        """From the command line. Raises ValueError with one line a mistake."""
        option = config.option
        file = Path(option.assignment) if option.assignment else None
        path = Path(option.submission) if option.submission is not None else REFERENCE
        found = submissions.find(path, role=option.role, python=option.python)
        reference = submissions.find(REFERENCE).programs
        others = submissions.find(Path(option.against), python=option.python) if option.against is not None else None
        return cls(
            assignments.load(file).over(option.family),
            catalogues.load(SUITES),
            found.programs,
            reference,
            others.programs if others else (),
            (*found.notes, *(others.notes if others else ())),
            seed_of(config),
        )


def seed_of(config: pytest.Config) -> int:
    """The seed of this run; that of the controller in its workers."""
    if hasattr(config, "workerinput"):
        return int(config.workerinput["callbox_seed"])
    if config.option.seed is None:
        config.option.seed = random.SystemRandom().randrange(SEEDS)
    return int(config.option.seed)
