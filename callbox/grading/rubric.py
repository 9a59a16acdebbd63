"""rubric.toml: what each check is worth, what being late costs, and who gets to see what."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from callbox.catalogue import Behaviour, Catalogue, Level
from callbox.grading.marks import NOTHING, Marks, Row, Terms, Visibility, Worth, marked
from callbox.strict import Strict, meant, parse, read, validate


class RubricError(ValueError):
    """A rubric that cannot be used; one line for each mistake, with its file and key."""


def _known(glob: str, words: set[str], what: str, hints: set[str]) -> str:
    if not any(fnmatchcase(word, glob) for word in words):
        raise ValueError(f"{glob!r} matches no {what}; {meant(glob, words | hints)}")
    return glob


def _a_behaviour(glob: str, info: ValidationInfo) -> str:
    rows = _graded(info)
    places = {f"{row.suite}.{row.file}.*" for row in rows} | {f"{row.suite}.*" for row in rows}
    return _known(glob, {row.id for row in rows}, "behaviour of programs", places)


def _a_suite(glob: str, info: ValidationInfo) -> str:
    return _known(glob, {row.suite for row in _graded(info)}, "suite of programs", set())


def _a_role(glob: str, info: ValidationInfo) -> str:
    return _known(glob, {role for row in _graded(info) for role in row.roles}, "role", set())


def _graded(info: ValidationInfo) -> list[Behaviour]:
    """What can carry points: what is asked of programs, and more than reported."""
    catalogue = info.context
    assert isinstance(catalogue, Catalogue), "a rubric is read by load()"
    return [row for row in catalogue.values() if row.roles and row.level is not Level.INFO]


def _a_zone(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError(f"{time} has no time zone; write {time.isoformat()}+08:00, or Z for UTC")
    return time


@cache
def exact(number: float) -> Fraction:
    """The number as it was written: 0.1 is a tenth."""
    return Fraction(str(number))


_Said = TypeVar("_Said")
_Number = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
_Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Late(Strict):
    """What being late costs: a share of what was earned."""

    due: Annotated[datetime, AfterValidator(_a_zone)] | None = None
    grace_minutes: Annotated[int, Field(ge=0)] = 0
    flat_percent: _Percent = 0
    percent_per_day: _Percent = 0
    at_most: _Percent = 100

    def share(self, days: int) -> Fraction:
        """What is taken away for so many days begun, from 0 to 1."""
        if days <= 0:
            return NOTHING
        percent = exact(self.flat_percent) + exact(self.percent_per_day) * days
        return min(percent, exact(self.at_most)) / 100

    def days(self, handed_in: datetime | None, *, late: bool | None) -> int:
        """How many days late, each one begun counting whole. Where only the platform's word is known, it is one."""
        if handed_in is None or self.due is None:
            return 1 if late else 0
        time = handed_in if handed_in.tzinfo else handed_in.replace(tzinfo=self.due.tzinfo)
        if time <= self.due + timedelta(minutes=self.grace_minutes):
            return 0
        return math.ceil((time - self.due) / timedelta(days=1))


class Points(Strict):
    """Which checks it speaks of (all that it names must fit), and what it says of them."""

    behaviour: Annotated[str, AfterValidator(_a_behaviour)] | None = None
    suite: Annotated[str, AfterValidator(_a_suite)] | None = None
    role: Annotated[str, AfterValidator(_a_role)] | None = None
    level: Literal["MUST", "SHOULD"] | None = None

    points: _Number | None = None
    bonus: _Number | None = None
    visibility: Visibility | None = None
    group: Annotated[str, Field(min_length=1)] | None = None
    all_or_nothing: bool = False

    @model_validator(mode="after")
    def _makes_sense(self, info: ValidationInfo) -> Self:
        if self.all_or_nothing and self.group is None:
            raise ValueError('all_or_nothing is of a group: say group = "name", too')
        if all(said is None for said in (self.points, self.bonus, self.visibility, self.group)):
            raise ValueError("says neither points nor bonus, visibility or group")
        if not any(self.speaks_of(row, role) for row in _graded(info) for role in row.roles):
            raise ValueError("no behaviour fits all that it names: behaviour, suite, role and level")
        return self

    def speaks_of(self, behaviour: Behaviour, role: str) -> bool:
        """Is it about this check of programs of this role?"""
        named = ((self.behaviour, behaviour.id), (self.suite, behaviour.suite), (self.role, role))
        fits = all(glob is None or fnmatchcase(word, glob) for glob, word in named)
        return fits and self.level in {None, behaviour.level.value}


class Rubric(Strict):
    """A whole rubric. Without a file a MUST is worth one point, a SHOULD nothing, and all that is asked for makes 100."""

    out_of: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] = 100
    decimals: Annotated[int, Field(ge=0, le=4)] = 2
    not_judged: Literal["fails", "leaves out"] = "fails"
    visibility: Visibility = "visible"
    late: Late = Field(default_factory=Late)
    points: list[Points] = Field(default_factory=list)

    @model_validator(mode="after")
    def _can_be_reached(self, info: ValidationInfo) -> Self:
        if (exact(self.out_of) * 10**self.decimals).denominator != 1:
            raise ValueError(f"out_of = {self.out_of} cannot be reached with decimals = {self.decimals}")
        if not any(self.worth(row, role).points for row in _graded(info) for role in row.roles):
            raise ValueError("nothing is worth any points")
        return self

    def worth(self, behaviour: Behaviour, role: str) -> Worth:
        """What a check of programs of this role can bring. Of the entries that speak of it, the last that says a thing counts."""
        said = [entry for entry in self.points if entry.speaks_of(behaviour, role)]
        usual = 1 if behaviour.level is Level.MUST else 0
        points = _last((entry.points for entry in said), usual)
        bonus = _last((entry.bonus for entry in said), 0)
        group = _last((entry.group for entry in said), "")
        if behaviour.level is Level.INFO:
            points = bonus = 0
        return Worth(
            exact(points),
            exact(bonus),
            _last((entry.visibility for entry in said), self.visibility),
            group,
            any(entry.all_or_nothing and entry.group == group for entry in self.points),
        )

    def days_late(self, handed_in: datetime | None, *, late: bool | None) -> int:
        """How many days late a hand-in is, by its time, or else by what the platform says."""
        return self.late.days(handed_in, late=late)

    def marks(
        self,
        rows: Iterable[Row],
        *,
        catalogue: Catalogue,
        roles: Sequence[str],
        days_late: int = 0,
        problem: str = "",
    ) -> Marks:
        """The marks of a hand-in, from the records of its checks.

        `roles` are those asked for: of one that is missing all checks count 0, others do not count; with none, whatever
        was handed in is. Of several programs of a role the one that gives the higher score counts. What was not judged
        for want of evidence, is inconclusive or has no record is left out. A hand-in with a `problem` gets 0.
        """
        terms = Terms(exact(self.out_of), self.decimals, self.not_judged == "fails", self.late.share, self.worth)
        return marked(terms, rows, catalogue, roles, days_late=days_late, problem=problem)


def _last(said: Iterable[_Said | None], usual: _Said) -> _Said:
    return next((each for each in reversed(list(said)) if each is not None), usual)


def load(path: Path | None, catalogue: Catalogue) -> Rubric:
    """The rubric in a TOML file, or the usual one. A RubricError has a line for each mistake."""
    shown = str(path or "the usual rubric")
    tables = parse(read(path, RubricError), shown, RubricError) if path else {}
    return validate(tables, Rubric, shown, RubricError, catalogue)
