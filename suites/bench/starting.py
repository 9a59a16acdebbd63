"""Programs for the tests of the bench: a few lines of Python, started in a box."""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress
from textwrap import dedent
from typing import TYPE_CHECKING, Self, TypeVar

from callbox import assignment
from callbox.languages import find_python
from callbox.launch import Launch
from callbox.program import Program
from callbox.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import ExitStack

    from callbox.booth import Lobby
    from callbox.limits import Limits

T = TypeVar("T")

PYTHON = find_python()
PATIENCE = 60.0
"""Seconds for what must happen: a bound for broken code, not for slow machines."""


def python(source: str, files: Mapping[str, bytes] | None = None, limits: Limits | None = None) -> Launch:
    """How a program with this source is started."""
    content = {"program.py": (dedent(source).encode(), 0o644)}
    content |= {name: (data, 0o644) for name, data in (files or {}).items()}
    env = {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return Launch("program.py", (PYTHON.path, "program.py"), content, PYTHON.read_only, env, limits)


class Starter:
    """Starts programs that end with the test."""

    def __init__(self, lobby: Lobby, stack: ExitStack) -> None:
        self.lobby = lobby
        self.stack = stack

    def __call__(self, source: str, *, limits: Limits | None = None, piped: bool = False) -> Program:
        """A program, started; where it stands then is not known."""
        launch = python(source, limits=limits)
        program = self.stack.enter_context(Program(self.lobby, launch, piped=piped, patience=PATIENCE))
        program.start()
        return program

    def ready(self, source: str, *, limits: Limits | None = None, piped: bool = False) -> Program:
        """A program that has come to print `ready`."""
        program = self(source, limits=limits, piped=piped)
        program.expect_printed("ready")
        return program

    def server(self, source: str, role: str = "tcp-forever-server") -> Server:
        """A server that listens; HOST and PORT are defined for it."""
        terms = assignment.load().terms(role)
        launch = python(f"HOST, PORT = {terms.host!r}, {terms.port!r}\n{dedent(source)}")
        server = self.stack.enter_context(Server(self.lobby, launch, terms, patience=PATIENCE))
        server.start(*([terms.path] if terms.path else []))
        return server


def comes_to(look: Callable[[], T], wanted: T) -> bool:
    """Does it come to be so? The kernel may deliver a packet a little later than it was sent."""
    until = time.monotonic() + PATIENCE
    while look() != wanted and time.monotonic() < until:
        os.sched_yield()
    return look() == wanted


class Watched:
    """Processes whose end is waited for; some may have ended before anybody watched."""

    def __init__(self, pids: Iterable[int]) -> None:
        self.fds: list[int] = []
        for pid in pids:
            with suppress(ProcessLookupError):
                self.fds.append(os.pidfd_open(pid))

    def wait_until_dead(self) -> None:
        """Come back when all have ended; pytest's own timeout is for when they never do."""
        for fd in self.fds:
            select.select([fd], [], [])

    def are_dead(self) -> bool:
        """Have all ended already?"""
        return len(select.select(self.fds, [], [], 0)[0]) == len(self.fds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for fd in self.fds:
            os.close(fd)
