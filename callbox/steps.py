"""What happened in a check, step by step, from the packets and from what was said and done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from callbox.events import PROGRAM, What
from callbox.saying import Text, in_language, say
from callbox.shown import cut, on_one_line, text_of, width
from callbox.transcript import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from callbox.events import Capture, WireEvent
    from callbox.story import Story
    from callbox.transcript import Event

YOU, OTHERS = "you", "client others"
CARRIED = {Act.DIAL, Act.SEND, Act.DATAGRAM, Act.FLOOD, Act.END, Act.RESET, Act.CLOSE}
"""What is seen on the wire, where that was captured."""
BYTES = {What.DATA, What.DATAGRAM}
WIRE_SIGNS = {
    What.SYN: say("SYN (dials)"),
    What.SYN_ACK: say("SYN+ACK (connected)"),
    What.FIN: say("FIN (ends)"),
    What.RST: say("RST (cuts off)"),
}
REFUSAL = say("RST (refuses)")
SIGNS = {
    Act.DIAL: say("dials"),
    Act.END: say("FIN (ends)"),
    Act.RESET: say("RST (cuts off)"),
    Act.CLOSE: say("hangs up"),
    Act.TYPE: say("types"),
    Act.END_INPUT: say("Ctrl-D"),
    Act.INTERRUPT: say("Ctrl-C"),
    Act.KILL: say("SIGKILL"),
    Act.STOP: say("SIGSTOP (waits)"),
    Act.CONTINUE: say("SIGCONT (goes on)"),
    Act.PRINT: say("prints"),
}
"""Arrows without bytes, and what is said before the bytes of the others; every other act is told as its sentence."""
NAMES = {PROGRAM: say("program"), YOU: say("you"), OTHERS: say("other clients"), "our server": say("our server")}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: an arrow from one column to another or, to nobody, a note in one."""

    seconds: float
    """since the transcript began"""
    who: str
    whom: str = ""
    sign: Text = ""
    """what it is, where it is not bytes alone"""
    data: bytes | None = None
    length: int = 0
    """bytes of it; of a datagram in fragments more than `data` has"""
    pieces: int = 1
    """segments in which a stream's bytes came, one right after the other"""
    carries: bool = False
    """are its bytes a part of a stream, and not a message by themselves?"""
    again: bool = False
    """did TCP send it once more?"""
    ends: bool = False
    """is it told of the whole, at its end?"""


def is_on_the_wire(story: Story) -> bool:
    """Is all that passed known from the packets? It is not where none were captured, or so many that only the first are told."""
    return bool(story.wire and not story.wire.more and (story.wire.events or not has_passed(story)))


def has_passed(story: Story) -> bool:
    """Is there anything that a wire carries?"""
    return any(event.act in CARRIED for event in story.events)


def steps_of(story: Story, *, wired: bool) -> list[Step]:
    """What happened, in order: from the wire and, of the transcript, what no wire carries, or from the transcript alone. The
    story's own point comes last."""
    wire = story.wire if wired else None
    told = [event for event in story.events if not (wire and event.act in CARRIED)]
    steps = [*(_of_wire(wire) if wire else ()), *map(_of_event, told)]
    steps.sort(key=lambda step: step.seconds)  # packets and events are stamped by one clock
    steps = _joined(steps)
    end = steps[-1].seconds if steps else 0.0
    if wire and wire.missed:
        steps.append(Step(end, PROGRAM, sign=say("{count} more packets, not captured", count=wire.missed), ends=True))
    if story.wanted or story.got:
        steps.append(Step(end, PROGRAM, sign=story.headline, ends=True))
    return steps


def _of_wire(wire: Capture) -> Iterator[Step]:
    asked: set[tuple[str, str]] = set()
    for event in wire.events:
        if event.what is What.SYN:
            asked.add((event.whom, event.who))
        refuses = event.what is What.RST and (event.who, event.whom) in asked
        if event.what is not What.SYN:
            asked.discard((event.who, event.whom))
        if event.again and event.what is not What.SYN:
            continue  # a queue that is full is worth seeing; what else comes twice is TCP's business
        yield Step(
            wire.began + event.seconds,
            event.who,
            event.whom,
            REFUSAL if refuses else _wire_sign(event),
            event.data if event.what in BYTES else None,
            event.length,
            carries=event.what is What.DATA,
            again=event.again,
        )


def _wire_sign(event: WireEvent) -> Text:
    sign = WIRE_SIGNS.get(event.what, "")
    if event.what is What.ICMP:
        return say("ICMP: {note}", note=event.note)
    return say("{sign}, once more", sign=sign) if event.again else sign


def _of_event(event: Event) -> Step:
    whom = event.whom or (PROGRAM if event.who != PROGRAM else "")
    if event.act in {Act.SILENCE, Act.SHUT, Act.START, Act.WAIT, Act.EXIT, Act.PRINT, None}:
        whom = ""  # nothing passes
    sign = SIGNS.get(event.act, "") if event.act else ""
    if event.data is None and not sign:
        sign = event.did
    return Step(event.seconds, event.who, whom, sign, event.data, len(event.data or b""), carries=event.act is Act.SEND)


def _joined(steps: Iterable[Step]) -> list[Step]:
    """Pieces of a stream that came one right after the other as one step: TCP keeps no boundaries."""
    joined: list[Step] = []
    for step in steps:
        last = joined[-1] if joined else None
        if last and step.carries and last.carries and _alike(last) == _alike(step):
            data = (last.data or b"") + (step.data or b"")
            joined[-1] = replace(last, data=data, length=last.length + step.length, pieces=last.pieces + 1)
        else:
            joined.append(step)
    return joined


def _alike(step: Step) -> tuple[str, str, bool]:
    return step.who, step.whom, step.again


def named(name: str) -> Text:
    """Who it is, as a sentence that has other languages."""
    if name.startswith("client ") and (number := name.removeprefix("client ")).isdigit():
        return say("client {number}", number=number)
    return NAMES.get(name, name)


def words(step: Step, lang: str, room: int, written: Callable[[str], str] = on_one_line, more: str = "…") -> str:
    """What is written of a step in `room` columns: what it is, and its bytes, cut in the middle. `written` makes a text one
    that can be written."""
    sign = written(in_language(step.sign, lang))
    if step.pieces > 1:
        sign = f"{sign} {written(in_language(say('in {count} pieces', count=step.pieces), lang))}".strip()
    if step.data is None:
        return cut(sign, room, more)
    few = 4 * room  # a character has at most four bytes; what is cut out in the middle is not looked at
    data = step.data if len(step.data) <= 2 * few else step.data[:few] + step.data[-few:]
    left = room - width(f'{sign} "" {step.length} B'.strip())
    return cut(f'{sign} "{cut(written(text_of(data)), left, more)}" {step.length} B'.strip(), room, more)
