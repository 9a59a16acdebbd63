"""What is demanded of a program, behaviour by behaviour, and what is said about each in English and Chinese."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from string import Formatter
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationError, field_validator
from pydantic_core import ErrorDetails

from callbox.assignment import ROLES

LANGUAGES: Final = ("en", "zh")
# The numbers and words of the assignment that a text may name; it never spells one out.
PLACEHOLDERS: Final = (
    *("backlog", "encoding", "first_message", "host", "port", "quit_word", "recv_size", "transformation"),
)


class CatalogueError(ValueError):
    """The catalogue is not in order, or was asked for what it has not: one line a mistake."""


class Level(StrEnum):
    """How much a behaviour weighs: costs points, is advice, or is only reported."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    INFO = "INFO"


def _unknown(kind: str, word: object, known: Iterable[str]) -> CatalogueError:
    names = {name.lower(): name for name in known}
    close = get_close_matches(str(word).lower(), names, n=1)
    return CatalogueError(f'unknown {kind} "{word}"' + (f'; did you mean "{names[close[0]]}"?' if close else ""))


def _known_role(role: str) -> str:
    if role not in ROLES:
        raise _unknown("role", role, ROLES)
    return role


_Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
# Not strict, for TOML has lists where we have tuples; what is in them stays strict.
_Strings = Annotated[tuple[str, ...], Field(strict=False, min_length=1)]


class Words(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a failure tells a person: what was wanted, why it matters, what to look at."""

    says: _Text
    why: _Text
    tries: _Text = Field(alias="try")

    @field_validator("*")
    @classmethod
    def _names_known_placeholders(cls, text: str) -> str:
        for _, name, how, conversion in Formatter().parse(text):
            if name is not None and (name not in PLACEHOLDERS or how or conversion):
                raise _unknown("placeholder", name, PLACEHOLDERS)
        return text


class _Entry(BaseModel, frozen=True, strict=True, extra="forbid"):
    level: Annotated[Level, Field(strict=False)]
    roles: _Strings | None = None
    rests_on: _Strings = ()
    source: _Text
    en: Words
    zh: Words


class _Suite(BaseModel, frozen=True, strict=True, extra="forbid"):
    roles: Annotated[tuple[Annotated[str, AfterValidator(_known_role)], ...], Field(strict=False)]
    ground: _Text | None = None
    en: _Text
    zh: _Text


class _File(BaseModel, frozen=True, strict=True, extra="allow"):
    suite: _Suite
    __pydantic_extra__: dict[str, dict[str, _Entry]] = Field(init=False)  # the other tables: file -> name -> entry


@dataclass(frozen=True)
class Behaviour:
    """One thing that a program does or, where no role is named, that the platform does. `rests_on`: full ids; one that the
    program's role has not counts for nothing."""

    suite: str
    file: str
    name: str
    level: Level
    roles: tuple[str, ...]
    rests_on: tuple[str, ...]
    source: str
    is_ground: bool  # what the bench finds out first: a program that fails it cannot be judged at all
    texts: Mapping[str, Words]  # language -> words, placeholders still in them

    @property
    def id(self) -> str:
        """The address that every report uses, `suite.file.name`."""
        return f"{self.suite}.{self.file}.{self.name}"

    def words(self, lang: str, terms: Mapping[str, object]) -> Words:
        """Return the words in `lang`; the assignment's `terms` take the place of `{recv_size}` and so on."""
        if lang not in self.texts:
            raise _unknown("language", lang, self.texts)
        texts = self.texts[lang].model_dump(by_alias=True)
        try:
            return Words.model_construct(**{part: text.format_map(terms) for part, text in texts.items()})
        except KeyError as missing:
            raise CatalogueError(f"{self.id}: the assignment says nothing of {{{missing.args[0]}}}") from None


class Catalogue(dict[str, Behaviour]):
    """Every behaviour, by its id, in the order of the files."""

    def __init__(self, behaviours: Mapping[str, Behaviour], titles: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__(behaviours)
        self.titles = titles
        """of each suite, by language"""

    def find(self, key: str) -> Behaviour:
        """Return the behaviour with this id; raise CatalogueError with the nearest id if there is none."""
        if key not in self:
            raise _unknown("behaviour", key, self)
        return self[key]

    def for_role(self, role: str) -> tuple[Behaviour, ...]:
        """Return what is demanded of programs of this role."""
        _known_role(role)
        return tuple(behaviour for behaviour in self.values() if role in behaviour.roles)

    def ground(self, role: str) -> Behaviour:
        """What everything else that is demanded of this role stands on."""
        return next(behaviour for behaviour in self.for_role(role) if behaviour.is_ground)


def load(folder: Path) -> Catalogue:
    """Read `*/behaviours.toml` below `folder`; raise CatalogueError that names file and key of every mistake."""
    paths = sorted(folder.glob("*/behaviours.toml"))
    behaviours: list[Behaviour] = []
    titles: dict[str, Mapping[str, str]] = {}
    mistakes = [] if paths else [f"{folder}: no suite in it has a behaviours.toml"]
    for path in paths:
        try:
            suite, rows = _read(path)
            titles[path.parent.name] = {language: getattr(suite, language) for language in LANGUAGES}
            behaviours += rows
        except CatalogueError as error:
            mistakes += [f"{path.relative_to(folder.parent).as_posix()}: {line}" for line in str(error).splitlines()]
    ids = {behaviour.id for behaviour in behaviours}
    loose = [(behaviour, other) for behaviour in behaviours for other in behaviour.rests_on if other not in ids]
    if not mistakes:
        mistakes = [f"{behaviour.id}: rests_on: {_unknown('behaviour', other, ids)}" for behaviour, other in loose]
    if mistakes:
        raise CatalogueError("\n".join(mistakes))
    return Catalogue({behaviour.id: behaviour for behaviour in behaviours}, titles)


def _read(path: Path) -> tuple[_Suite, list[Behaviour]]:
    try:
        file = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        raise CatalogueError("\n".join(map(_line, error.errors()))) from None
    except ValueError as error:  # no TOML (a key that is there twice is none), or no UTF-8
        raise CatalogueError(str(error)) from None
    entries = {f"{group}.{name}": row for group, rows in file.__pydantic_extra__.items() for name, row in rows.items()}
    if mistakes := list(_loose_ends(file.suite, entries)):
        raise CatalogueError("\n".join(mistakes))
    suite = path.parent.name
    return file.suite, [
        Behaviour(
            suite=suite,
            file=key.partition(".")[0],
            name=key.partition(".")[2],
            level=entry.level,
            roles=entry.roles or file.suite.roles,
            rests_on=tuple(other if _is_full(other) else f"{suite}.{other}" for other in entry.rests_on),
            source=entry.source,
            is_ground=key == file.suite.ground,
            texts={language: getattr(entry, language) for language in LANGUAGES},
        )
        for key, entry in entries.items()
    ]


def _is_full(name: str) -> bool:
    """Does it name its suite, too: a behaviour of another one?"""
    return name.count(".") == 2


def _line(error: ErrorDetails) -> str:
    at, kind = error["loc"], error["type"]
    plain = {"missing": "is missing", "dict_type": "is no table", "model_type": "is no table"}
    what = plain.get(kind, error["msg"].removeprefix("Value error, "))
    if kind == "enum":
        what = str(_unknown("level", error["input"], Level))
    elif kind == "extra_forbidden":
        tables: dict[int, type[BaseModel]] = {2: _Suite, 3: _Entry, 4: Words}  # how deep a table lies tells what it is
        fields = tables[len(at)].model_fields.items()
        what = str(_unknown("field", at[-1], [field.alias or name for name, field in fields]))
    return f"{'.'.join(map(str, at))}: {what}"


def _loose_ends(suite: _Suite, entries: Mapping[str, _Entry]) -> Iterator[str]:
    if suite.ground and not suite.roles:
        yield "suite.ground: a suite without roles judges no program, and has no ground"
    elif suite.ground and suite.ground not in entries:
        yield f"suite.ground: {_unknown('behaviour', suite.ground, entries)}"
    for key, entry in entries.items():
        strangers = (role for role in entry.roles or () if role not in suite.roles)
        yield from (f"{key}.roles: {_unknown('role of this suite', role, suite.roles)}" for role in strangers)
        unknown = (other for other in entry.rests_on if other not in entries and not _is_full(other))
        yield from (f"{key}.rests_on: {_unknown('behaviour', other, entries)}" for other in unknown)
    try:
        TopologicalSorter({key: entry.rests_on for key, entry in entries.items()}).prepare()
    except CycleError as error:
        circle = error.args[1][::-1]
        yield f"{circle[0]}.rests_on: goes round in a circle, {' → '.join(circle)}"
