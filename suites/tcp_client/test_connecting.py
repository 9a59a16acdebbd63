"""Where a client dials, how often, and what it does when nobody is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox.saying import say
from callbox.story import Story
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.client import Client
    from callbox.payload import Payload


def test_connects_to_the_assigned_address(client: Client, terms: Terms) -> None:
    if client.address != terms.address:
        assigned = terms.placeholders()["address"]
        wanted, dials = (say("it dials {address}", address=address) for address in (assigned, client.dials))
        cause = say("{it}: {address} was assigned", it=dials, address=assigned)
        raise Mismatch(Story.tell(client, wanted, dials, cause))


def test_ends_when_nobody_listens(early_client: Client) -> None:
    early_client.expect_to_give_up()


def test_says_so_when_nobody_listens(early_client: Client) -> None:
    early_client.expect_to_give_up()
    early_client.expect_no_traceback()
    if not any(character.isalpha() for character in early_client.output):
        printed = early_client.output or say("nothing is printed")
        raise Mismatch(Story.tell(early_client, say("it says that nobody listens"), printed))


def test_uses_one_connection(client: Client, payload: Payload) -> None:
    with client.answer(payload.word()) as line:
        client.serve(line)
        client.type(payload.word())
        client.expect_no_call(line)
        client.serve(line)
        client.expect_no_call(line)
