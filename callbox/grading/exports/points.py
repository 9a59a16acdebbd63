"""Points as numbers that people and platforms read: hundredths, as Canvas keeps and shows them."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def number(points: Fraction) -> int | float:
    """Rounded to hundredths, half a hundredth up; a whole number where it is one."""
    hundredths = floor(points * 100 + Fraction(1, 2))
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def written(points: Fraction, decimal: str = ".") -> str:
    """The same as text, with the country's decimal sign."""
    return str(number(points)).replace(".", decimal)


def total(points: Iterable[Fraction]) -> Fraction:
    """Their sum, exactly."""
    return sum(points, Fraction(0))
