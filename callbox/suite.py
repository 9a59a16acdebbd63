"""The checks of the suites, found without pytest: for whoever has to run one in the middle of another, or thousands of them."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from types import ModuleType


@dataclass(frozen=True, slots=True)
class Check:
    """The function that shows a behaviour, and the rows of values it runs with (one empty row where it has none)."""

    id: str
    function: Callable[..., None]
    rows: tuple[Mapping[str, Any], ...]

    @property
    def asks_for(self) -> tuple[str, ...]:
        """The objects that it wants to be handed, by name."""
        return tuple(name for name in inspect.signature(self.function).parameters if name not in self.rows[0])


def load_checks(suites: Path) -> dict[str, Check]:
    """Every check below a folder of suites that hold behaviours, by the id of its behaviour."""
    if str(suites.parent) not in sys.path:  # checks import what lies beside them by its full name
        sys.path.insert(0, str(suites.parent))
    files = sorted(file for words in suites.glob("*/behaviours.toml") for file in words.parent.glob("test_*.py"))
    return {check.id: check for file in files for check in _checks_of(file)}


def _checks_of(file: Path) -> Iterator[Check]:
    place = f"{file.parent.name}.{file.stem.removeprefix('test_')}"
    module = _imported(file, f"suites.{place}")
    for name, function in vars(module).items():
        if name.startswith("test_") and inspect.isfunction(function):
            yield Check(f"{place}.{name.removeprefix('test_')}", function, tuple(_rows(function)))


def _imported(file: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rows(function: Callable[..., None]) -> Iterator[Mapping[str, Any]]:
    """The rows that `pytest.mark.parametrize` gives a function; those of several marks are combined."""
    tables = [list(_table(*mark.args)) for mark in getattr(function, "pytestmark", []) if mark.name == "parametrize"]
    for rows in product(*tables):
        yield {name: value for row in rows for name, value in row.items()}


def _table(names: str | Iterable[str], values: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    words = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    for value in values:
        row = getattr(value, "values", value)  # a pytest.param has its values there
        row = row if isinstance(row, tuple) else (row,)
        yield dict(zip(words, row, strict=True))
