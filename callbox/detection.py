"""What a program is, when no name says so: found by starting it and looking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from callbox.assignment import ROLES, Assignment, Terms
from callbox.client import Client
from callbox.intake import SubmissionError, plain
from callbox.kernel.sockets import State
from callbox.verdict import Mismatch
from callbox.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from callbox.booth import Lobby
    from callbox.submission import ProgramSource

PATIENCE = 5.0
"""Seconds to look at a program whose silence cannot be proven."""
OF_KIND = {"tcp": "tcp-forever-server", "udp": "udp-server", "unix": "unix-server"}
"""What a server is that listens where no role of its kind does."""


def with_roles(
    lobby: Lobby, assignment: Assignment, programs: Iterable[ProgramSource]
) -> tuple[list[ProgramSource], list[str]]:
    """The programs, each with a role, and what was guessed. Raises SubmissionError where looking tells nothing."""
    found, notes = [], []
    for program in programs:
        if program.role is None:
            role = find_role(lobby, assignment, program)
            notes.append(f"{program.name}: taken for {role}, by what it does; if that is wrong, say --role ROLE")
            program = replace(program, role=role)  # noqa: PLW2901 - the same program, with its role
        found.append(program)
    return found, notes


def find_role(lobby: Lobby, assignment: Assignment, program: ProgramSource) -> str:
    """The role of a program, of those that its names allow."""
    allowed = [assignment.terms(name) for name in program.may_be or ROLES]
    try:
        launch = Workshop(lobby).launch(program)
    except Mismatch as mismatch:
        said = plain(mismatch.story.got.splitlines()[0])
        raise SubmissionError(f"{program.name}: {mismatch}, and so it cannot be told what it is: {said}") from None
    with Looked(lobby, launch, allowed[0], patience=PATIENCE) as look:
        look.start(*(["server.sock"] if all(terms.path for terms in allowed) else []))
        role = look.role(allowed)
    if role is None:
        doing = f"; it ended having said: {look.said}" if look.said else ""
        names = ", ".join(terms.role.name for terms in allowed)
        raise SubmissionError(f"{program.name}: cannot tell what it is{doing}; say --role ROLE, one of {names}")
    return role


class Looked(Client):
    """A program that is only looked at: no server of ours is there to answer it."""

    said = ""

    def role(self, allowed: list[Terms]) -> str | None:
        """What it turns out to be."""
        self.wait_for(self._shows_itself)
        if not self._shows_itself() and not self.ended():
            self.type("hello")
            self.wait_for(self._shows_itself)
        self.said = plain((self.output.strip().splitlines() or [""])[-1][:200])
        return self._as_server(allowed) or self._as_client(allowed)

    def targets(self) -> list[tuple[str, int]]:
        """Where it has dialled or sent datagrams to so far."""
        return [packet.target for packet in self.wire.take_in() if packet.opens or packet.kind == "udp"]

    def _shows_itself(self) -> bool | None:
        return True if self.targets() or self._bound() else None

    def _bound(self) -> list[tuple[str, int]]:
        """Kinds and ports at which it listens, or is bound without having sent anything (a client's port comes by sending)."""
        return [
            (end.kind, end.port)
            for kind in OF_KIND
            for end in self.listeners(kind)
            if kind != "udp" or not self.targets()
        ]

    def _as_server(self, allowed: list[Terms]) -> str | None:
        for kind, port in self._bound():
            servers = [terms for terms in allowed if terms.role.side == "server" and terms.role.kind == kind]
            at_home = [terms.role.name for terms in servers if terms.port == port]
            usual = [terms.role.name for terms in servers if terms.role.name == OF_KIND[kind]]
            return next(iter(at_home or usual or [terms.role.name for terms in servers]), None)
        return None

    def _as_client(self, allowed: list[Terms]) -> str | None:
        clients = [terms for terms in allowed if terms.role.side == "client"]
        packets = [packet for packet in self.wire.take_in() if packet.target in self.targets()]
        for packet in packets:
            of_kind = [terms for terms in clients if terms.role.kind == packet.kind]
            at_home = [terms.role.name for terms in of_kind if terms.port == packet.target[1]]
            return next(iter(at_home or [terms.role.name for terms in of_kind]), None)
        return "unix-client" if any(terms.role.kind == "unix" for terms in clients) and self._tried_a_path() else None

    def _tried_a_path(self) -> bool:
        return any(end.state is not State.LISTEN for end in self.sockets("unix"))
