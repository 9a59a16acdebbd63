"""callbox.toml: what a folder itself says of its programs, and then nothing is guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field

from callbox.assignment import OPTIONS, ROLES
from callbox.intake import Intake, SubmissionError, plain
from callbox.strict import Strict, meant, parse, validate

LISTING = "callbox.toml"
MOST_PROGRAMS = 100  # in one submission: each is looked at with all files beside it


@dataclass(frozen=True, slots=True)
class Listed:
    """One [[program]]; `folder` is its work folder, `file` its path, both as from the top of the submission."""

    where: str
    folder: PurePosixPath
    file: str | None
    role: str | None
    build: tuple[str, ...] | None
    run: tuple[str, ...] | None
    takes: frozenset[str]


def _a_role(role: str) -> str:
    if role not in ROLES:
        raise ValueError(f"there is no role {role!r}; {meant(role, ROLES)}")
    return role


def _an_argument(word: str) -> str:
    if "\0" in word:
        raise ValueError("no argument can have a NUL byte in it")
    return word


def _an_option(word: str) -> str:
    if word not in OPTIONS:
        raise ValueError(f"{word!r} is unknown; {meant(word, OPTIONS)}")
    return word


_Command = Annotated[list[Annotated[str, AfterValidator(_an_argument)]], Field(min_length=1)]


class _Program(Strict):
    role: Annotated[str, AfterValidator(_a_role)] | None = None
    file: str | None = None
    build: _Command | None = None
    run: _Command | None = None
    takes: list[Annotated[str, AfterValidator(_an_option)]] = Field(default_factory=list)


class _Listing(Strict):
    program: Annotated[list[_Program], Field(min_length=1, max_length=MOST_PROGRAMS)]


def listed(intake: Intake) -> tuple[Listed, ...] | None:
    """The programs of the one callbox.toml in the submission, or None without one. Its paths start at its folder."""
    lists = [name for name in sorted(intake.files) if PurePosixPath(name).name == LISTING]
    if not lists:
        return None
    if len(lists) > 1:
        raise SubmissionError(f"{intake.shown}: has more than one {LISTING}: {', '.join(map(plain, lists))}")
    where = plain(lists[0])
    tables = validate(parse(intake.files[lists[0]].data, where, SubmissionError), _Listing, where, SubmissionError)
    base = PurePosixPath(lists[0]).parent
    entries = [
        _listed(f"{where}: program no. {n}", base, entry, intake.files) for n, entry in enumerate(tables.program, 1)
    ]
    return tuple(entries)


def _listed(where: str, base: PurePosixPath, entry: _Program, files: Mapping[str, object]) -> Listed:
    file = None if entry.file is None else str(base / entry.file)
    if file is None and entry.run is None:
        raise SubmissionError(f'{where}: says neither file = "server.py" nor run = ["./server"]')
    if file is not None and file not in files:
        raise SubmissionError(f"{where}.file: there is no {plain(file)} in the submission; {meant(file, files)}")
    return Listed(
        where,
        base if file is None else PurePosixPath(file).parent,
        file,
        entry.role,
        tuple(entry.build) if entry.build else None,
        tuple(entry.run) if entry.run else None,
        frozenset(entry.takes),
    )
