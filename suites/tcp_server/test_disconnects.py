"""What becomes of a server whose clients leave, each in its own way. After each rude client a polite one must be served."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from callbox.kernel import processes
from callbox.kernel.sockets import State
from callbox.line import Line
from callbox.saying import say
from callbox.story import Story
from callbox.tracebacks import UNCAUGHT
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from callbox.assignment import Terms
    from callbox.payload import Payload
    from callbox.server import Server

NO_TEXT = b"\xc3\xe4\xbf\xff"
"""Half characters and an impossible byte; it comes last, so that nobody waits for the rest of a character."""
FLOOD = 16 << 20
"""Bytes sent at most to see a server stop reading: some right ones store what they cannot send."""
CLIENTS = 200
RUSH = 5
"""Times that what depends on the moment is done."""


def talk(server: Server, line: Line, payload: Payload) -> None:
    """Say a word, and hear the answer."""
    line.send(word := payload.word().encode())
    line.expect(server.answer_to(word))


@contextmanager
def rude(server: Server, payload: Payload) -> Iterator[Line]:
    """A client that may do what it likes, and after it a polite one that must be served."""
    with server.dial() as line:
        yield line
    server.lets_go(line)  # what it does about that, it has begun to do
    server.expect_service(payload.word().encode())


def test_survives_a_close(server: Server, payload: Payload) -> None:
    with rude(server, payload) as line:
        talk(server, line, payload)
        line.close()


def test_survives_a_close_without_a_word(server: Server, payload: Payload) -> None:
    with rude(server, payload) as line:
        line.close()
    with rude(server, payload) as line:
        server.accepts(line)
        line.close()


def test_survives_a_reset(server: Server, payload: Payload) -> None:
    with rude(server, payload) as line:
        talk(server, line, payload)
        line.reset()


def test_survives_a_reset_before_a_word(server: Server, payload: Payload) -> None:
    with server.stopped(), server.dial() as line:
        line.reset()  # while it is in the queue
    with rude(server, payload) as line:
        server.accepts(line)
        line.reset()


def test_survives_a_reset_with_an_answer_on_its_way(server: Server, payload: Payload, terms: Terms) -> None:
    messages = payload.ascii(3 * terms.recv_size)  # the first answer meets ECONNRESET, the next one EPIPE
    for leave in [Line.reset, Line.close] * RUSH:
        with rude(server, payload) as line:
            server.accepts(line)
            with server.stopped():
                line.send(messages)
                leave(line)


def test_survives_a_client_that_stops_reading(server: Server, payload: Payload, terms: Terms) -> None:
    with rude(server, payload) as line:
        line.flood(payload.ascii(20 * terms.recv_size), FLOOD)
        if terms.role.lives == "concurrent":
            server.expect_service(payload.word().encode())
        line.close()


def test_survives_undecodable_bytes(server: Server, payload: Payload) -> None:
    with rude(server, payload) as line:
        line.send(payload.word().encode() + NO_TEXT)
        line.half_close()
        line.read_to_the_end()


def test_survives_many_rude_clients(server: Server, payload: Payload, terms: Terms) -> None:
    sayings = [b"", b"", payload.word().encode(), NO_TEXT, payload.ascii(3 * terms.recv_size)]
    for _ in range(CLIENTS):
        with server.dial() as line:
            line.send(payload.chance.choice(sayings))
            payload.chance.choice([Line.close, Line.reset, Line.half_close])(line)
            if not server.catches_up(server.listener.sending // 2):
                break
    server.expect_service(payload.word().encode())


def test_ends_when_its_client_closes(server: Server, payload: Payload) -> None:
    with server.dial() as line:
        talk(server, line, payload)
    server.expect_exit(0)


@pytest.mark.parametrize("leave", [pytest.param(Line.close, id="FIN"), pytest.param(Line.reset, id="RST")])
def test_ends_when_its_client_leaves_without_a_word(server: Server, leave: Callable[[Line], None]) -> None:
    with server.dial() as line:
        leave(line)
    server.expect_exit()


def test_ends_when_its_client_resets(server: Server, payload: Payload) -> None:
    with server.dial() as line:
        talk(server, line, payload)
        line.reset()
    server.expect_exit(0)
    server.expect_no_traceback(UNCAUGHT)  # of a thread, whose exceptions change no exit status


def test_lets_go_of_a_client_that_left(server: Server, payload: Payload) -> None:
    half, early = CLIENTS // 2, 0
    for number in range(CLIENTS):
        if number == half:  # a pool of workers has its full size by now
            early = held(server)
        with server.dial() as line:
            talk(server, line, payload)
    if not server.wait_for(lambda: not left_open(server) or None):
        cause = say("it has not closed its side of a conversation that the client has ended: CLOSE_WAIT")
        raise Mismatch(Story.tell(server, say("its side is closed too"), say("it is not: CLOSE_WAIT"), cause))
    if not server.wait_for(lambda: held(server) < early + half // 2 or None):
        grown = say(
            "it holds {number} more open files, threads and processes after {clients} clients that have left",
            number=held(server) - early,
            clients=half,
        )
        raise Mismatch(Story.tell(server, say("it keeps nothing of a client that left"), grown, grown))


def held(server: Server) -> int:
    """Its open files, threads and processes."""
    pids = server.processes()
    return len(pids) + len(processes.threads(pids)) + sum(len(processes.open_files(pid)) for pid in pids)


def left_open(server: Server) -> bool:
    """Has it a connection that only the client has closed?"""
    return any(end.state is State.CLOSE_WAIT for end in server.sockets("tcp"))


def test_rests_when_nobody_speaks(server: Server, payload: Payload) -> None:
    server.expect_rest()
    with server.dial() as line:
        line.send(word := payload.word().encode())
        line.take(len(word))
        server.expect_rest()
    server.expect_rest()


def test_keeps_conversations_apart(server: Server, payload: Payload, terms: Terms) -> None:
    half = payload.wide(1, terms.encoding).encode(terms.encoding)[:1]
    for said in (half, payload.word().encode(), payload.ascii(3 * terms.recv_size)):
        with server.dial() as first:
            first.send(said)
            first.half_close()
            first.read_to_the_end()
        expect_only_its_own(server, payload)
    with server.stopped(), server.dial() as first:
        first.send(payload.ascii(3 * terms.recv_size))
        first.reset()
    expect_only_its_own(server, payload)
    if terms.role.lives == "concurrent":
        with server.dial() as first, server.dial() as second:
            for line in (first, second, first, second, second, first):
                talk(server, line, payload)


def expect_only_its_own(server: Server, payload: Payload) -> None:
    """Those who come hear the answers to what they say, and nothing more."""
    for _ in range(2):  # a waiting accept has its file already: what is kept by a file's number, reaches the one after
        with server.dial() as line:
            talk(server, line, payload)
            line.half_close()
            line.expect_silence()
