"""What a client sends, and when."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from callbox.saying import say
from callbox.story import Story
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.client import Client
    from callbox.payload import Payload

MAY_GIVE_UP = 3.0
"""Seconds after which a client need not wait any longer: datagrams get lost."""


def test_sends_what_was_typed(client: Client, payload: Payload, terms: Terms) -> None:
    text = f"{terms.quit_word}{payload.word()}  {payload.wide(3, terms.encoding)} {payload.word()}"
    client.type(f"  {text} ")
    client.datagrams().expect(text.encode(terms.encoding))


def test_one_datagram_a_line(client: Client, payload: Payload) -> None:
    line = client.datagrams()
    for words in range(1, 4):
        client.talk(line, " ".join(payload.word() for _ in range(words)))
        line.expect_silence()


def test_skips_empty_lines(client: Client) -> None:
    line = client.datagrams()
    for nothing in ("", "   "):
        client.type(nothing)
        if said := line.perhaps():
            line.send(b"")
            if said[0]:
                raise Mismatch(Story.of_noise(client, line.name, said[0]))
    client.type("0")  # false in some languages, but not empty
    line.expect(b"0")


def test_waits_for_the_answer(client: Client, payload: Payload) -> None:
    line = client.datagrams()
    began = time.monotonic()
    client.type(first := payload.word())
    said, _ = line.next_datagram()
    client.type(payload.word())
    early = line.perhaps()
    if early and early[0] != said and time.monotonic() - began < MAY_GIVE_UP:  # to ask the same again is no harm
        got = say('it sends the next line before "{first}" is answered', first=first)
        raise Mismatch(Story.tell(client, say("it waits for the answer"), got, got))
