"""The picture of a conversation as data: who stands where, and what passed between them, time flowing down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from callbox import differences
from callbox.events import PROGRAM, What
from callbox.saying import Text, in_language, say
from callbox.shown import cut, on_one_line, text_of, width
from callbox.story import FOLD
from callbox.transcript import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from callbox.events import Capture, WireEvent
    from callbox.story import Story
    from callbox.transcript import Event

YOU, OTHERS = "you", "client others"
MOST_ALONE = 4
"""Columns beside the program's and yours; where more take part, all but the first and the last share one."""
NEARBY = 3
"""Steps shown on each side of the first difference, however long the ladder is."""
LONG = 0.5
"""Seconds between two steps that are worth saying."""
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


@dataclass(frozen=True, slots=True)
class Fold:
    """Steps that are not shown."""

    count: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """A conversation, ready to be drawn."""

    steps: tuple[Step | Fold, ...]
    mark: int | None = None
    """which of the steps is the first that differs from the other ladder's"""
    right: bool = False
    """is it how it should go?"""

    @property
    def title(self) -> Text:
        """What it shows."""
        return say("how it should go") if self.right else say("how it went")

    @property
    def columns(self) -> tuple[str, ...]:
        """Who takes part: clients, the program, whom it calls; you stand beside the program, on the side of the keyboard."""
        seen = dict.fromkeys(name for step in self.shown() for name in (step.who, step.whom) if name)
        serves = any(name.startswith("client ") for name in seen)
        order = {YOU: 2 if serves else 0, PROGRAM: 1}
        rank = {name: order.get(name, 0 if name.startswith("client ") else 3) for name in seen}
        return tuple(sorted(seen, key=lambda name: (rank[name], name == OTHERS)))

    def shown(self) -> Iterator[Step]:
        """The steps that are not folded away."""
        return (step for step in self.steps if isinstance(step, Step))

    def later(self) -> dict[int, float]:
        """Before which of the steps much time had passed, and how much (seconds)."""
        both = pairwise(enumerate(self.steps))
        gaps = {
            at: step.seconds - before.seconds
            for (_, before), (at, step) in both
            if isinstance(step, Step) and isinstance(before, Step)
        }
        return {at: gap for at, gap in gaps.items() if gap >= LONG}


def ladders(story: Story, model: Story | None = None) -> tuple[Ladder, ...]:
    """The picture of a failure and, where there is one, of how the check goes with a right program; the first step in
    which they differ is marked in both. Nothing at all where nothing was seen."""
    steps = steps_of(story)
    right = steps_of(model) if model else []
    if not right:
        return (_folded(steps, None, right=False),) if steps else ()
    mark, its_mark = differences.first(steps, right, PROGRAM)
    return _folded(steps, mark, right=False), _folded(right, its_mark, right=True)


def steps_of(story: Story) -> list[Step]:
    """What happened, in order: from the wire and, of the transcript, what no wire carries; the transcript alone where
    nothing was captured. The story's own point comes last."""
    wire = story.wire if story.wire and story.wire.events else None
    told = [event for event in story.events if not (wire and event.act in CARRIED)]
    steps = [*(_of_wire(wire) if wire else ()), *map(_of_event, told)]
    steps.sort(key=lambda step: step.seconds)  # packets and events are stamped by one clock
    steps = _joined(steps)
    end = steps[-1].seconds if steps else 0.0
    if wire and wire.more:
        steps.append(Step(end, PROGRAM, sign=say("{count} more packets, not shown", count=wire.more), ends=True))
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


# ---- what is shown of a long one


def _folded(steps: Sequence[Step], mark: int | None, *, right: bool) -> Ladder:
    """Its beginning, its end, and what is near the first difference."""
    last = len(steps) - 1
    near = range(mark - NEARBY, mark + NEARBY + 1) if mark is not None else range(0)
    kept = [at for at in range(len(steps)) if at < FOLD or at > last - FOLD or at in near]
    shown: list[Step | Fold] = []
    place = None
    for before, at in pairwise([-1, *kept]):
        if at - before == 2:  # to fold one away would save nothing
            shown.append(steps[at - 1])
        elif at - before > 2:
            shown.append(Fold(at - before - 1))
        place = len(shown) if at == mark else place
        shown.append(steps[at])
    return Ladder(tuple(_gathered(shown)), place, right)


def _gathered(steps: Sequence[Step | Fold]) -> Iterator[Step | Fold]:
    """The same, where many take part in it: all but the first clients, and the last, in one column."""
    names = dict.fromkeys(name for step in steps if isinstance(step, Step) for name in (step.who, step.whom) if name)
    clients = [name for name in names if name not in {PROGRAM, YOU}]
    crowd = set(clients[1:-1]) if len(clients) > MOST_ALONE else set[str]()
    for step in steps:
        yield (
            _among_others(step, step.who if step.who in crowd else step.whom, crowd) if isinstance(step, Step) else step
        )


def _among_others(step: Step, name: str, crowd: set[str]) -> Step:
    if name not in crowd:
        return step
    sign = say("{name}: {sign}", name=name.removeprefix("client "), sign=step.sign)
    who, whom = (OTHERS if one in crowd else one for one in (step.who, step.whom))
    return replace(step, who=who, whom=whom, sign=sign)


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
