"""What was said and done in one check, in order: the bench remembers, so the check need not log."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from callbox.saying import Text


@dataclass(frozen=True, slots=True)
class Event:
    """Someone did something, with bytes or without."""

    who: Text
    did: Text
    data: bytes | None
    seconds: float
    """since the transcript began"""


@dataclass
class Transcript:
    """The events of a check."""

    events: list[Event] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def add(self, who: str, did: str, data: bytes | None = None) -> None:
        """Remember an event."""
        self.events.append(Event(who, did, data, time.monotonic() - self.began))
