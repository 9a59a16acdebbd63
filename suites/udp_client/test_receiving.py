"""What a client does with what it receives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox import receiving
from callbox.patience import QUIET

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.client import Client
    from callbox.payload import Payload


def test_prints_the_answer(client: Client, payload: Payload) -> None:
    line = client.datagrams()
    client.type(payload.word(24))
    said, _ = line.next_datagram()
    line.send(first := payload.ascii(len(said)))
    client.expect_printed(first.decode())
    client.type(payload.word(12))
    if again := line.perhaps():
        line.send(shorter := payload.ascii(len(again[0])))
        client.expect_no_rest(first, shorter)


def test_waits_for_a_slow_answer(client: Client, payload: Payload) -> None:
    line = client.datagrams()
    client.type(payload.word())
    said, _ = line.next_datagram()
    client.let_time_pass(1)
    line.send(word := payload.ascii(len(said)))
    client.expect_printed(word.decode())


def test_prints_the_answer_as_text(client: Client, payload: Payload, terms: Terms) -> None:
    line = client.datagrams()
    answer = (text := payload.wide(4, terms.encoding)).encode(terms.encoding)
    client.type(payload.word(len(answer)))
    line.next_datagram()
    line.send(answer)
    client.expect_printed(text)


def test_reads_at_most_1024_at_a_time(client: Client, payload: Payload, terms: Terms) -> None:
    client.type(payload.word())
    client.datagrams().next_datagram()
    asked = client.wait_for(
        lambda: client.asked_lengths(*(end.inode for end in client.sockets("udp"))) or None, patience=QUIET
    )
    if asked:
        receiving.expect_length(client, terms.recv_size, asked)
        return
    with client.traced() as traced:
        traced.type(payload.word())
        said, _ = (line := traced.datagrams()).next_datagram()
        inodes = [end.inode for end in traced.sockets("udp")]
        line.send(traced.answer_to(said))
        traced.wait_for(lambda: traced.traced_lengths(*inodes) or None)
        receiving.expect_traced_length(traced, terms.recv_size, *inodes)
