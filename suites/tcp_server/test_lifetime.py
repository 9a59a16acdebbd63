"""How long a server lives, and how many clients it serves."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from callbox.line import End

if TYPE_CHECKING:
    from callbox.line import Line
    from callbox.payload import Payload
    from callbox.server import Server

NEXT = 5
"""Clients one after the other."""
SEVERAL, MANY = 5, 50
"""Clients at the same time."""


def test_ends_after_one_answer(server: Server, payload: Payload) -> None:
    with server.dial() as line:
        line.send(word := payload.word().encode())
        line.expect(server.answer_to(word))
        line.expect_end(End.FIN)
    server.expect_exit(0)


def test_says_nothing_more_after_the_answer(server: Server, payload: Payload) -> None:
    with server.dial() as line:
        line.send(word := payload.word().encode())
        line.expect(server.answer_to(word))
        line.send(payload.word().encode())
        line.expect_silence()


def test_serves_the_next_client(server: Server, payload: Payload) -> None:
    for _ in range(NEXT):
        with server.dial() as line:
            line.send(word := payload.word().encode())
            line.expect(server.answer_to(word))


def test_serves_one_at_a_time(server: Server, payload: Payload) -> None:
    with server.dial() as first:
        first.send(word := payload.word().encode())
        first.expect(server.answer_to(word))
        with server.dial() as second:
            second.send(word := payload.word().encode())
            second.expect_silence()
            first.close()
            second.expect(server.answer_to(word))


def test_serves_several_at_once(server: Server, payload: Payload) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(server.dial()) for _ in range(SEVERAL)]
        talk_in_reverse(server, lines, payload)


def test_serves_many_at_once(server: Server, payload: Payload) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(server.dial())]
        # A queue that is full keeps callers waiting for seconds: whoever does not take them off it is asked at once.
        while len(lines) < MANY and server.catches_up(server.listener.sending // 2):
            lines.append(stack.enter_context(server.dial()))
        talk_in_reverse(server, lines, payload)


def talk_in_reverse(server: Server, lines: list[Line], payload: Payload) -> None:
    """The last who came speaks first, while all who came before are silent."""
    for line in reversed(lines):
        line.send(word := payload.word().encode())
        line.expect(server.answer_to(word))


def test_stops_on_ctrl_c(server: Server) -> None:
    server.interrupt()
    server.expect_exit()


def test_prints_what_the_client_said(server: Server, payload: Payload) -> None:
    with server.dial() as line:
        line.send(word := payload.word().encode())
        line.expect_something(len(word))
    server.expect_printed(word.decode())
