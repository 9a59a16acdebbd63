"""What was said and done in one check, in order: the bench remembers, so the check need not log."""

from __future__ import annotations

import enum
import time
from dataclasses import dataclass, field

from callbox.saying import Text


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


@dataclass
class Transcript:
    """The events of a check."""

    events: list[Event] = field(default_factory=list)
    began: int = field(default_factory=time.time_ns)
    """nanoseconds since 1970, by the clock that stamps packets, so that what was said and what passed can be told together"""

    def add(self, who: str, did: str, data: bytes | None = None, *, act: Act | None = None, whom: str = "") -> None:
        """Remember an event."""
        self.events.append(Event(who, did, data, (time.time_ns() - self.began) / 1e9, act, whom))
