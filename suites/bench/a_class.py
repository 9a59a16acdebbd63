"""A class that nobody taught: students, and records of their programs, made up so that they come out the same each time."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from callbox import assignment, catalogue
from callbox.catalogue import Level
from callbox.grading.pages.telling import Telling
from callbox.grading.result import Item, Marks, Result, Student
from callbox.home import SUITES
from callbox.record import Record
from callbox.story import Story
from callbox.subject import Outcome
from callbox.transcript import Event
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CATALOGUE, ASSIGNMENT = catalogue.load(SUITES), assignment.load()
SERVER, CLIENT = "tcp-forever-server", "tcp-loop-client"
SURNAMES = ("Li", "Müller", "王", "Ortega", "Nair", "张", "Haddad", "Weber", "陈", "Cohen")
MISSES = {Level.MUST: Verdict.FAILED, Level.SHOULD: Verdict.ADVISED, Level.INFO: Verdict.PASSED}


def telling(lang: str = "en", pictures: Callable[[Record], str] = lambda _: "") -> Telling:
    """How the class is told."""
    return Telling(CATALOGUE, ASSIGNMENT, lang, pictures)


def asked(count: int) -> list[tuple[str, str]]:
    """So many behaviours with the role of which they are demanded."""
    pairs = [(one.id, role) for role in (CLIENT, SERVER) for one in CATALOGUE.for_role(role)]
    assert len(pairs) >= count
    return pairs[:count]


def a_story(said: str, word: str, cause: str) -> Story:
    """One in which a program says something at every turn."""
    events = (
        Event("client 1", "dialled", None, 0.1),
        Event("client 1", "sent", word.encode(), 0.2),
        Event("program", "answered client 1", said.encode("utf-8", "surrogatepass"), 0.3),
    )
    return Story(f'client 1 is answered "{word.upper()}"', said, f"{cause} {said}", events, said)


def a_record(
    behaviour: str,
    role: str,
    verdict: Verdict,
    said: str = "no",
    *,
    base: str = "",
    word: str = "word",
    cause: str = "",
) -> Record:
    """Of a behaviour that came to this, for a cause of its own where none is named."""
    missed = verdict in {Verdict.FAILED, Verdict.ADVISED}
    reason = (
        "" if missed or verdict is Verdict.PASSED else f"it rests on {base}" if base else f"it cannot be told: {said}"
    )
    outcome = Outcome(verdict, a_story(said, word, cause or f"{behaviour}: it said") if missed else None, reason, base)
    return Record(f"{role}.py", role, behaviour, CATALOGUE[behaviour].level, outcome, 0.5)


def a_result(
    records: Sequence[Record], name: str = "Li Wei", key: str = "s1", *, hidden: Sequence[str] = (), note: str = ""
) -> Result:
    """Of a student; behaviours in `hidden` are not for students to see."""
    musts = [record for record in records if record.level is Level.MUST]
    items = tuple(
        Item(
            one.behaviour,
            one.role,
            Fraction(one.verdict is Verdict.PASSED),
            Fraction(1),
            "hidden" if one.behaviour in hidden else "visible",
            one.role,
        )
        for one in musts
    )
    score, out_of = sum(item.got for item in items), sum(item.possible for item in items)
    return Result(
        Student(name, key, fields={"group": "A"}),
        "",
        (),
        False,
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        tuple(records),
        Marks(Fraction(score), Fraction(out_of), items=items, note=note),
        7,
        "booth",
        31.5,
        "9f2c1ab0",
    )


def a_class(students: int, behaviours: int, said: Callable[[random.Random], str] = lambda _: "no") -> list[Result]:
    """A whole one, in which each misses about a fifth of what is asked; `said` is what a program says in a story."""
    chance, made = random.Random(7), []
    for number in range(students):
        records = [
            a_record(name, role, verdict_of(name, chance), said(chance), word=f"word{chance.randrange(50)}")
            for name, role in asked(behaviours)
        ]
        made.append(a_result(records, f"{SURNAMES[number % len(SURNAMES)]} {number}", f"s{number}"))
    return made


def verdict_of(behaviour: str, chance: random.Random) -> Verdict:
    """By chance."""
    if chance.random() < 0.75:
        return Verdict.PASSED
    if chance.random() < 0.2:
        return Verdict.INCONCLUSIVE
    return MISSES[CATALOGUE[behaviour].level]
