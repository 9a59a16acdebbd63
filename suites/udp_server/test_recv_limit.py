"""How much of a datagram a server takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from callbox import receiving
from callbox.patience import QUIET

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.payload import Payload
    from callbox.server import Server

LONGEST = 0xFFFF - 20 - 8
"""Bytes that fit into a datagram: what IPv4 leaves after its header and UDP's."""


def test_reads_at_most_1024_at_a_time(server: Server, payload: Payload, terms: Terms) -> None:
    if asked := server.wait_for(lambda: server.asked_lengths(server.listener.inode) or None, patience=QUIET):
        receiving.expect_length(server, terms.recv_size, asked)
        return
    with server.traced() as traced, traced.port() as line:
        line.send(payload.ascii(terms.recv_size + 1))  # some ask for no more than is there (FIONREAD)
        line.perhaps()
        receiving.expect_traced_length(traced, terms.recv_size, traced.listener.inode)


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param(-1, id="one byte less"),
        pytest.param(0, id="exactly"),
        pytest.param(1, id="one byte more"),
        pytest.param(LONGEST, id="the longest datagram"),
    ],
)
def test_answers_the_first_1024_of_a_long_datagram(server: Server, payload: Payload, terms: Terms, extra: int) -> None:
    with server.port() as line:
        line.send(message := payload.ascii(min(terms.recv_size + extra, LONGEST)))
        line.expect(server.answer_to(message[: terms.recv_size]))


def test_forgets_the_rest_of_a_long_datagram(server: Server, payload: Payload, terms: Terms) -> None:
    with server.port() as line:
        line.send(payload.ascii(terms.recv_size + 100))
        line.perhaps()  # what is answered to it is answers_the_first_1024_of_a_long_datagram's to judge
        for _ in range(2):
            line.send(word := payload.word().encode())
            line.expect(server.answer_to(word))
