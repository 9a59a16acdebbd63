"""From verdicts to marks, in exact fractions: what every check was worth, what it got, and why."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, Protocol

from callbox.catalogue import Behaviour, Catalogue
from callbox.verdict import Verdict

Visibility = Literal["visible", "hidden", "after_due_date", "after_published"]
NOTHING = Fraction(0)


class Row(Protocol):
    """The record of one check of one program."""

    @property
    def program(self) -> str:
        """its name, which no other program of the hand-in has"""

    @property
    def role(self) -> str:
        """in which it was judged"""

    @property
    def behaviour(self) -> str:
        """the id, `suite.file.name`"""

    @property
    def verdict(self) -> Verdict:
        """what became of the check"""

    @property
    def rests_on_failed(self) -> bool:
        """of not judged: is it because something that it rests on failed"""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a check can bring, in the rubric's points."""

    points: Fraction
    bonus: Fraction
    visibility: Visibility
    group: str = ""
    all_or_nothing: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One check that carries points, and what it got; in the rubric's points, before they are brought to `out_of`."""

    behaviour: str
    role: str
    program: str | None
    """None when none of this role was handed in"""
    level: str
    verdict: Verdict | None
    """None when there is no record"""
    points: Fraction
    possible: Fraction
    bonus: Fraction
    bonus_possible: Fraction
    visibility: Visibility
    group: str
    counted: bool
    """False: left out of the marks, as if the rubric did not have it"""
    why: str = ""
    """where the verdict alone does not tell"""


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a hand-in. Decimals are rounded for themselves, half up, from exact fractions."""

    score: Decimal | None
    """with bonus and penalty, from 0 to `out_of`; None when the bench could judge nothing"""
    out_of: Decimal
    bonus: Decimal
    """how much of the score it brought, before the penalty: it makes up for points lost, never for more"""
    penalty: Decimal
    """what being late took away"""
    days_late: int
    items: tuple[Item, ...]
    judged: int
    """how many items count"""
    left_out: int
    scale: Fraction
    """what one of the rubric's points is worth in the score; 0 when there are none"""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rubric says of the whole: `share` is what a lateness of some days takes away, from 0 to 1."""

    out_of: Fraction
    decimals: int
    not_judged_fails: bool
    share: Callable[[int], Fraction]
    worth: Callable[[Behaviour, str], Worth]


Records = dict[str, dict[str | None, dict[str, Row]]]  # role -> program -> behaviour -> its record


def marked(
    terms: Terms, rows: Iterable[Row], catalogue: Catalogue, roles: Sequence[str], *, days_late: int, problem: str
) -> Marks:
    """The marks of one hand-in; `callbox.grading.rubric.Rubric.marks` says what of."""
    records: Records = {}
    for row in () if problem else rows:
        records.setdefault(row.role, {}).setdefault(row.program, {})[row.behaviour] = row
    asked = tuple(dict.fromkeys(roles or records))
    nobody: Mapping[str | None, Mapping[str, Row]] = {None: {}}
    choices = [
        [_items(terms, catalogue, role, name, told) for name, told in (records.get(role) or nobody).items()]
        for role in asked
    ]
    items = tuple(item for chosen in _best(choices) for item in chosen)
    if problem:
        items = tuple(replace(item, why=problem) for item in items)
    return _summed(terms, items, days_late, problem, (problem,) if problem else _notes(asked, records))


def rounded(value: Fraction, decimals: int) -> Decimal:
    """Half up, as teachers round; `value` is not negative."""
    return Decimal(math.floor(value * 10**decimals + Fraction(1, 2))).scaleb(-decimals)


def _items(
    terms: Terms, catalogue: Catalogue, role: str, program: str | None, told: Mapping[str, Row]
) -> tuple[Item, ...]:
    """What is asked of one program, and what it got."""
    worth = [(behaviour, terms.worth(behaviour, role)) for behaviour in catalogue.for_role(role)]
    items = [
        _item(terms, behaviour, each, role=role, program=program, row=told.get(behaviour.id))
        for behaviour, each in worth
        if each.points or each.bonus
    ]
    whole = {each.group for _, each in worth if each.all_or_nothing}
    spoilt = {item.group: item.behaviour for item in items if item.counted and item.points < item.possible}
    return tuple(
        replace(item, points=NOTHING, bonus=NOTHING, why=f"all or nothing: {spoilt[item.group]}")
        if item.group in whole & spoilt.keys() and (item.points or item.bonus)
        else item
        for item in items
    )


def _item(terms: Terms, behaviour: Behaviour, worth: Worth, *, role: str, program: str | None, row: Row | None) -> Item:
    counted, why = _counts(program, row, not_judged_fails=terms.not_judged_fails)
    passed = row is not None and row.verdict is Verdict.PASSED
    return Item(
        behaviour.id,
        role,
        program,
        behaviour.level.value,
        row.verdict if row else None,
        worth.points if passed else NOTHING,
        worth.points,
        worth.bonus if passed else NOTHING,
        worth.bonus,
        worth.visibility,
        worth.group,
        counted,
        why,
    )


def _counts(program: str | None, row: Row | None, *, not_judged_fails: bool) -> tuple[bool, str]:
    """Does it count, and why where that is not plain? What the bench could not do costs nobody points."""
    if program is None:
        return True, "no program of this role was handed in"
    if row is None:
        return False, "there is no record of it"
    if row.verdict is Verdict.INCONCLUSIVE:
        return False, "inconclusive: the bench or the machine failed"
    if row.verdict is not Verdict.NOT_JUDGED:
        return True, ""
    if row.rests_on_failed:
        return not_judged_fails, "not judged: what it rests on failed"
    return False, "not judged: there is no evidence here"


def _best(choices: Sequence[Sequence[tuple[Item, ...]]]) -> list[tuple[Item, ...]]:
    """Of each role the program with which the score is highest (by Dinkelbach's method for the best of fractions)."""
    ratio = NOTHING
    while True:
        chosen = [max(programs, key=lambda items: _gain(items, ratio)) for programs in choices]
        got, possible = (sum(each) for each in zip(*map(_sums, chosen), strict=True)) if chosen else (0, 0)
        if not possible or Fraction(got, possible) <= ratio:
            return chosen
        ratio = Fraction(got, possible)


def _sums(items: Iterable[Item]) -> tuple[Fraction, Fraction]:
    counted = [item for item in items if item.counted]
    got = sum((item.points + item.bonus for item in counted), NOTHING)
    return got, sum((item.possible for item in counted), NOTHING)


def _gain(items: Iterable[Item], ratio: Fraction) -> tuple[Fraction, Fraction]:
    got, possible = _sums(items)
    return got - ratio * possible, possible


def _summed(terms: Terms, items: tuple[Item, ...], days_late: int, problem: str, notes: tuple[str, ...]) -> Marks:
    counted = [item for item in items if item.counted]
    possible = sum((item.possible for item in counted), NOTHING)
    scale = terms.out_of / possible if possible else NOTHING
    base = scale * sum((item.points for item in counted), NOTHING)
    whole = min(terms.out_of, base + scale * sum((item.bonus for item in counted), NOTHING))
    penalty = whole * terms.share(days_late)
    known = possible or problem
    return Marks(
        rounded(whole - penalty, terms.decimals) if known else None,
        rounded(terms.out_of, terms.decimals),
        rounded(whole - base, terms.decimals),
        rounded(penalty, terms.decimals),
        days_late,
        items,
        len(counted),
        len(items) - len(counted),
        scale,
        notes if known else (*notes, "nothing that carries points could be judged"),
    )


def _notes(asked: Sequence[str], records: Records) -> tuple[str, ...]:
    """What of the programs decides the marks and is not to be seen in a verdict."""
    there = {role: [str(name) for name in programs] for role, programs in records.items()}
    missing = [f"{role}: none was handed in, so its checks count 0" for role in asked if role not in there]
    several = [
        f"{role}: of {', '.join(names)} the one that gives the higher score counts"
        for role, names in there.items()
        if role in asked and len(names) > 1
    ]
    extra = [f"{', '.join(names)}: no {role} was asked for" for role, names in there.items() if role not in asked]
    return (*missing, *several, *extra)
