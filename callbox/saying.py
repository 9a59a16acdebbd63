"""Sentences that know how they were made: told in English, and in any other language afterwards."""

from __future__ import annotations

import tomllib
from functools import cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PlainSerializer, PlainValidator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TABLES = Path(__file__).parent / "sayings"
"""A file a language, which has each English template with its translation."""


class Saying(str):
    """An English sentence, which is what it equals; its template and the values in it tell it in other languages."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self.template, dict(self.values))


def say(template: str, /, **values: object) -> Saying:
    """A sentence from a template in the manner of str.format; values may be sentences themselves."""
    return _made(template, values)


def either(texts: Iterable[object]) -> Saying:
    """One of these, which are at least one."""
    first, *rest = (say("{one}", one=text) for text in texts)
    return reduce(lambda one, other: say("{one} or {other}", one=one, other=other), rest, first)


def listed(texts: Iterable[object]) -> Saying:
    """All of these, with commas between them; there may be none."""
    first, *rest = [say("{one}", one=text) for text in texts] or [say("")]
    return reduce(lambda one, other: say("{one}, {other}", one=one, other=other), rest, first)


def first_line(text: str) -> str:
    """The first line of a text, which is a sentence still if it was one. Templates with several lines have no words of their
    own, so that each line is told in any language."""
    if not isinstance(text, Saying):
        return text.split("\n", 1)[0]
    values = {name: first_line(each) if isinstance(each, str) else each for name, each in text.values.items()}
    return say(text.template.split("\n", 1)[0], **values)


def _made(template: str, values: Mapping[str, object]) -> Saying:
    saying = Saying(template.format(**values))
    saying.template, saying.values = template, values
    return saying


def in_language(text: str, lang: str) -> str:
    """A text in a language, as far as it is a sentence of ours; what a program said stays as it is."""
    if lang == "en" or not isinstance(text, Saying):
        return text
    values = {name: in_language(each, lang) if isinstance(each, str) else each for name, each in text.values.items()}
    return table(lang).get(text.template, text.template).format(**values)


@cache
def table(lang: str) -> dict[str, str]:
    """The templates of a language by the English ones."""
    return dict(tomllib.loads((TABLES / f"{lang}.toml").read_text("utf-8")))


def _as_data(text: str) -> Any:
    if not isinstance(text, Saying):
        return text.encode("utf-8", "backslashreplace").decode()  # a program may print what is no UTF-8
    values = {name: _as_data(each) if isinstance(each, str) else each for name, each in text.values.items()}
    return {"say": text.template, "with": values}


def _of_data(data: Any) -> str:
    if isinstance(data, str):
        return data
    return say(
        data["say"], **{name: _of_data(each) if isinstance(each, dict) else each for name, each in data["with"].items()}
    )


Text = Annotated[str, PlainValidator(_of_data), PlainSerializer(_as_data)]
"""A text that may be a sentence: kept as data it is still one."""
