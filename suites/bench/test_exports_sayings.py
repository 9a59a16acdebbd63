"""What the files of a class tell a person, they tell in every language."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from callbox.catalogue import LANGUAGES
from callbox.grading import exports
from callbox.grading.exports import github
from callbox.saying import table
from suites.bench.results import result, teller

ROOM = Path(exports.__file__).parent


def templates() -> set[str]:
    """Every sentence that the exports say."""
    calls = [node for path in ROOM.glob("*.py") for node in ast.walk(ast.parse(path.read_bytes()))]
    named = [node for node in calls if isinstance(node, ast.Call) and node.args]
    says = [
        node.args[0] for node in named if getattr(node.func, "id", getattr(node.func, "attr", "")) in {"say", "_note"}
    ]
    return {node.value for node in says if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "en"])
def test_each_sentence_has_its_translation(lang: str) -> None:
    said = templates()
    assert len(said) > 30
    assert said - table(lang).keys() == set()


def test_a_summary_is_told_in_chinese() -> None:
    told = github.summary(result(), teller("zh"))
    assert told.startswith("## 15 分中得 2.67 分\n")
    assert "wanted" not in told
    assert "应为" in told
