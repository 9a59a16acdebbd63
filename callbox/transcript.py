"""What was said and done in one check, in order: the bench remembers, so the check need not log."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from callbox.saying import Text, say
from callbox.shown import show

if TYPE_CHECKING:
    from callbox.saying import Saying

PROGRAM, YOU, OUR_SERVER = say("program"), say("you"), say("our server")
"""Who is in a transcript, beside the clients that we are."""
WAS_REFUSED = say("was refused")


@dataclass(frozen=True, slots=True)
class Event:
    """Someone did something, with bytes or without."""

    who: Text
    did: Text
    data: bytes | None
    seconds: float
    """since the transcript began"""

    @property
    def is_said(self) -> bool:
        """Has somebody said something to the program?"""
        return self.data is not None and self.who != PROGRAM

    @property
    def is_answer(self) -> bool:
        """Has the program said something?"""
        return self.data is not None and self.who == PROGRAM

    def told(self) -> Saying:
        """As a line."""
        if self.data is None:
            return say("{who} {did}", who=self.who, did=self.did)
        return say("{who} {did} {what}", who=self.who, did=self.did, what=show(self.data))


@dataclass
class Transcript:
    """The events of a check."""

    events: list[Event] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def add(self, who: str, did: str, data: bytes | None = None) -> None:
        """Remember an event."""
        self.events.append(Event(who, did, data, time.monotonic() - self.began))

    def before(self, end: int | None) -> list[Event]:
        """What happened until the event of this number; calls that nobody took did not."""
        refused = {event.who for event in self.events if event.did == WAS_REFUSED}
        return [event for event in self.events[:end] if event.who not in refused]
