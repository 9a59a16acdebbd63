"""The address is the id: `suites/tcp_server/test_exchange.py::test_answers` is `tcp_server.exchange.answers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

BENCH = "bench"
"""The folder of suites/ that tests the bench itself: it has no words."""


def is_check(item: pytest.Item) -> bool:
    """Does it show a behaviour, of a program or of the platform?"""
    return is_suite(item.path.parent)


def is_suite(folder: Path) -> bool:
    """Does a folder hold checks?"""
    return folder.parent.name == "suites" and folder.name != BENCH


def behaviour_id(item: pytest.Item) -> str:
    """The behaviour that a check shows."""
    function = getattr(item, "originalname", item.name)
    return f"{item.path.parent.name}.{item.path.stem.removeprefix('test_')}.{function.removeprefix('test_')}"
