"""A result as its student reads it: what to mend, what follows from that, advice, what could not be judged, what is well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from callbox import diagnosis
from callbox.grading.pages.paper import words
from callbox.verdict import MISSED, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from callbox.diagnosis import Root
    from callbox.grading.pages.telling import Telling, Told
    from callbox.grading.result import Result
    from callbox.record import Record

HIDDEN = "hidden"
"""The visibility of what a student is not shown."""


@dataclass(frozen=True)
class Missed:
    """A behaviour that the program misses, and what is told with it."""

    told: Told
    alike: tuple[Told, ...]
    """missed too, and for the same reason"""
    rests: tuple[Told, ...]
    """not judged because of it"""


@dataclass(frozen=True)
class Sorted:
    """What a student is shown, each part in the material's order."""

    failed: tuple[Missed, ...]
    advised: tuple[Missed, ...]
    unjudged: tuple[Told, ...]
    passed: tuple[Told, ...]
    first: Missed | None
    """of what failed, what to mend before anything else"""
    hidden: int
    """behaviours that are marked and not shown"""

    @property
    def is_well(self) -> bool:
        """Was everything judged, and nothing missed that must be there?"""
        return bool(self.passed) and not self.failed and not self.unjudged

    @classmethod
    def of(cls, result: Result, telling: Telling, most: int) -> Sorted:
        """Sort a result; no line that is told is longer than `most` characters."""
        hidden = {(item.behaviour, item.role) for item in result.marks.items if item.visibility == HIDDEN}
        shown = [record for record in result.records if (record.behaviour, record.role) not in hidden]
        shown.sort(key=lambda record: telling.order(record.behaviour, record.role))

        def tell(records: Iterable[Record]) -> tuple[Told, ...]:
            return tuple(telling.told(record, most) for record in records)

        roots = diagnosis.roots(shown)
        missed = {
            id(root.record): Missed(telling.told(root.record, most), tell(root.alike), tell(root.resting))
            for root in roots
        }
        first = diagnosis.first_to_mend(shown)
        return cls(
            tuple(missed[id(root.record)] for root in roots if root.is_must),
            tuple(missed[id(root.record)] for root in roots if root.record.verdict is Verdict.ADVISED),
            tuple(discreet(one, telling.lang) for one in tell(unjudged(shown, roots))),
            tell(record for record in shown if record.verdict is Verdict.PASSED),
            missed[id(first.record)] if first and first.is_must else None,
            len(hidden),
        )


def unjudged(records: list[Record], roots: tuple[Root, ...]) -> tuple[Record, ...]:
    """What could not be judged, but for what rests on something that is told as missed."""
    elsewhere = {id(record) for root in roots if root.record.verdict in MISSED for record in root.resting}
    unsure = (record for record in records if record.verdict in {Verdict.NOT_JUDGED, Verdict.INCONCLUSIVE})
    return tuple(record for record in unsure if id(record) not in elsewhere)


def discreet(told: Told, lang: str) -> Told:
    """Not judged, and what it rests on is not shown here: nor is the reason, which names it."""
    return replace(told, reason=words(lang)["hidden_base"]) if told.record.outcome.base else told
