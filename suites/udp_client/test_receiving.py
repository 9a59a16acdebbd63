"""What a client does with what it receives."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callbox.client import Client
    from callbox.payload import Payload


def test_prints_the_answer(client: Client, payload: Payload) -> None:
    with client.datagrams() as line:
        client.type(payload.word())
        said, _ = line.next_datagram()
        line.send(word := payload.ascii(len(said)))
        client.expect_printed(word.decode())
