"""Options of the command line, and what they stand for."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from callbox import assignment as assignments
from callbox import catalogue as catalogues
from callbox import language
from callbox.booth import Isolation
from callbox.patience import PATIENCE
from callbox.task import Options, Task, a_seed

if TYPE_CHECKING:
    import pytest


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
    group.addoption(
        "--lang", choices=catalogues.LANGUAGES, default=language.of_locale(), help="the language of explanations"
    )


def task_of(config: pytest.Config) -> Task:
    """What the command line asks for; workers have the seed of the controller. Raises ValueError with one line a mistake."""
    option = config.option
    if hasattr(config, "workerinput"):
        option.seed = int(config.workerinput["callbox_seed"])
    elif option.seed is None:
        option.seed = a_seed()
    names = [field.name for field in fields(Options)]
    return Task.of(Options(**{name: getattr(option, name) for name in names}))
