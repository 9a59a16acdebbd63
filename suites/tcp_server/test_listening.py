"""Where and how a server listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callbox.server import Server


def test_listens(server: Server) -> None:
    assert server.listener  # the fixture has waited for it: a server that never listens does not come here
