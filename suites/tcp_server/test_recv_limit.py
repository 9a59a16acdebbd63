"""How much a server takes at a time, and what becomes of a message that is longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from callbox import receiving
from callbox.patience import QUIET
from callbox.saying import say
from callbox.verdict import NotJudged

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.payload import Payload
    from callbox.server import Server


def test_reads_at_most_1024_at_a_time(server: Server, payload: Payload, terms: Terms) -> None:
    with server.dial() as line:
        if terms.role.lives != "once":  # its one message would end the conversation
            line.send(word := payload.word().encode())
            line.expect_something(len(word))
        if (end := server.wait_for(lambda: server.other_end(line))) is None:
            raise NotJudged(say("it does not take the call"))
        inode = end.inode
        if asked := server.wait_for(lambda: server.asked_lengths(inode) or None, patience=QUIET):
            receiving.expect_length(server, terms.recv_size, asked)
            return
    with server.traced() as traced, traced.dial() as line:
        if (own := traced.wait_for(lambda: traced.other_end(line))) is None:
            raise NotJudged(say("it does not take the call"))
        line.send(message := payload.ascii(4 * terms.recv_size))
        line.take(len(message))
        receiving.expect_traced_length(traced, terms.recv_size, own.inode)


@pytest.mark.parametrize(
    "times",
    [
        pytest.param(0, id="one byte more"),
        pytest.param(1, id="twice as much"),
        pytest.param(20, id="twenty times as much"),
    ],
)
def test_answers_the_first_1024_of_a_long_message(server: Server, payload: Payload, terms: Terms, times: int) -> None:
    with server.dial() as line:
        message = payload.ascii(terms.recv_size * (1 + times) + 1)
        line.send(message)  # at once: over loopback it is one segment
        server.has_its_say(line)
        line.expect(server.answer_to(message[: terms.recv_size]))
        line.expect_end()  # FIN, or RST for what it has not read


def test_answers_a_long_message_in_pieces(server: Server, payload: Payload, terms: Terms) -> None:
    with server.dial() as line:
        for size in (terms.recv_size + 1, 20 * terms.recv_size, 200 * terms.recv_size):
            message = payload.ascii(size)
            wanted = server.answer_in_pieces(message)
            line.send(message)
            line.expect(wanted)


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param(-1, id="one byte less"),
        pytest.param(0, id="exactly"),
        pytest.param(1, id="one byte more"),
    ],
)
def test_answers_exactly_1024(server: Server, payload: Payload, terms: Terms, extra: int) -> None:
    with server.dial() as line:
        line.send(message := payload.ascii(terms.recv_size + extra))
        if terms.role.lives == "once":
            server.has_its_say(line)
        line.expect(server.answer_to(message[: terms.recv_size]))
        if extra > 0 and terms.role.lives != "once":
            line.expect(server.answer_to(message[terms.recv_size :]))
        line.half_close()
        line.expect_silence()


def test_survives_a_character_cut_in_two(server: Server, payload: Payload, terms: Terms) -> None:
    with server.dial() as line:
        line.send(cut_in_two(payload, terms))
        line.half_close()
        line.read_to_the_end()
    server.expect_service(payload.word().encode())


def test_answers_a_character_cut_in_two(server: Server, payload: Payload, terms: Terms) -> None:
    with server.dial() as line:
        line.send(text := cut_in_two(payload, terms))
        line.expect(server.answer_in_pieces(text))


def cut_in_two(payload: Payload, terms: Terms) -> bytes:
    """Text of which one recv takes all but the end of its last character."""
    if not (wide := payload.wide(1, terms.encoding).encode(terms.encoding)):
        raise NotJudged(say("{encoding} has no characters of several bytes that we know", encoding=terms.encoding))
    return payload.ascii(terms.recv_size - 1) + wide
