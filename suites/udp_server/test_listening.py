"""Where a server is bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox.story import Story
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.server import Server


def test_binds_the_assigned_address(server: Server, terms: Terms) -> None:
    if not server.is_assigned(server.listener):
        bound = f"it is bound to {server.listener.address}"
        assigned = f"{terms.placeholders()['address']} was assigned"
        raise Mismatch(
            Story.tell(server, f"it is bound to {terms.placeholders()['address']}", bound, f"{bound}: {assigned}")
        )


def test_is_not_reachable_from_outside(server: Server) -> None:
    if not server.listener.is_on_loopback:
        bound = f"it is bound to {server.listener.address}"
        raise Mismatch(Story.tell(server, "it is bound to an address of this machine alone", bound, bound))
