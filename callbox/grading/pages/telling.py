"""Records in words: what a person is told of a behaviour, on any page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callbox.assignment import ROLES
from callbox.grading.pages.safe import clip, last_lines
from callbox.saying import in_language
from callbox.story import conversation
from callbox.telling import LEVELS
from callbox.verdict import MISSED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from callbox.assignment import Assignment
    from callbox.catalogue import Behaviour, Catalogue, Words
    from callbox.record import Record
    from callbox.story import Story
    from callbox.transcript import Event

PRINTED_LINES = 12
"""Lines of the program's output shown with a story: the last."""


def nothing(_: Record) -> str:
    """No picture, no script."""
    return ""


@dataclass(frozen=True)
class Telling:
    """By which words, in which language and with what beside them records are told."""

    catalogue: Catalogue
    assignment: Assignment
    lang: str = "en"
    pictures: Callable[[Record], str] = nothing
    """of what passed on the wire, as SVG; empty where there is none"""
    repeats: Callable[[Record], str] = nothing
    """a script that shows the same without the bench; empty where there is none"""
    title: str = ""
    """of what was handed in"""

    def order(self, behaviour: str, role: str) -> tuple[int, bool, int]:
        """Where it stands in the material: programs as they are taught, what is their own before what they do with others."""
        found = self.catalogue.find(behaviour)
        own = ROLES[role].suite == found.suite
        return list(ROLES).index(role), not own, list(self.catalogue).index(behaviour)

    def words(self, behaviour: str, role: str) -> Words:
        """What is said of a behaviour of a role's program."""
        return self.catalogue.find(behaviour).words(self.lang, self.assignment.terms(role).placeholders())

    def told(self, record: Record, most: int) -> Told:
        """A record in words; no line of it is longer than `most` characters. The story of what is not judged is left to
        what it rests on."""
        outcome, missed = record.outcome, record.verdict in MISSED
        return Told(
            record,
            self.catalogue.find(record.behaviour),
            self.words(record.behaviour, record.role),
            clip(self._here(outcome.reason), most),
            self.tale(outcome.story, most) if outcome.story and missed else None,
            self.tale(record.model, most) if record.model and missed else None,
            self._here(LEVELS[record.level]),
        )

    def tale(self, story: Story, most: int) -> Tale:
        """A story in words; no line of it is longer than `most` characters."""
        return Tale(
            clip(self._here(story.wanted), most),
            clip(self._here(story.got), most),
            clip(self._here(story.cause), most),
            self.conversation(story.events, most),
            last_lines(self._here(story.output), PRINTED_LINES, most),
        )

    def conversation(self, events: Sequence[Event], most: int) -> tuple[str, ...]:
        """A line for each event, the middle of a long conversation folded."""
        return tuple(clip(self._here(line), most) for line in conversation(events))

    def _here(self, text: str) -> str:
        return in_language(text, self.lang)


@dataclass(frozen=True)
class Tale:
    """A story, fit for a page."""

    wanted: str
    got: str
    cause: str
    conversation: tuple[str, ...]
    printed: str


@dataclass(frozen=True)
class Told:
    """A record, fit for a page."""

    record: Record
    behaviour: Behaviour
    words: Words
    reason: str
    tale: Tale | None
    model: Tale | None
    """how the reference program does it"""
    level: str
    """how much it weighs, in words"""

    @property
    def headline(self) -> str:
        """What it comes to, in a line; empty where nothing is to be told."""
        if self.tale is None:
            return self.reason
        return (self.tale.cause or self.tale.got).partition("\n")[0]
