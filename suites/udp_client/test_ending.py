"""How a client ends, and that it asks for lines until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from callbox.saying import say
from callbox.story import Story
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.client import Client
    from callbox.payload import Payload


@pytest.mark.parametrize("blanks", [pytest.param("", id="alone"), pytest.param(" ", id="between blanks")])
def test_quits_on_q(client: Client, payload: Payload, terms: Terms, blanks: str) -> None:
    line = client.datagrams()
    client.talk(line, payload.word())
    client.type(f"{blanks}{terms.quit_word}{blanks}")
    if said := line.perhaps():  # a goodbye of its own is answered, but the quit word is not for the server
        if said[0].strip().decode(errors="replace") == terms.quit_word:
            raise Mismatch(Story.of_noise(client, line.name, said[0]))
        line.send(client.answer_to(said[0]))
    client.expect_exit(0)


def test_ends_at_end_of_input(client: Client, payload: Payload) -> None:
    client.talk(client.datagrams(), payload.word())
    client.end_input()
    client.expect_exit()


def test_ends_cleanly_at_end_of_input(client: Client, payload: Payload) -> None:
    client.talk(client.datagrams(), payload.word())
    client.end_input()
    client.expect_exit(0)
    client.expect_no_traceback()


def test_quits_after_the_server_left(client: Client, payload: Payload, terms: Terms) -> None:
    client.talk(client.datagrams(), payload.word())
    client.close_door()
    client.type(terms.quit_word)
    client.expect_exit()


def test_prompts(client: Client) -> None:
    if not client.wait_for(lambda: client.output.strip() or None):
        wanted = say("it shows something before it waits for a line")
        raise Mismatch(
            Story.tell(client, wanted, say("the screen is empty"), say("it waits for a line without a word"))
        )
