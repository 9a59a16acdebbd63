"""No arrow runs back: who may import whom, read from every file."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUSE = Path(__file__).parents[2]
OURS = {"reference", "callbox", "fixtures", "suites"}
MAY_IMPORT = {
    "reference": set[str](),
    "callbox": {"callbox"},
    "fixtures": {"callbox", "fixtures"},
    "suites": {"callbox", "fixtures", "suites"},
}
KNOWS_PYTEST = {"plugin", "cli", "cli.py", "grading"}  # rooms of callbox


def files(folder: str) -> list[Path]:
    """Every file of a folder, as from the top of the house; but for specimens, which are programs under test."""
    found = [path.relative_to(HOUSE) for path in sorted((HOUSE / folder).rglob("*.py"))]
    return [path for path in found if path.parts[:2] != ("fixtures", "specimens")]


def imports(path: Path) -> Iterator[str]:
    """What a file imports, anywhere in it and for types too."""
    for node in ast.walk(ast.parse((HOUSE / path).read_bytes())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def top_levels(path: Path) -> set[str]:
    """The packages that a file imports from."""
    return {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("layer", sorted(OURS))
def test_a_layer_imports_only_what_lies_below_it(layer: str) -> None:
    paths = files(layer)
    assert paths
    assert {str(path): top_levels(path) & OURS - MAY_IMPORT[layer] for path in paths} == {
        str(path): set() for path in paths
    }


def test_below_the_plugin_nobody_knows_of_pytest_or_allure() -> None:
    below = [path for path in files("callbox") if path.parts[1] not in KNOWS_PYTEST]
    assert len(below) > 20
    for path in below:
        assert not {name for name in top_levels(path) if name.startswith(("pytest", "_pytest", "allure", "xdist"))}, (
            path
        )


def test_below_the_plugin_nobody_imports_the_plugin() -> None:
    below = [path for path in files("callbox") if path.parts[1] not in KNOWS_PYTEST]
    for path in below:
        assert not [name for name in imports(path) if name.startswith("callbox.plugin")], path


def test_the_kernels_facts_rest_on_nothing_of_ours_but_themselves() -> None:
    for path in files("callbox/kernel"):
        ours = [name for name in imports(path) if name.split(".")[0] in OURS]
        assert all(name.startswith("callbox.kernel") for name in ours), path


@pytest.mark.parametrize("path", [*files("reference"), Path("callbox/attendant.py")], ids=str)
def test_imports_the_standard_library_only(path: Path) -> None:
    assert top_levels(path) <= sys.stdlib_module_names


def test_suites_do_not_import_each_other() -> None:
    for path in (one for one in files("suites") if one.parts[1] != "bench"):  # which tests them
        own = f"suites.{path.parts[1]}."
        assert not [name for name in imports(path) if name.startswith("suites.") and not name.startswith(own)], path


def test_nobody_imports_a_test() -> None:
    for folder in OURS:
        for path in files(folder):
            assert not [name for name in imports(path) if ".test_" in name or name.endswith("conftest")], path


def test_a_check_asks_no_machine_and_sleeps_never() -> None:
    """A check sees a program through what it is handed, and waits only as that does."""
    for path in files("suites"):
        if path.parts[1] != "bench":
            assert not top_levels(path) & {"asyncio", "multiprocessing", "subprocess", "threading"}, path
            assert "sleep(" not in (HOUSE / path).read_text("utf-8"), path
