"""What the checks of the socket module are handed beside the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.socket_module.ends import Ends

if TYPE_CHECKING:
    from collections.abc import Iterator

    from callbox.booth import Booth


@pytest.fixture
def ends(network: Booth) -> Iterator[Ends]:
    """Makes sockets that are closed after the check."""
    with Ends(network) as ends:
        yield ends
