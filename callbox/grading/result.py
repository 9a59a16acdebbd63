"""What grading a student came to, as all pages and files are made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from callbox.record import Record


@dataclass(frozen=True)
class Student:
    """Who handed something in."""

    key: str
    """stable: a login, an e-mail address or a number"""
    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    """what the platform says of them, by the platform's names: "Identifier", "SIS Login ID", …"""


@dataclass(frozen=True)
class Item:
    """What a behaviour of a role is worth by the rubric, and how much of it was reached."""

    behaviour: str
    """its id"""
    role: str
    got: Fraction
    possible: Fraction
    visibility: str = "visible"
    """visible, hidden, after_due_date or after_published"""
    group: str = ""


@dataclass(frozen=True)
class Marks:
    """Points. `score` has its penalty and bonus in it already."""

    score: Fraction
    out_of: Fraction
    bonus: Fraction = Fraction(0)
    penalty: Fraction = Fraction(0)
    items: tuple[Item, ...] = ()
    by_hand: Fraction | None = None
    """what a teacher has set instead"""
    note: str = ""
    """the teacher's"""

    @property
    def final(self) -> Fraction:
        """What counts."""
        return self.score if self.by_hand is None else self.by_hand


@dataclass(frozen=True)
class Result:
    """One student's hand-in, judged and marked."""

    student: Student
    problem: str
    """why it could not be judged; empty when it was"""
    notes: tuple[str, ...]
    late: bool
    handed_in: datetime | None
    records: tuple[Record, ...]
    marks: Marks
    seed: int
    tier: str
    seconds: float
    content_hash: str

    @property
    def is_graded(self) -> bool:
        """Is there a mark to tell: was it judged, or has a teacher said what it is worth?"""
        return not self.problem or self.marks.by_hand is not None
