"""What a person reads of a result, in a language: its rows, their names, and the story of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from callbox.grading.exports.points import written
from callbox.grading.exports.safe import LONGEST, capped, line
from callbox.saying import in_language, say
from callbox.shown import harmless
from callbox.story import CAUSE, CONVERSATION, GOT, WANTED, conversation, part
from callbox.telling import LEVELS, OUTPUT_LINES, PRINTED, SOURCE, TRY, WHY
from callbox.verdict import NAMES, Verdict

if TYPE_CHECKING:
    from callbox.assignment import Assignment
    from callbox.catalogue import Behaviour, Catalogue, Words
    from callbox.grading.result import Item, Result
    from callbox.record import Record

_WORST_FIRST = (Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.NOT_JUDGED, Verdict.ADVISED, Verdict.PASSED)
LONGEST_PART = 1_000
"""Characters of one part of a story: no part crowds out the others."""


@dataclass(frozen=True)
class Row:
    """A behaviour of a role: what its programs came to, and what it is worth."""

    behaviour: str
    role: str
    records: tuple[Record, ...]
    """one for each program of the role; none when there is no such program"""
    item: Item | None
    """None where the rubric says nothing of it"""

    @property
    def got(self) -> Fraction:
        """Points."""
        return self.item.got if self.item else Fraction(0)

    @property
    def possible(self) -> Fraction:
        """Points."""
        return self.item.possible if self.item else Fraction(0)

    @property
    def is_visible(self) -> bool:
        """May the student see it, whenever it is?"""
        return self.item is None or self.item.visibility == "visible"

    @property
    def verdict(self) -> Verdict:
        """The worst of its programs; that no program was handed in costs what the rubric says."""
        if not self.records:
            return Verdict.FAILED if self.got < self.possible else Verdict.NOT_JUDGED
        return min((record.verdict for record in self.records), key=_WORST_FIRST.index)

    @property
    def seconds(self) -> float:
        """That judging it took."""
        return sum(record.seconds for record in self.records)


def rows_of(result: Result) -> list[Row]:
    """What the rubric lists, in its order; then what was judged beside it. Nothing, where nothing could be judged: the
    problem is told instead, not what it costs a hundred times."""
    if result.problem and not result.records:
        return []
    by_key: dict[tuple[str, str], list[Record]] = {}
    for record in result.records:
        by_key.setdefault((record.behaviour, record.role), []).append(record)
    items = result.marks.items
    rows = [Row(item.behaviour, item.role, tuple(by_key.get((item.behaviour, item.role), ())), item) for item in items]
    listed = {(item.behaviour, item.role) for item in items}
    return rows + [Row(*key, tuple(records), None) for key, records in by_key.items() if key not in listed]


def first_to_mend(rows: list[Row]) -> Row | None:
    """What failed first: the ladder of behaviours goes from what others rest on upwards; else the first advice."""
    return next((row for wanted in (Verdict.FAILED, Verdict.ADVISED) for row in rows if row.verdict is wanted), None)


@dataclass(frozen=True)
class Teller:
    """Tells results in one language. Everything that it returns is plain text, fit for UTF-8 and XML."""

    catalogue: Catalogue
    assignment: Assignment
    lang: str = "en"
    _words: dict[tuple[str, str], Words] = field(default_factory=dict, init=False, repr=False, compare=False)
    """those that were asked for: a class asks for the same ones again and again"""

    def say(self, saying: str) -> str:
        """A sentence in the language; what is no sentence of ours stays as it is."""
        return harmless(in_language(saying, self.lang))

    def behaviour(self, row: Row) -> Behaviour:
        """What is demanded."""
        return self.catalogue.find(row.behaviour)

    def words(self, row: Row) -> Words:
        """Of its behaviour, with the assignment's terms in them."""
        key = row.behaviour, row.role
        if key not in self._words:
            self._words[key] = self.behaviour(row).words(self.lang, self.assignment.terms(row.role).placeholders())
        return self._words[key]

    def title(self, row: Row) -> str:
        """Which programs do what."""
        return line(f"{row.role}: {self.words(row).says}")

    def verdict(self, verdict: Verdict) -> str:
        """Its name."""
        return self.say(NAMES[verdict])

    def score(self, result: Result) -> str:
        """What the student got, in a sentence."""
        marks = result.marks
        return self.say(say("{got} of {possible} points", got=written(marks.final), possible=written(marks.out_of)))

    def headline(self, row: Row) -> str:
        """What it comes to, in a line; empty when it passed."""
        if not row.records:
            return self.say(say("there is no program in this role"))
        record = min(row.records, key=lambda record: _WORST_FIRST.index(record.verdict))
        return line(in_language(record.outcome.headline, self.lang)) if record.verdict is not Verdict.PASSED else ""

    def text(self, row: Row) -> str:
        """All that is told of it, cut when it is very long; empty when it passed."""
        told = [self._record(row, record) for record in row.records if record.verdict is not Verdict.PASSED]
        if not row.records:
            told = [self.headline(row)]
        return self.capped("\n\n".join(told))

    def capped(self, text: str, most: int = LONGEST) -> str:
        """Cut when it is longer than so many characters, and then says so."""
        return capped(harmless(text), self.say(say("… and {count} more characters", count="{count}")), most)

    def _record(self, row: Row, record: Record) -> str:
        """As `callbox.telling.text` tells it, but that no part crowds out the others."""
        words, outcome, behaviour = self.words(row), record.outcome, self.behaviour(row)
        level = self.say(LEVELS[behaviour.level])
        told = [f"{level} {record.behaviour}: {record.program} ({record.role}) {words.says}"]
        if outcome.reason:
            told.append(self._part(NAMES[record.verdict], outcome.reason))
        if outcome.story and record.verdict is not Verdict.NOT_JUDGED:
            story = outcome.story
            printed = "\n".join(self.say(story.output).rstrip("\n").split("\n")[-OUTPUT_LINES:])
            went = "\n".join(map(self.say, conversation(story.events)))
            parts = [(WANTED, story.wanted), (GOT, story.got), (CAUSE, story.cause), (CONVERSATION, went)]
            parts += [(WHY, words.why), (TRY, words.tries), (SOURCE, behaviour.source), (PRINTED, printed)]
            told += [self._part(name, text) for name, text in parts if text]
        return "\n".join(told)

    def _part(self, name: str, text: str) -> str:
        return part(name, self.capped(self.say(text), LONGEST_PART), self.lang)

    def circumstances(self, result: Result) -> list[str]:
        """What has to be known of a result beside its rows, a sentence each."""
        told: list[str] = []
        if result.problem:
            told.append(say("it could not be judged: {problem}", problem=result.problem))
        if result.late:
            told.append(say("it was handed in late"))
        if result.marks.penalty:
            told.append(say("penalty: {points}", points=written(result.marks.penalty)))
        if result.marks.bonus:
            told.append(say("bonus: {points}", points=written(result.marks.bonus)))
        if result.marks.by_hand is not None:
            told.append(say("a teacher set the mark by hand"))
        return [line(in_language(each, self.lang)) for each in (*told, *result.notes, result.marks.note) if each]
