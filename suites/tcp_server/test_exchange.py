"""What a server answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callbox.payload import Payload
    from callbox.server import Server


def test_upper_cases_ascii(server: Server, payload: Payload) -> None:
    with server.dial() as line:
        line.send(word := payload.word().encode())
        line.expect(server.answer_to(word))


def test_answers_only_when_spoken_to(server: Server, payload: Payload) -> None:
    with server.dial() as line:
        line.expect_silence()
        line.send(word := payload.word().encode())
        line.expect(server.answer_to(word))
        line.expect_silence()
