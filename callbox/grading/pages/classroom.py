"""What a teacher sees of a class: each student against each behaviour, and the story behind each cell."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from markupsafe import Markup

from callbox.grading.pages.figures import Figures, percent
from callbox.grading.pages.packing import Story, as_json, as_script, pack
from callbox.grading.pages.paper import number, page, words
from callbox.grading.pages.safe import clip
from callbox.grading.pages.sorting import HIDDEN
from callbox.saying import in_language
from callbox.telling import LEVELS
from callbox.verdict import MISSED, NAMES, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from callbox.grading.pages.telling import Telling
    from callbox.grading.result import Result
    from callbox.record import Record

STORIES = 3_600_000
"""Bytes that the stories of a class take at most."""
NAME, NOTES, LINE = 200, 10, 1000
"""Characters of a name, notes, and characters of a line that are shown."""
SIGNS = {
    Verdict.FAILED: ("f", "✗"),
    Verdict.INCONCLUSIVE: ("i", "?"),
    Verdict.ADVISED: ("a", "!"),
    Verdict.NOT_JUDGED: ("n", "–"),
    Verdict.PASSED: ("p", "·"),
}
"""A letter for the table's data and a sign for the eye, the gravest first."""
GRAVEST = list(SIGNS)
ABSENT = "-"
"""Not asked of any program of this student."""
Key = tuple[str, str]
"""Behaviour and role: a column."""
Stories: TypeAlias = "dict[str, tuple[int, Record]]"
"""Of a column, as JSON: where each is among them, and the record that is its picture."""


def class_html(results: Sequence[Result], telling: Telling) -> str:
    """One page for a class. With up to 300 students and 60 behaviours it is smaller than 5 MB, whatever programs said."""
    keys = {(record.behaviour, record.role) for result in results for record in result.records}
    columns = sorted(keys, key=lambda key: telling.order(*key))
    stories: dict[Key, Stories] = {key: {} for key in columns}
    students = [student(result, columns, stories, telling) for result in results]
    packs, less = pack([stack(stories[key], telling) for key in columns], STORIES)
    hidden = {(one.behaviour, one.role) for result in results for one in result.marks.items if one.visibility == HIDDEN}
    signs = [
        {"code": code, "sign": sign, "name": verdict.name.lower(), "word": in_language(NAMES[verdict], telling.lang)}
        for verdict, (code, sign) in SIGNS.items()
    ]
    data = {
        "words": dict(words(telling.lang)),
        "signs": signs,
        "columns": [column(key, telling, hidden=key in hidden) for key in columns],
        "students": students,
        "packs": packs,
    }
    return page(
        "class",
        telling.lang,
        title=telling.title,
        count=len(results),
        figures=Figures.of(results, telling),
        signs=signs,
        roles=sorted({role for _, role in columns}, key=[role for _, role in columns].index),
        suites=sorted({name.partition(".")[0] for name, _ in columns}),
        titles=telling.catalogue.titles,
        less=less,
        data=Markup(as_script(data)),
    )


def column(key: Key, telling: Telling, *, hidden: bool) -> Mapping[str, Any]:
    """What is said of a behaviour of a role."""
    behaviour, said = telling.catalogue.find(key[0]), telling.words(*key)
    return {
        "id": behaviour.id,
        "role": key[1],
        "suite": behaviour.suite,
        "label": behaviour.name.replace("_", " ") if telling.lang == "en" else said.says,  # names are English
        "level": in_language(LEVELS[behaviour.level], telling.lang),
        "says": said.says,
        "why": said.why,
        "try": said.tries,
        "source": behaviour.source,
        "hidden": hidden,
    }


def student(
    result: Result, columns: Iterable[Key], stories: Mapping[Key, Stories], telling: Telling
) -> Mapping[str, Any]:
    """A row: who, the marks, a letter a column and, for each that is not passed, which of the column's stories it has.
    Stories that are not there yet are added."""
    mine: dict[Key, list[Record]] = {}
    for record in result.records:
        mine.setdefault((record.behaviour, record.role), []).append(record)
    codes, told = [], []
    for key in columns:
        grave = min((record.verdict for record in mine.get(key, ())), key=GRAVEST.index, default=None)
        codes.append(SIGNS[grave][0] if grave else ABSENT)
        if grave and grave is not Verdict.PASSED:
            told.append(place(mine[key], stories[key], telling))
    fields = [clip(f"{name}: {value}", NAME) for name, value in result.student.fields.items()]
    return {
        "key": clip(result.student.key, NAME),
        "name": clip(result.student.name, NAME),
        "fields": fields[:NOTES],
        "notes": [clip(note, LINE) for note in (result.problem, result.marks.note, *result.notes[:NOTES]) if note],
        "late": result.late,
        "marks": f"{number(result.marks.final)} / {number(result.marks.out_of)}" if result.is_graded else "",
        "percent": round(percent(result), 3) if result.is_graded else -1,
        "codes": "".join(codes),
        "told": told,
    }


def place(records: Iterable[Record], stories: Stories, telling: Telling) -> int:
    """Where the story of these records is among those of their column: one that was told before is not told again."""
    grave = sorted(records, key=lambda record: GRAVEST.index(record.verdict))
    text = json.dumps([tale(record, telling) for record in grave if record.verdict is not Verdict.PASSED])
    return stories.setdefault(text, (len(stories), grave[0]))[0]


def tale(record: Record, telling: Telling) -> Mapping[str, Any]:
    """A record in words. One that is laid to what it rests on has no story of its own."""
    told = telling.told(record, LINE)
    facts: dict[str, Any] = {"program": clip(record.program, NAME), "verdict": SIGNS[record.verdict][0]}
    if told.reason:
        facts["reason"] = told.reason
    if told.tale:
        facts |= vars(told.tale) | {"conversation": "\n".join(told.tale.conversation)}
    return facts


def stack(stories: Stories, telling: Telling) -> list[Story]:
    """The stories of a column, each with its picture, without, and its main line alone."""

    def versions(text: str, record: Record) -> list[str]:
        tales = json.loads(text)
        picture = telling.pictures(record) if record.verdict in MISSED else ""
        brief = [
            {name: one[name] for name in ("program", "verdict", "reason", "cause") if name in one} for one in tales
        ]
        full = [as_json({"tales": tales, "picture": picture})] if picture else []
        return [*full, as_json({"tales": tales}), as_json({"tales": brief, "cut": True})]

    return [partial(versions, text, record) for text, (_, record) in stories.items()]
