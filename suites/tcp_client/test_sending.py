"""What a client says, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox.saying import say
from callbox.shown import show
from callbox.story import Story
from callbox.terminal import LINE_LIMIT
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.client import Client
    from callbox.payload import Payload


def test_sends_the_assigned_message(client: Client, terms: Terms) -> None:
    with client.answer() as line:
        line.expect(terms.first_message.encode(terms.encoding))
        line.expect_silence()


def test_sends_what_was_typed(client: Client, payload: Payload, terms: Terms) -> None:
    text = f"{terms.quit_word}{payload.word()}  {payload.wide(3, terms.encoding)} {payload.word()}"
    with client.answer(f"  {text} ") as line:
        line.expect(text.encode(terms.encoding))
        line.expect_silence()


def test_skips_empty_lines(client: Client, payload: Payload) -> None:
    with client.answer(payload.word()) as line:
        client.serve(line)
        for nothing in ("", "   "):
            client.type(nothing)
            line.expect_silence()
        client.type("0")  # false in some languages, but not empty
        line.expect(b"0")


def test_sends_long_lines_whole(piped_client: Client, payload: Payload, terms: Terms) -> None:
    text = payload.ascii(LINE_LIMIT + terms.recv_size)  # more than a terminal's line can hold
    with piped_client.answer(text.decode()) as line:
        line.expect(text)


def test_waits_for_the_answer(client: Client, payload: Payload) -> None:
    first, second = payload.word(), payload.word()
    with client.answer(first) as line:
        client.type(second)
        said = line.expect_something()
        if len(said) >= len(first + second):
            cause = say("it sent the next message before the first was answered")
            raise Mismatch(Story.tell(client, say("one message, and the next after the answer"), show(said), cause))
        client.reply(line, client.answer_to(said))
        client.type(second)  # once more: some lose what is typed ahead
        line.expect_something(usual=len(second))
