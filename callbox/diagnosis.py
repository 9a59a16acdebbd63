"""What is wrong, from what became of many checks: what follows from one root is told as one, and what to mend first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from callbox import tracebacks
from callbox.catalogue import Level
from callbox.verdict import MISSED, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from callbox.record import Record

Judged: TypeAlias = "tuple[str, str]"
"""A program and its role."""


@dataclass(frozen=True, slots=True)
class Root:
    """A behaviour that a program misses, and what is told with it."""

    record: Record
    resting: tuple[Record, ...] = ()
    """what was not judged because of it, or of what is alike"""
    alike: tuple[Record, ...] = ()
    """what is missed too, and for the same reason"""

    @property
    def folded(self) -> tuple[Record, ...]:
        """All that need not be told beside it."""
        return (*self.alike, *self.resting)

    @property
    def is_must(self) -> bool:
        """Does it cost points? Else it is advice, or hangs on what was not judged here."""
        return self.record.verdict is Verdict.FAILED and self.record.level is Level.MUST


def roots(records: Sequence[Record]) -> tuple[Root, ...]:
    """What each program misses, in the order in which the programs come: what is a must first, then advice; in each the order
    of the records, which is the suites' and so the material's. Records that pass, or say nothing of a program, are in none."""
    return tuple(root for own in by_program(records) for root in sorted(_roots(own), key=_weight))


def first_to_mend(records: Sequence[Record]) -> Root | None:
    """Of one program's records, the root with which to begin: a must before advice, of those the one from which most follows,
    and of equals the first. What everything stands on is that one where it fails: everything follows from it."""
    found = roots(records)
    return max(found, key=lambda root: (-_weight(root), len(root.folded)), default=None)


def by_program(records: Iterable[Record]) -> list[list[Record]]:
    """The records of each program in each role."""
    own: dict[Judged, list[Record]] = {}
    for record in records:
        own.setdefault((record.program, record.role), []).append(record)
    return list(own.values())


def _weight(root: Root) -> int:
    if root.is_must:
        return 0
    return 1 if root.record.verdict in MISSED else 2


def _roots(records: Sequence[Record]) -> list[Root]:
    """Of one program. First those that are missed, a must before advice that says the same; each with what is alike. Then what
    rests on them; and by itself what rests on something that is not among the records, or passed there."""
    heads: dict[str, Record] = {}
    alike: dict[str, list[Record]] = {}
    for record in sorted(
        (one for one in records if one.verdict in MISSED), key=lambda one: one.level is not Level.MUST
    ):
        head = heads.setdefault(reason(record), record)
        alike.setdefault(head.behaviour, []).append(record)
    led_by = {record.behaviour: head for head, group in alike.items() for record in group}
    resting: dict[str, list[Record]] = {}
    bases = {record.behaviour: record.outcome.base for record in records if record.rests_on_failed}
    for record in records:
        if record.rests_on_failed:
            base = bottom(record.behaviour, bases)
            resting.setdefault(led_by.get(base, base), []).append(record)
    found = [Root(group[0], tuple(resting.pop(head, ())), tuple(group[1:])) for head, group in alike.items()]
    found += [Root(group[0], tuple(group[1:])) for group in resting.values()]
    order = {id(record): number for number, record in enumerate(records)}
    return sorted(found, key=lambda root: order[id(root.record)])


def bottom(behaviour: str, bases: dict[str, str]) -> str:
    """What a behaviour rests on in the end."""
    seen = {behaviour}
    while (base := bases.get(behaviour)) and base not in seen:
        seen.add(base)
        behaviour = base
    return behaviour


def reason(record: Record) -> str:
    """What two records have in common that are missed for the same reason: the line in which an exception arose, or the whole
    sentence; one for which no cause is known stands for itself."""
    cause = record.outcome.story.cause if record.outcome.story else ""
    return tracebacks.place_in(cause) or cause or record.behaviour
