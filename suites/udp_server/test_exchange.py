"""What a server answers, to whom, and from where."""

from __future__ import annotations

import socket
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING

from callbox.events import written
from callbox.models import hold_conversations
from callbox.payload import caseless
from callbox.saying import say
from callbox.story import Story
from callbox.verdict import Mismatch, NotJudged
from suites.udp_server.model import Conversation

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.line import DatagramLine
    from callbox.models import OpenServer
    from callbox.payload import Payload
    from callbox.server import Server

CLIENTS = 4
BURST = 100
"""Short datagrams that wait at once: each takes less than 1 KiB of a receive buffer, which has 208 KiB by default."""


def test_upper_cases_ascii(server: Server, payload: Payload) -> None:
    with server.port() as line:
        line.send(word := payload.word().encode())
        answer, _ = line.next_datagram()
        wanted = server.answer_to(word)
        if wanted not in answer:  # what stands around it is answers_with_as_many_bytes's to judge
            raise Mismatch(Story.of_bytes(server, line.name, wanted, answer, None))


def test_leaves_the_rest_alone(server: Server, terms: Terms) -> None:
    with server.port() as line:
        every = bytes(range(128))
        for message in (b" \t0 \r\n", *(every[at : at + terms.recv_size] for at in range(0, 128, terms.recv_size))):
            line.send(message)
            line.expect(server.answer_to(message))


def test_keeps_utf8_text_whole(server: Server, payload: Payload, terms: Terms) -> None:
    with server.port() as line:
        line.send(text := payload.text(terms.recv_size).encode(terms.encoding, "ignore"))
        line.expect(server.answer_to(text))


def test_answers_any_bytes(server: Server, payload: Payload, terms: Terms) -> None:
    with server.port() as line:
        for no_text in (b"\xff", b"\xe4\xbf", b"\xa0\xc3", payload.octets(88)):  # no byte, half a character, its rest
            line.send(message := caseless(payload.word().encode() + no_text, terms.encoding)[: terms.recv_size])
            line.expect(server.answer_to(message))


def test_upper_cases_bytes_not_text(server: Server, payload: Payload, terms: Terms) -> None:
    with server.port() as line:
        line.send(text := f"{payload.word(1)} é ß ÿ É À".encode(terms.encoding, "ignore"))
        line.expect(server.answer_to(text))


def test_answers_with_as_many_bytes(server: Server, payload: Payload, terms: Terms) -> None:
    with server.port() as line:  # one datagram alone: whom it answers and how often is judged elsewhere
        line.send(message := payload.ascii(size := 1 + payload.below(terms.recv_size)))
        answer, _ = line.next_datagram()
        if len(answer) != size:
            raise Mismatch(Story.of_bytes(server, line.name, server.answer_to(message), answer, None))


def test_answers_an_empty_datagram_with_an_empty_one(server: Server) -> None:
    with server.port() as line:
        line.send(b"")
        line.expect(b"")


def test_answers_each_datagram_once(server: Server, payload: Payload) -> None:
    with server.port() as line:
        for size in range(1, 11):
            line.send(word := payload.word(size).encode())
            line.expect(server.answer_to(word))
        line.expect_silence()


def test_answers_from_the_address_asked(server: Server, payload: Payload) -> None:
    with server.port() as line:
        line.send(payload.word().encode())
        _, sender = line.next_datagram()
        if sender != line.peer:
            wanted = say("the answer comes from {address}", address=written(server.address))
            came = say("it comes from {address}", address=written(sender))
            cause = say("it answers from {address}, a socket that nobody has asked", address=written(sender))
            raise Mismatch(Story.tell(server, wanted, came, cause))


def test_answers_the_sender(server: Server, payload: Payload) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(server.port()) for _ in range(CLIENTS)]
        for line in (*clients, *reversed(clients), *clients):
            line.send(word := payload.word().encode())
            line.expect(server.answer_to(word))


def test_answers_a_burst(server: Server, payload: Payload) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(server.port()) for _ in range(CLIENTS)]
        words = [payload.word().encode() for _ in range(BURST)]
        with server.stopped():
            for number, word in enumerate(words):
                clients[number % CLIENTS].send(word)
        for number, line in enumerate(clients):
            wanted = [server.answer_to(word) for word in words[number::CLIENTS]]
            came = line.gather(len(wanted))
            if Counter(came) != Counter(wanted):
                raise Mismatch(story_of_a_burst(server, line, wanted, came))


def story_of_a_burst(server: Server, line: DatagramLine, wanted: list[bytes], came: list[bytes]) -> Story:
    """What did not come, and what the kernel dropped. NotJudged where the machine's own receive buffer is too small."""
    listener = next((end for end in server.sockets("udp") if end.inode == server.listener.inode), server.listener)
    usual = line.socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    if listener.drops and listener.room >= usual:
        raise NotJudged(
            say(
                "this machine's receive buffers of {usual} bytes took only {number} of {all} datagrams",
                usual=usual,
                number=BURST - listener.drops,
                all=BURST,
            )
        )
    cause = say(
        "it made its receive buffer smaller ({room} bytes, usual are {usual}): {drops} datagrams found no room",
        room=listener.room,
        usual=usual,
        drops=listener.drops,
    )
    right = sum((Counter(wanted) & Counter(came)).values())
    got = say("{right} of them, and {others} other datagrams", right=right, others=len(came) - right)
    wants = say("{client} gets its {number} answers", client=line.name, number=len(wanted))
    if listener.drops:
        return Story.tell(server, wants, got, cause)
    missing = say("it answered {right} of {all} datagrams that came at once", right=right, all=len(wanted))
    return Story.tell(server, wants, got, missing)


def test_any_conversation(servers: OpenServer, payload: Payload) -> None:
    hold_conversations(Conversation, servers, payload)
