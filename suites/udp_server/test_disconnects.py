"""How a server takes it that clients leave, stay silent, or come by the hundred."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox.kernel import processes
from callbox.patience import QUIET
from callbox.saying import say
from callbox.story import Story
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from callbox.payload import Payload
    from callbox.server import Server

EARLY, CLIENTS, EACH = 20, 100, 10
"""Clients after which a pool of workers is full, clients in all, and what each of them says."""
TOLERATED = 40
"""Open files, threads and processes that may come on: pools grow slowly."""


def test_survives_a_client_that_left(server: Server, payload: Payload) -> None:
    with server.stopped():  # so that each is gone before its answer comes
        for _ in range(3):
            with server.port() as rude:
                rude.send(payload.word().encode())
    with server.port() as polite:
        polite.send(word := payload.word().encode())
        polite.expect(server.answer_to(word))


def test_rests_when_nobody_speaks(server: Server, payload: Payload) -> None:
    server.expect_rest()
    with server.port() as line:
        line.send(payload.word().encode())
        line.perhaps()
    server.expect_rest()


def test_keeps_going(server: Server, payload: Payload) -> None:
    early = 0
    for number in range(CLIENTS):
        if number == EARLY:
            early = held(server)
        with server.port() as line:
            for _ in range(EACH):
                line.send(word := payload.word().encode())
                line.expect(server.answer_to(word))
    if not server.wait_for(lambda: held(server) <= early + TOLERATED or None, patience=QUIET):
        grown = say(
            "it holds {number} more open files, threads and processes after {datagrams} datagrams",
            number=held(server) - early,
            datagrams=CLIENTS * EACH,
        )
        raise Mismatch(Story.tell(server, say("it holds no more than before"), grown, grown))


def held(server: Server) -> int:
    """Its open files, threads and processes."""
    pids = server.processes()
    return len(pids) + len(processes.threads(pids)) + sum(len(processes.open_files(pid)) for pid in pids)
