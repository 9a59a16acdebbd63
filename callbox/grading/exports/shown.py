"""What a student may see of a result; what is hidden is summed up in one line, so that the points still add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callbox.grading.exports.points import total
from callbox.grading.exports.telling import Row, rows_of

if TYPE_CHECKING:
    from fractions import Fraction

    from callbox.grading.result import Result


@dataclass(frozen=True)
class Shown:
    """The rows of a result where a file has no say of its own in who sees what."""

    rows: tuple[Row, ...]
    hidden: int
    """rows that are not shown"""
    got: Fraction
    """points in those"""
    possible: Fraction


def shown_of(result: Result) -> Shown:
    """What is visible at all times: a file on GitHub cannot wait for a due date."""
    rows = rows_of(result)
    hidden = [row for row in rows if not row.is_visible]
    visible = tuple(row for row in rows if row.is_visible)
    return Shown(visible, len(hidden), total(row.got for row in hidden), total(row.possible for row in hidden))
