"""What a server answers."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from callbox.line import End
from callbox.models import hold_conversations
from callbox.payload import caseless
from suites.tcp_server.model import Conversation

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.models import OpenServer
    from callbox.payload import Payload
    from callbox.server import Server

MESSAGES = 100
LETTERS, DIGITS = string.ascii_letters.encode(), string.digits.encode()


def test_upper_cases_ascii(server: Server, payload: Payload) -> None:
    with server.dial() as line:
        line.send(word := payload.word().encode())
        line.expect(server.answer_to(word))


def test_leaves_the_rest_alone(server: Server, payload: Payload, terms: Terms) -> None:
    blanks = b" \t\r\n"  # where strip() would look for them
    every = payload.shuffled(bytes(range(128)))[: terms.recv_size - 2 * len(blanks)]
    with server.dial() as line:
        line.send(message := blanks + every + blanks)
        line.expect(server.answer_to(message))


def test_keeps_utf8_text_whole(server: Server, payload: Payload, terms: Terms) -> None:
    with server.dial() as line:
        line.send(text := payload.text(terms.recv_size).encode(terms.encoding, "ignore"))
        line.expect(server.answer_to(text))


def test_upper_cases_bytes_not_text(server: Server, payload: Payload, terms: Terms) -> None:
    with server.dial() as line:
        line.send(text := f"{payload.word(1)} é ß ÿ É À".encode(terms.encoding, "ignore"))
        line.expect(server.answer_to(text))


def test_answers_with_as_many_bytes(server: Server, payload: Payload, terms: Terms) -> None:
    with server.dial() as line:
        line.send(message := payload.ascii(1 + payload.below(terms.recv_size // 2)))
        line.expect(server.answer_to(message))
        line.half_close()  # most end the conversation now, and what they have added comes before that
        line.expect_silence()


def test_answers_only_when_spoken_to(server: Server, payload: Payload) -> None:
    with server.dial() as line:
        line.expect_silence()
        line.send(word := payload.word().encode())
        line.take(len(word))
        line.expect_silence()
        line.half_close()
        line.expect_silence()


def test_answers_any_bytes(server: Server, payload: Payload, terms: Terms) -> None:
    no_text = b"\xff\xa0\xe4\xbf\xc3"  # a byte that text has nowhere, the end of a character, halves of two
    with server.dial() as line:
        message = caseless(payload.word(3).encode() + no_text + payload.octets(20), terms.encoding)[: terms.recv_size]
        line.send(message)
        line.expect(server.answer_to(message))


def test_answers_every_message_in_turn(server: Server, payload: Payload, terms: Terms) -> None:
    with server.dial() as line:
        for _ in range(MESSAGES):
            line.send(message := payload.ascii(2 + payload.below(terms.recv_size // 2)))
            line.expect(server.answer_to(message))


def test_answers_the_same_however_it_is_cut(server: Server, payload: Payload, terms: Terms) -> None:
    size = terms.recv_size
    with server.dial() as line:
        for step in (size, size - 1, size + 1, 4 * size, 1 + payload.below(size)):
            wanted = server.answer_in_pieces(message := payload.ascii(4 * size))
            for start in range(0, len(message), step):
                line.send(message[start : start + step])
            line.expect(wanted)
        quit_word = terms.quit_word.encode(terms.encoding)  # ends a client, and is a message like any other to a server
        for byte in (letters := payload.shuffled(bytes(set(LETTERS) - set(quit_word)))):
            line.send(bytes([byte]))
        line.expect(server.answer_in_pieces(letters))
        for short in (quit_word, *(bytes([digit]) for digit in DIGITS)):  # each taken for itself, as each is waited for
            line.send(short)
            line.expect(server.answer_to(short))


def test_answers_after_the_client_has_said_its_last(server: Server, payload: Payload) -> None:
    with server.stopped():
        line = server.dial()
        line.send_last(word := payload.word().encode())
    with line:
        line.expect(server.answer_to(word))
        line.expect_end(End.FIN)


def test_any_conversation(servers: OpenServer, payload: Payload) -> None:
    hold_conversations(Conversation, servers, payload)
