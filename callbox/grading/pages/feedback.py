"""What a student reads: the marks, what to mend first, each failure with its story, advice; as a page and as text."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from callbox.grading.pages.paper import image, number, page, words
from callbox.grading.pages.safe import clip
from callbox.grading.pages.sorting import HIDDEN, Sorted
from callbox.shown import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from callbox.grading.pages.sorting import Missed
    from callbox.grading.pages.telling import Telling, Told
    from callbox.grading.result import Result

SIZE = 200_000
"""Bytes that a page stays below."""
NAME, NOTES = 200, 20
"""Characters of a name or a note, and notes, that are shown."""
SIGNS = {"FAILED": "✗", "ADVISED": "!"}


@dataclass(frozen=True)
class Amount:
    """How much is told."""

    stories: int
    whole: int
    """stories with their picture and their script"""
    most: int
    """characters of a line"""
    listed: int
    """lines of a list"""


AMOUNTS = (Amount(60, 60, 2000, 300), Amount(60, 8, 500, 300), Amount(20, 2, 300, 150), Amount(3, 0, 150, 50))
"""The first that makes a page small enough is taken. The last always does: 3 stories of some 45 lines, which have 10 bytes a
character at worst."""


@dataclass(frozen=True)
class Shown:
    """A missed behaviour on the page."""

    told: Told
    alike: Sequence[Told]
    rests: Sequence[Told]
    counts: tuple[int, int]
    """of all that is alike, and of all that rests on it"""
    anchor: str
    sign: str
    full: bool
    """with its story"""
    picture: str
    repeat: str


def feedback_html(result: Result, telling: Telling) -> str:
    """The page of one student: below SIZE bytes, without a script; behaviours that are hidden are only counted."""
    for amount in AMOUNTS:
        drawn = draw(result, telling, amount)
        if len(drawn.encode()) < SIZE:
            break
    return drawn


def draw(result: Result, telling: Telling, amount: Amount) -> str:
    """The page with so much on it."""
    view = Sorted.of(result, telling, amount.most)
    shown = list(show(view, telling, amount))
    failed, advised = shown[: len(view.failed)], shown[len(view.failed) :]
    student, marks = result.student, result.marks
    first = next((one for one in failed if view.first and one.told is view.first.told), None)
    return page(
        "feedback",
        telling.lang,
        result=result,
        name=clip(student.name, NAME),
        key=clip(student.key, NAME),
        title=telling.title,
        problem=clip(result.problem, amount.most),
        handed_in=f"{result.handed_in:%Y-%m-%d %H:%M %Z}".strip() if result.handed_in else "",
        marks=marks,
        parts=parts(result),
        notes=remarks(result),
        view=view,
        first=first,
        failed=failed,
        advised=advised,
        listed=amount.listed,
        cut=left_out(shown, view, amount, telling),
    )


def show(view: Sorted, telling: Telling, amount: Amount) -> Iterator[Shown]:
    """What is missed: the first ones with their stories, and the first of these with all there is."""
    for place, one in enumerate((*view.failed, *view.advised)):
        record, full = one.told.record, place < amount.stories
        yield Shown(
            one.told,
            one.alike[: amount.listed],
            one.rests[: amount.listed],
            (len(one.alike), len(one.rests)),
            f"missed-{place + 1}",
            SIGNS[record.verdict.name],
            full,
            image(telling.pictures(record)) if place < amount.whole else "",
            telling.repeats(record) if place < amount.whole else "",
        )


def left_out(shown: Sequence[Shown], view: Sorted, amount: Amount, telling: Telling) -> str:
    """What is not on the page for its size, in a sentence; empty when everything is."""
    missed = (*view.failed, *view.advised)
    lists = (*(several for one in missed for several in (one.alike, one.rests)), view.unjudged, view.passed)
    plain = (one.told.record for one in shown[amount.whole :])
    counts = {
        "stories": max(0, len(shown) - amount.stories),
        "pictures": sum(bool(telling.pictures(record) or telling.repeats(record)) for record in plain),
        "lines": sum(max(0, len(several) - amount.listed) for several in lists),
    }
    return words(telling.lang)["cut"].format(**counts) if any(counts.values()) else ""


def parts(result: Result) -> Mapping[str, tuple[Fraction, Fraction]]:
    """What was earned in each group of the rubric, and what was possible, of what is shown."""
    sums: dict[str, tuple[Fraction, Fraction]] = {}
    for item in result.marks.items:
        if item.visibility != HIDDEN:
            got, possible = sums.get(item.group, (Fraction(), Fraction()))
            sums[clip(item.group, NAME)] = got + item.got, possible + item.possible
    return sums


def remarks(result: Result) -> Sequence[str]:
    """What is to be said of the submission as a whole."""
    return [clip(one, NAME * 2) for one in (result.marks.note, *result.notes[:NOTES]) if one]


# ---- as text


def feedback_text(result: Result, telling: Telling) -> str:
    """The same for a terminal or a letter."""
    amount = AMOUNTS[1]
    view = Sorted.of(result, telling, amount.most)
    return harmless("\n".join(lines(result, view, telling, amount)) + "\n")


def lines(result: Result, view: Sorted, telling: Telling, amount: Amount) -> Iterator[str]:
    """Line by line."""
    t, marks = words(telling.lang), result.marks
    of = t["marks_of"].format(got=number(marks.final), possible=number(marks.out_of))
    yield " · ".join(filter(None, (t["feedback"], telling.title, clip(result.student.name, NAME))))
    if result.problem:
        yield f"{t['problem']} {clip(result.problem, amount.most)}"
    if result.is_graded:
        yield f"{t['marks']}: {of}" + (f" ({t['late']})" if result.late else "")
    yield from remarks(result)
    if view.first:
        yield from ("", f"{t['first']}: {view.first.told.words.says}", f"  {view.first.told.words.tries}")
    elif view.is_well:
        yield from ("", t["all_well"])
    for title, several in ((t["failures"], view.failed), (t["advice"], view.advised)):
        if several:
            yield from ("", f"{title} ({len(several)})")
        for one in several[: amount.stories]:
            yield from ("", *missed_lines(one, t))
    yield from ("", *listed(t["unjudged"], view.unjudged[: amount.listed]))
    yield t["passes"].format(count=len(view.passed))
    if view.hidden:
        yield t["hidden"].format(count=view.hidden)


def missed_lines(one: Missed, t: Mapping[str, str]) -> Iterator[str]:
    """A failure, its story and its words."""
    told = one.told
    record = told.record
    yield f"{SIGNS[record.verdict.name]} {told.words.says} [{record.program}, {record.role}, {record.behaviour}]"
    if told.tale:
        yield from named(t, wanted=told.tale.wanted, got=told.tale.got, cause=told.tale.cause)
        yield from named(t, conversation="\n".join(told.tale.conversation))
    yield from named(t, why=told.words.why, **{"try": told.words.tries}, source=told.behaviour.source)
    if told.tale:
        yield from named(t, printed_last=told.tale.printed)
    for name, several in (("alike", one.alike), ("rests_on_this", one.rests)):
        if several:
            yield "  " + t[name].format(count=len(several))


def named(t: Mapping[str, str], **texts: str) -> Iterator[str]:
    """Parts of a story that have something to say, each after its name; those of several lines below it."""
    for name, text in texts.items():
        if "\n" in text:
            yield f"  {t[name]}:"
            yield from (f"    {line}" for line in text.split("\n"))
        elif text:
            yield f"  {t[name]}: {text}"


def listed(title: str, several: Iterable[Told]) -> list[str]:
    """A list below its title; nothing when it is empty."""
    rows = [f"  {one.words.says} [{one.record.program}, {one.record.role}]: {one.reason}" for one in several]
    return [title.format(count=len(rows)), *rows] if rows else []
