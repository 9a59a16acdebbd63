"""Where a client sends to and from, and that it needs nobody to be there before it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox.patience import QUIET
from callbox.saying import listed, say
from callbox.story import Story
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.client import Client
    from callbox.payload import Payload


def test_sends_to_the_assigned_address(client: Client, terms: Terms) -> None:
    if client.address != terms.address:
        assigned = terms.placeholders()["address"]
        wanted, sends = (say("it sends to {address}", address=address) for address in (assigned, client.dials))
        cause = say("{it}: {address} was assigned", it=sends, address=assigned)
        raise Mismatch(Story.tell(client, wanted, sends, cause))


def test_may_start_before_the_server(early_client: Client, payload: Payload) -> None:
    if early_client.wait_for(lambda: early_client.ended() or None, patience=QUIET):
        raise Mismatch(Story.tell(early_client, say("it waits for a line"), say("it ends")))
    early_client.open_door()
    early_client.talk(early_client.datagrams(), payload.word())


def test_keeps_its_port(client: Client, payload: Payload) -> None:
    line = client.datagrams()
    ports = [client.talk(line, payload.word())[1] for _ in range(3)]
    if len(set(ports)) > 1:
        used = say("its lines come from the ports {ports}", ports=listed(ports))
        raise Mismatch(Story.tell(client, say("all its lines come from one port"), used, used))
