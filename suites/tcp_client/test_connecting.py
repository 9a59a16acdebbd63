"""Where a client dials, how often, and what it does when nobody is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox.story import Story
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.client import Client
    from callbox.payload import Payload


def test_connects_to_the_assigned_address(client: Client, terms: Terms) -> None:
    if client.address != terms.address:
        wanted, dials = f"it dials {terms.placeholders()['address']}", f"it dials {client.dials}"
        raise Mismatch(Story.tell(client, wanted, dials, f"{dials}: {terms.placeholders()['address']} was assigned"))


def test_ends_when_nobody_listens(early_client: Client) -> None:
    early_client.expect_to_give_up()


def test_says_so_when_nobody_listens(early_client: Client) -> None:
    early_client.expect_to_give_up()
    early_client.expect_no_traceback()
    if not any(character.isalpha() for character in early_client.output):
        raise Mismatch(
            Story.tell(early_client, "it says that nobody listens", early_client.output or "nothing is printed")
        )


def test_uses_one_connection(client: Client, payload: Payload) -> None:
    with client.answer(payload.word()) as line:
        client.serve(line)
        client.type(payload.word())
        client.expect_no_call(line)
        client.serve(line)
        client.expect_no_call(line)
