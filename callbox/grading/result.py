"""What became of a student's submission, as data: who, what was judged, and what it comes to in marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from fractions import Fraction

    from callbox.record import Record


@dataclass(frozen=True)
class Student:
    """Who handed something in."""

    key: str
    name: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Item:
    """What one behaviour of one role counts, and what of it was earned."""

    behaviour: str
    role: str
    got: Fraction
    possible: Fraction
    visibility: str
    group: str


@dataclass(frozen=True)
class Marks:
    """What a result comes to."""

    score: Fraction
    out_of: Fraction
    bonus: Fraction
    penalty: Fraction
    items: tuple[Item, ...]
    by_hand: Fraction | None = None
    note: str = ""

    @property
    def final(self) -> Fraction:
        """What counts: what a teacher set by hand, or else the score."""
        return self.score if self.by_hand is None else self.by_hand


@dataclass(frozen=True)
class Result:
    """A student's submission, judged and marked."""

    student: Student
    problem: str
    notes: tuple[str, ...]
    late: bool
    handed_in: datetime | None
    records: tuple[Record, ...]
    marks: Marks
    seed: int
    tier: str
    seconds: float
    content_hash: str
