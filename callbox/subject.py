"""Programs in the roles in which they are judged, and what becomes of a check of one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from callbox.saying import Text
from callbox.story import Story
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.client import Address
    from callbox.submission import ProgramSource


@dataclass(frozen=True, eq=False)
class Subject:
    """A program in one role."""

    source: ProgramSource
    terms: Terms

    @property
    def name(self) -> str:
        """How reports call it."""
        return self.source.name

    @property
    def arguments(self) -> tuple[str, ...]:
        """What it is started with: the options that it says it takes; otherwise nothing, but for AF_UNIX its path."""
        if self.source.takes:
            return self.terms.as_options(self.source.takes)
        return (self.terms.path,) if self.terms.path else ()

    def met_at(self, other: Subject) -> Subject | None:
        """This program, to talk with `other` at its address; None when they are of the same side or kind, or never meet."""
        mine, its = self.terms.role, other.terms.role
        if mine.side == its.side or mine.kind != its.kind:
            return None
        if self.terms.address == other.terms.address:
            return self
        if not {"--port", "--path"}.isdisjoint(self.source.takes):
            terms = replace(self.terms, host=other.terms.host, port=other.terms.port, path=other.terms.path)
            return Subject(self.source, terms)
        return None


@dataclass(frozen=True, slots=True)
class Ground:
    """What all checks of a program stand on: does it come to listen, or to dial, and where."""

    story: Story | None
    """None when it does"""
    address: Address | None = None
    """where a client dials"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a check."""

    verdict: Verdict
    story: Story | None = None
    reason: Text = ""
    """of not judged and inconclusive"""
    base: str = ""
    """the behaviour that failed, where it is not judged because it rests on that"""

    @property
    def headline(self) -> str:
        """What it comes to, in a line."""
        return self.reason or (self.story.headline if self.story else "")

    @property
    def missed(self) -> bool:
        """Does the program not do it, whether that is judged or laid to what it rests on?"""
        return self.story is not None and self.verdict is not Verdict.PASSED
