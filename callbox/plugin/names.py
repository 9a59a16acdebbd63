"""The address is the id: `suites/tcp_server/test_exchange.py::test_answers` is `tcp_server.exchange.answers`."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    import pytest

BENCH = "bench"
"""The folder of suites/ that tests the bench itself, not programs."""


def is_check(item: pytest.Item) -> bool:
    """Is it a check of a program's behaviour?"""
    return is_suite(item.path.parent)


def is_suite(folder: Path) -> bool:
    """Does a folder hold checks of programs?"""
    return folder.parent.name == "suites" and folder.name != BENCH


def behaviour_id(item: pytest.Item) -> str:
    """The behaviour that a check shows."""
    function = getattr(item, "originalname", item.name)
    return f"{item.path.parent.name}.{item.path.stem.removeprefix('test_')}.{function.removeprefix('test_')}"


def rows_of(item: pytest.Item) -> list[dict[str, Any]]:
    """The arguments that `@pytest.mark.parametrize` gives a check: one row each, none without such a mark."""
    tables = []
    for mark in item.iter_markers("parametrize"):
        names, values = mark.args[:2]
        words = [word.strip() for word in names.split(",")] if isinstance(names, str) else list(names)
        rows = [value.values if hasattr(value, "marks") else value if len(words) > 1 else (value,) for value in values]
        tables.append([dict(zip(words, row, strict=True)) for row in rows])
    return [{word: row[word] for row in rows for word in row} for rows in product(*tables)] if tables else []
