"""How a client ends, and that it asks for lines until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from callbox.line import End
from callbox.saying import say
from callbox.story import Story
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.client import Client
    from callbox.payload import Payload


def test_closes_when_done(client: Client, payload: Payload, terms: Terms) -> None:
    with client.answer(payload.word()) as line:
        client.serve(line)
        client.provoke(terms.quit_word)
        line.expect_end(End.FIN)
        line.close()
        client.expect_exit(0)


@pytest.mark.parametrize("blanks", [pytest.param("", id="alone"), pytest.param(" ", id="between blanks")])
def test_quits_on_q(client: Client, payload: Payload, terms: Terms, blanks: str) -> None:
    with client.answer(payload.word()) as line:
        client.serve(line)
        client.type(f"{blanks}{terms.quit_word}{blanks}")
        line.expect_end(End.FIN)
        line.close()
        client.expect_exit(0)


def test_ends_at_end_of_input(client: Client, payload: Payload) -> None:
    with client.answer(payload.word()) as line:
        client.serve(line)
        client.end_input()
        line.read_to_the_end()
        line.close()  # as every server does: some clients wait for it before they end
        client.expect_exit()


def test_ends_cleanly_at_end_of_input(client: Client, payload: Payload) -> None:
    with client.answer(payload.word()) as line:
        client.serve(line)
        client.end_input()
        line.expect_end(End.FIN)
        line.close()
        client.expect_exit(0)
        client.expect_no_traceback()


def test_prompts(client: Client) -> None:
    if not client.wait_for(lambda: client.output.strip() or None):
        wanted = say("it shows something before it waits for a line")
        raise Mismatch(
            Story.tell(client, wanted, say("the screen is empty"), say("it waits for a line without a word"))
        )
