"""Points as numbers that people and platforms read."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def number(points: Fraction) -> int | float:
    """As it is where four decimals say it, which is what a rubric may ask for; else hundredths, half a one up."""
    told = points if (points * 10_000).denominator == 1 else Fraction(floor(points * 100 + Fraction(1, 2)), 100)
    return int(told) if told.denominator == 1 else float(told)


def written(points: Fraction, decimal: str = ".") -> str:
    """The same as text, with the country's decimal sign."""
    return str(number(points)).replace(".", decimal)


def total(points: Iterable[Fraction]) -> Fraction:
    """Their sum, exactly."""
    return sum(points, Fraction(0))
