"""What was said and done in one check, in order: the bench remembers, so the check need not log."""

from __future__ import annotations

import enum
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


class Act(enum.StrEnum):
    """What somebody did, for those who draw it or do it again. We and the program share the words: `who` tells whose it was."""

    DIAL = "dial"
    SEND = "send"
    DATAGRAM = "datagram"
    FLOOD = "flood"
    """send without end, and read nothing"""
    END = "end"
    """say one's last: FIN"""
    RESET = "reset"
    """leave with RST"""
    CLOSE = "close"
    SHUT = "shut"
    """stop listening"""
    TYPE = "type"
    END_INPUT = "end input"
    """Ctrl-D"""
    INTERRUPT = "interrupt"
    """Ctrl-C"""
    KILL = "kill"
    START = "start"
    STOP = "stop"
    """SIGSTOP"""
    CONTINUE = "continue"
    """SIGCONT"""
    WAIT = "wait"
    SILENCE = "silence"
    PRINT = "print"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class Event:
    """Someone did something, with bytes or without."""

    who: Text
    did: Text
    data: bytes | None
    seconds: float
    """since the transcript began"""
    act: Act | None = None
    """the same as `did`; None where only the sentence tells it"""
    whom: Text = ""
    """of what the program did: to which of us, where it was to one"""

    @property
    def is_said(self) -> bool:
        """Has somebody said something to the program, on a line or at its keyboard?"""
        return self.act in {Act.SEND, Act.DATAGRAM, Act.TYPE} and self.who != PROGRAM

    @property
    def is_answer(self) -> bool:
        """Has the program said something on a line?"""
        return self.act in {Act.SEND, Act.DATAGRAM} and self.who == PROGRAM

    @property
    def is_leave(self) -> bool:
        """Has somebody ended a conversation, or the program?"""
        return self.act in {Act.END, Act.RESET, Act.CLOSE}

    def told(self) -> Saying:
        """As a line."""
        if self.data is None:
            return say("{who} {did}", who=self.who, did=self.did)
        return say("{who} {did} {what}", who=self.who, did=self.did, what=show(self.data))


@dataclass
class Transcript:
    """The events of a check."""

    events: list[Event] = field(default_factory=list)
    began: int = field(default_factory=time.time_ns)
    """nanoseconds since 1970, by the clock that stamps packets, so that what was said and what passed can be told together"""

    def add(self, who: str, did: str, data: bytes | None = None, *, act: Act | None = None, whom: str = "") -> None:
        """Remember an event."""
        self.events.append(Event(who, did, data, (time.time_ns() - self.began) / 1e9, act, whom))

    def before(self, end: int | None) -> list[Event]:
        """What happened until the event of this number; calls that nobody took did not."""
        refused = {event.who for event in self.events if event.did == WAS_REFUSED}
        return [event for event in self.events[:end] if event.who not in refused]
