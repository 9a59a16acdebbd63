"""Each sentence that a person can read is there in every language, and none is told past the table."""

from __future__ import annotations

import ast
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING

import pytest

from callbox.catalogue import LANGUAGES
from callbox.home import SUITES
from callbox.saying import table
from callbox.shown import width

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOUSE = SUITES.parent
FOREIGN = [lang for lang in LANGUAGES if lang != "en"]
FILES = [
    *sorted((HOUSE / "callbox").rglob("*.py")),
    *(path for path in sorted(SUITES.rglob("*.py")) if path.parts[-2] != "bench"),
]
TELLING = {"tell": 3, "NotJudged": 1, "Inconclusive": 1, "Story": 3, "add": 2}
"""Calls whose first arguments a person reads, by name; `add` is a transcript's."""
SKIPPED = {"tell": 1}
"""Arguments before those."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def constants(path: Path) -> dict[str, str]:
    """The texts that a module's names stand for."""
    return {
        target.id: node.value.value
        for node in tree(path).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def templates() -> dict[str, str]:
    """Every template with the place where it is told."""
    found = {}
    for path in FILES:
        for call in calls(path):
            if isinstance(call.func, ast.Name) and call.func.id == "say":
                first = call.args[0]
                text = constants(path).get(first.id) if isinstance(first, ast.Name) else getattr(first, "value", None)
                if isinstance(text, str):
                    found[text] = f"{path.relative_to(HOUSE)}:{call.lineno}"
    return found


def texts() -> set[str]:
    """Every text that stands in the code: some templates are handed on before they are said."""
    nodes = (node for path in FILES for node in ast.walk(tree(path)))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def has_words(template: str) -> bool:
    return any(letter.isalpha() for literal, *_ in Formatter().parse(template) for letter in literal)


def test_there_are_sentences() -> None:
    assert len(templates()) > 100


@pytest.mark.parametrize("lang", FOREIGN)
def test_no_sentence_lacks_its_translation(lang: str) -> None:
    missing = {text: place for text, place in templates().items() if has_words(text) and text not in table(lang)}
    assert missing == {}


@pytest.mark.parametrize("lang", FOREIGN)
def test_no_translation_is_of_a_sentence_that_nobody_says(lang: str) -> None:
    assert sorted(table(lang).keys() - texts()) == []


@pytest.mark.parametrize("lang", FOREIGN)
def test_what_stands_before_a_caret_is_as_wide_in_every_language(lang: str) -> None:
    lead = "…{start} bytes… "
    assert width(table(lang)[lead]) == width(lead)


def test_templates_of_several_lines_have_no_words() -> None:
    assert [text for text in templates() if "\n" in text and has_words(text)] == []


def raw(node: ast.AST) -> bool:
    """Is it a text in the code, be it one of several or put together?"""
    if isinstance(node, ast.IfExp):
        return raw(node.body) or raw(node.orelse)
    if isinstance(node, ast.BoolOp):
        return any(map(raw, node.values))
    if isinstance(node, ast.BinOp):
        return raw(node.left) or raw(node.right)
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != ""
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_nobody_is_told_a_raw_text(path: Path) -> None:
    for call in calls(path):
        name = name_of(call)
        if name in TELLING and (name != "add" or "transcript" in ast.unparse(call.func)):
            first = SKIPPED.get(name, 0)
            told = call.args[first : first + TELLING[name]]
            assert not [ast.unparse(each) for each in told if raw(each)], f"line {call.lineno}: say it with say()"
