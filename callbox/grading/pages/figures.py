"""The class in figures: how the marks are spread, and what is missed most."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callbox.verdict import MISSED, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callbox.grading.pages.telling import Telling
    from callbox.grading.result import Result

BINS = 10
MOST = 12
"""Behaviours listed as missed most."""


@dataclass(frozen=True)
class Bin:
    """Students whose marks lie from `low` up to `high` percent."""

    low: int
    high: int
    count: int
    height: float
    """against the highest: 0 to 1"""


@dataclass(frozen=True)
class Miss:
    """A behaviour that some of those miss of whom it is asked."""

    says: str
    role: str
    verdict: Verdict
    count: int
    asked: int


@dataclass(frozen=True)
class Figures:
    """What is told above the table."""

    mean: float
    median: float
    bins: tuple[Bin, ...]
    missed: tuple[Miss, ...]

    @classmethod
    def of(cls, results: Sequence[Result], telling: Telling) -> Figures:
        """Count; the mean and the median are of those who have a mark."""
        shares = [percent(result) for result in results if result.is_graded]
        mean, median = (statistics.mean(shares), statistics.median(shares)) if shares else (0.0, 0.0)
        return cls(mean, median, spread(shares), most(results, telling))


def percent(result: Result) -> float:
    """What the marks are of what was possible; nothing, where nothing was."""
    marks = result.marks
    return float(100 * marks.final / marks.out_of) if marks.out_of else 0.0


def spread(shares: Sequence[float]) -> tuple[Bin, ...]:
    """How many lie in each tenth; full marks and more are in the last."""
    width = 100 // BINS
    counts = Counter(min(max(int(share) // width, 0), BINS - 1) for share in shares)
    highest = max(counts.values(), default=1)
    return tuple(Bin(n * width, (n + 1) * width, counts[n], counts[n] / highest) for n in range(BINS))


def most(results: Sequence[Result], telling: Telling) -> tuple[Miss, ...]:
    """What most students miss, what is missed by most of them first; advice after what must be."""
    records = {
        (record.behaviour, record.role, result.student.key): record.verdict
        for result in results
        for record in sorted(result.records, key=lambda record: record.verdict in MISSED)
    }
    asked = Counter(key[:2] for key in records)
    missed = Counter((*key[:2], it) for key, it in records.items() if it in MISSED)
    order = sorted(missed, key=lambda one: (one[2] is Verdict.ADVISED, -missed[one], telling.order(*one[:2])))
    return tuple(
        Miss(telling.words(name, role).says, role, verdict, missed[name, role, verdict], asked[name, role])
        for name, role, verdict in order[:MOST]
    )
