"""Reads TOML into strict, frozen models, and says every mistake in it with its file, its key and what was meant."""

import difflib
import tomllib
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails


class Strict(BaseModel):
    """A table that takes the keys it knows, of the type it says, and is never changed afterwards."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


Model = TypeVar("Model", bound=Strict)


def meant(word: str, words: "Iterable[str]") -> str:
    """The end of a sentence about an unknown `word`: what was probably meant, or else what there is."""
    known = sorted(words)
    close = difflib.get_close_matches(word, known, n=1)
    some = ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
    return f"did you mean {close[0]!r}?" if close else f"there is {some}"


def read(path: "Path", error: type[ValueError]) -> bytes:
    """What is in a file; raises `error`, with one line that names it, when it cannot be read."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else wrong
        raise error(f"{path}: cannot be read: {reason}") from None


def parse(data: bytes, file: str, error: type[ValueError]) -> dict[str, Any]:
    """The tables in `data`; raises `error`, with one line that names `file`, when it is no TOML."""
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise error(f"{file}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as wrong:
        raise error(f"{file}: is not TOML: {_one_line(str(wrong))}") from None
    except RecursionError:
        raise error(f"{file}: is nested too deeply") from None


def validate(tables: object, model: type[Model], file: str, error: type[ValueError], context: object = None) -> Model:
    """`tables` as a `model`, whose validators get `context`; raises `error` with one line for each mistake."""
    try:
        return model.model_validate(tables, context=context)
    except ValidationError as wrong:
        mistakes = wrong.errors(include_url=False)
    raise error("\n".join(f"{file}: {_key(mistake['loc'])}{_sentence(mistake, model)}" for mistake in mistakes))


def _key(loc: "Sequence[int | str]") -> str:
    """`program no. 2.file: `, counted from one as people do."""
    path = "".join(f" no. {part + 1}" if isinstance(part, int) else f".{part}" for part in loc)
    return f"{_one_line(path.removeprefix('.'))}: " if path else ""


def _sentence(mistake: "ErrorDetails", model: type[Strict]) -> str:
    match mistake["type"]:
        case "extra_forbidden":
            return f"unknown key; {meant(str(mistake['loc'][-1]), _keys(model, mistake['loc'][:-1]))}"
        case "missing":
            return "is missing"
        case "model_type" | "dict_type":
            return f"should be a table, not {_shown(mistake['input'])}"
        case "value_error":
            return _one_line(str(mistake["ctx"]["error"]))
        case "literal_error":
            words = [word.strip("'") for word in mistake["ctx"]["expected"].replace(" or ", ", ").split(", ")]
            return f"{_shown(mistake['input'])} is unknown; {meant(str(mistake['input']), words)}"
        case _:
            wanted = (
                mistake["msg"].removeprefix("Input ").replace("valid integer", "whole number").replace("valid ", "")
            )
            return f"{wanted[0].lower()}{wanted[1:]}, not {_shown(mistake['input'])}"


def _keys(model: type[Strict], loc: "Sequence[int | str]") -> list[str]:
    """The keys that the table at `loc` takes."""
    for part in loc:
        kinds = [field.annotation for name, field in model.model_fields.items() if part in {name, field.alias}]
        inner = [each for kind in kinds for each in (kind, *get_args(kind))]  # the model itself, or that of list[Model]
        model = next((each for each in inner if isinstance(each, type) and issubclass(each, Strict)), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _shown(value: object) -> str:
    text = repr(value)
    return _one_line(text if len(text) <= 60 else f"{text[:57]}...")


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
