"""A result as its student reads it: what to mend, what rests on that, advice, what could not be judged, what is well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from callbox.grading.pages.paper import words
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from callbox.grading.pages.telling import Telling, Told
    from callbox.grading.result import Result
    from callbox.record import Record

HIDDEN = "hidden"
"""The visibility of what a student is not shown."""
Key = tuple[str, str, str]
"""Program, role, behaviour."""


@dataclass(frozen=True)
class Missed:
    """A behaviour that the program misses, and what is not judged because of that."""

    told: Told
    rests: tuple[Told, ...]


@dataclass(frozen=True)
class Sorted:
    """What a student is shown, each part in the material's order."""

    failed: tuple[Missed, ...]
    advised: tuple[Missed, ...]
    unjudged: tuple[Told, ...]
    passed: tuple[Told, ...]
    hidden: int
    """behaviours that are marked and not shown"""

    @property
    def first(self) -> Missed | None:
        """What to mend before anything else: what most of the rest stands on."""
        return max(self.failed, key=lambda one: len(one.rests), default=None)

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
        roots = roots_of(shown)
        told = {key(record): telling.told(record, most) for record in shown}
        own = [record for record in shown if roots[key(record)] == key(record)]

        def missed(verdict: Verdict) -> tuple[Missed, ...]:
            return tuple(Missed(told[key(one)], resting(one)) for one in own if one.verdict is verdict)

        def resting(base: Record) -> tuple[Told, ...]:
            return tuple(told[one] for one, root in roots.items() if root == key(base) != one)

        unsure = (one for one in own if one.verdict in {Verdict.NOT_JUDGED, Verdict.INCONCLUSIVE})
        return cls(
            missed(Verdict.FAILED),
            missed(Verdict.ADVISED),
            tuple(discreet(told[key(one)], telling.lang) for one in unsure),
            tuple(told[key(one)] for one in own if one.verdict is Verdict.PASSED),
            len(hidden),
        )


def key(record: Record) -> Key:
    """What a record is of."""
    return record.program, record.role, record.behaviour


def roots_of(records: Iterable[Record]) -> Mapping[Key, Key]:
    """For each record the one that it rests on in the end: itself, unless one of these is the reason that it is not judged."""
    found = {key(record): record for record in records}

    def root(record: Record) -> Key:
        base = found.get((record.program, record.role, record.outcome.base))
        return root(base) if base else key(record)

    return {one: root(record) for one, record in found.items()}


def discreet(told: Told, lang: str) -> Told:
    """Not judged, and what it rests on is not shown here: nor is the reason, which names it."""
    return replace(told, reason=words(lang)["hidden_base"]) if told.record.outcome.base else told
