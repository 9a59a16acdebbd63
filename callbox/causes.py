"""Why: what the kernel's facts, the program's end and what happened last say of the reason, in one sentence about `it`."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from callbox import doing, endings
from callbox.events import What
from callbox.patience import QUIET
from callbox.saying import say
from callbox.shown import count, show
from callbox.transcript import PROGRAM, YOU, Act
from callbox.verdict import BoothError, Inconclusive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callbox.kernel.sockets import Socket
    from callbox.program import Program
    from callbox.saying import Saying
    from callbox.transcript import Event

GONE = re.compile(r"ECONN|EPIPE|ENOTCONN|SIGPIPE|connection ?(reset|refused)|broken ?pipe|not connected", re.IGNORECASE)
"""How errors are called that come of somebody's having gone."""
BESIDES = {Act.SILENCE, Act.PRINT, Act.STOP, Act.CONTINUE, Act.WAIT}
"""Acts since which nothing happens."""
SHORT = 16
"""Bytes of a message that are shown in a sentence; of a longer one, how many there are."""


def of(program: Program) -> Saying:
    """What the program does instead of what it should: how it ended, or what it does, once it has settled. Empty where that
    cannot be told: whatever goes wrong here, the verdict is found."""
    try:
        if program.wait_for(lambda: program.ended() or None, patience=QUIET):
            return of_its_end(program)
        return of_going_on(program)
    except (OSError, struct.error, BoothError, Inconclusive):
        return say("")


# ---- it has ended


def of_its_end(program: Program) -> Saying:
    """How it ended, after what, and why as far as it said."""
    events = [event for event in happened(program) if event.who != PROGRAM or event.is_answer]
    sentence = say("it {ended}", ended=endings.how(program.status))
    reason, said = endings.reason(program), endings.last_words(program)
    # That somebody has gone need not have been noticed at once: the next may have come meanwhile.
    if GONE.search(f"{sentence} {reason or said}"):
        events = [event for event in events if event.is_leave] or events
    if program.answers and (left := unanswered(program, events)):
        sentence = say(
            "{it} and did not answer {who}'s {size}", it=sentence, who=left.who, size=count(left.data or b"")
        )
    elif events:
        sentence = say("{it} right after {what}", it=sentence, what=moment(events[-1]))
    if reason:
        return say("{it}: {reason}", it=sentence, reason=reason)
    return say("{it}, having said: {line}", it=sentence, line=said) if said else sentence


# ---- it goes on


def of_going_on(program: Program) -> Saying:
    """What it does, beside what it left undone."""
    sentence = left_undone(program) or since(program)
    trace = endings.exception(program)
    return say("{it}; it had printed {error}", it=sentence, error=trace) if trace and sentence else sentence


def left_undone(program: Program) -> Saying:
    """What it has not read or, if it is to answer, not answered; empty when there is no such thing."""
    events, doing_now = program.happened(), doing.of(program)
    said = next((event for event in reversed(events) if event.is_said), None)
    if said is None or said.who == YOU:
        return say("")
    after = events[events.index(said) + 1 :]
    hung_up = any(event.who == PROGRAM and event.is_leave for event in after)
    waiting = [] if hung_up else sorted(unread(program), key=lambda end: program.wire.partner(end) != said.who)
    if waiting:
        left = never_read(program, waiting, said)
    elif program.answers and unanswered(program, events):
        left = never_answered(program, said, hung_up)
    else:
        return say("")
    return say("{it}: it {does}", it=left, does=doing_now) if doing_now else left


def never_read(program: Program, waiting: Sequence[Socket], said: Event) -> Saying:
    """What waits in its receive queues, and whose that is."""
    who = program.wire.partner(waiting[0]) or said.who
    if waiting[0].kind == "udp":  # whose queue is counted in memory, not in bytes (sock_diag(7))
        return say("it never read {who}'s datagram", who=who)
    number = sum(unread_bytes(end) for end in waiting if program.wire.partner(end) in {who, ""})
    if who == said.who and said.data is not None and number == len(said.data):
        return say("it never read {who}'s {size}", who=who, size=count(said.data))
    return say("it never read {number} of {who}'s bytes", number=number, who=who)


def never_answered(program: Program, said: Event, hung_up: bool) -> Saying:
    """What it read, and gave no answer to, or gave the answer to somebody else."""
    size = count(said.data or b"")
    if whom := astray(program, said):
        return say("it sent the answer to {who}'s {size} to {whom}", who=said.who, size=size, whom=whom)
    if hung_up:
        return say("it ended the conversation and did not answer {who}'s {size}", who=said.who, size=size)
    return say("it read {who}'s {size} and did not answer", who=said.who, size=size)


def unanswered(program: Program, events: Sequence[Event]) -> Event | None:
    """What was said to it last, if it gave no answer to that, be the answer heard or not."""
    said = next((event for event in reversed(events) if event.is_said and event.who != YOU), None)
    if said is None:
        return None
    after = events[events.index(said) + 1 :]
    passed = [event for event in program.wire.events() if event.what in {What.DATA, What.DATAGRAM}]
    spoke = [number for number, event in enumerate(passed) if event.who == said.who]
    if spoke:
        answered = any(event.whom == said.who for event in passed[spoke[-1] :])
    else:  # nothing of it was captured: what somebody who has gone was answered, nobody knows
        answered = any(event.who == said.who and event.act in {Act.RESET, Act.CLOSE} for event in after)
    return None if answered or any(event.is_answer for event in after) else said


def astray(program: Program, said: Event) -> str:
    """To whom the answer to a message went, if it went to somebody else; empty if it did not."""
    answer = program.answers(said.data) if program.answers and said.data else b""
    sent = [event for event in program.wire.events() if event.who == PROGRAM and event.data == answer != b""]
    return next((event.whom for event in reversed(sent) if event.whom != said.who), "")


def unread(program: Program) -> list[Socket]:
    """Its ends of conversations where bytes wait that it has not read, those included that it has not accepted."""
    ports = {end.port for end in program.listeners("tcp")}
    queued = [end for end in program.booth.sockets.tcp() if is_queued(end) and end.port in ports]
    return [end for end in (*program.sockets(), *queued) if unread_bytes(end)]


def is_queued(end: Socket) -> bool:
    """Does it wait for accept? Nobody holds it, so it has no inode yet."""
    return end.inode == 0 and end.state.name in {"ESTABLISHED", "CLOSE_WAIT"}


def unread_bytes(end: Socket) -> int:
    """Bytes that came and that it has not read: a FIN that it has not read is counted as one by the kernel (tcp_diag.c)."""
    if end.kind == "unix" or end.state.name == "LISTEN":
        return 0
    return max(0, end.receiving - (end.state.name in {"CLOSE_WAIT", "LAST_ACK", "CLOSING"}))


def since(program: Program) -> Saying:
    """What it does, and since what happened."""
    now = doing.of(program)
    events = happened(program)
    if not now or not events:
        return say("it {does}", does=now) if now else now
    return say("it {does} since {what}", does=now, what=moment(events[-1]))


def happened(program: Program) -> list[Event]:
    """What was said and done, as far as something may follow from it."""
    return [event for event in program.happened() if event.act not in BESIDES]


def moment(event: Event) -> Saying:
    """What happened, as what follows `since`."""
    if event.who == PROGRAM:
        return say("it {did}", did=event.did)
    if event.data is None:
        return say("{who} {did}", who=event.who, did=event.did)
    what = show(event.data) if len(event.data) <= SHORT else count(event.data)
    return say("{who} {did} {what}", who=event.who, did=event.did, what=what)
