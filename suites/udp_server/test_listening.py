"""Where a server is bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox.saying import say
from callbox.story import Story
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.server import Server


def test_binds_the_assigned_address(server: Server, terms: Terms) -> None:
    if not server.is_assigned(server.listener):
        assigned = terms.placeholders()["address"]
        wanted, bound = (
            say("it is bound to {address}", address=address) for address in (assigned, server.listener.address)
        )
        cause = say("{it}: {address} was assigned", it=bound, address=assigned)
        raise Mismatch(Story.tell(server, wanted, bound, cause))


def test_is_not_reachable_from_outside(server: Server) -> None:
    if not server.listener.is_on_loopback:
        bound = say("it is bound to {address}", address=server.listener.address)
        cause = say("{it}, which is every address of the machine", it=bound)
        raise Mismatch(Story.tell(server, say("it is bound to an address of this machine alone"), bound, cause))
