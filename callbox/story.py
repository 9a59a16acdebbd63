"""A failure in words: what was wanted, what came, why that is so, and the conversation that led there."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callbox import causes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callbox.events import Capture
    from callbox.line import End
    from callbox.program import Program
    from callbox.transcript import Event, Transcript

AROUND = 24
"""Bytes shown on each side of the first wrong one."""
SHORT = 60
"""Bytes of a message shown in the conversation."""
FOLD = 14
"""Events of a long conversation shown at its beginning, and at its end."""


@dataclass(frozen=True)
class Story:
    """What a check saw. Why it matters and what to try are the behaviour's, told beside it."""

    wanted: str
    got: str
    cause: str
    """what the kernel and the bytes say of the reason, as a sentence about `it`; empty when they say nothing"""
    conversation: tuple[str, ...]
    output: str = ""
    """what the program had printed"""
    wire: Capture | None = None
    """what had passed on the wire"""

    @property
    def headline(self) -> str:
        """The first line: the cause where it is known."""
        wanted, got = ((words.splitlines() or [""])[0] for words in (self.wanted, self.got))
        return self.cause or f"wanted {wanted}, got {got}"

    def text(self) -> str:
        """All of it for a terminal."""
        parts = [("wanted", self.wanted), ("got", self.got), ("cause", self.cause)]
        lines = [part(name, words) for name, words in parts if words]
        if self.conversation:
            lines.append(part("conversation", "\n".join(self.conversation)))
        return "\n".join(lines)

    @classmethod
    def tell(cls, program: Program, wanted: str, got: str, cause: str | None = None) -> Story:
        """A story from the words for what was wanted and what came. The cause is asked of the kernel unless it is given."""
        cause = causes.of(program) if cause is None else cause
        return cls(wanted, got, cause, tuple(conversation(program.transcript)), program.output, program.wire.capture())

    @classmethod
    def of_bytes(cls, program: Program, name: str, wanted: bytes, got: bytes, end: End | None) -> Story:
        """Other bytes than the wanted ones came, or too few."""
        shown_wanted, shown_got = compare(wanted, got)
        if len(got) < len(wanted) and wanted.startswith(got):
            shown_got += f" and then {f'the end of the conversation ({end})' if end else 'nothing more'}"
            cause = causes.of(program)
        else:
            cause = causes.of_difference(wanted, got) or causes.of(program)
        return cls.tell(program, f"{name} is answered {shown_wanted}", shown_got, cause)

    @classmethod
    def of_noise(cls, program: Program, name: str, got: bytes) -> Story:
        """Something came where nothing was to come."""
        return cls.tell(program, f"nothing is said to {name}", show(got), causes.of_surplus(got))

    @classmethod
    def of_silence(cls, program: Program, name: str, end: End | None) -> Story:
        """Nothing came where something was to come."""
        return cls.tell(
            program, f"it says something to {name}", f"the end of the conversation ({end})" if end else "nothing"
        )

    @classmethod
    def of_end(cls, program: Program, name: str, wanted: Sequence[End], got: bytes, end: End | None) -> Story:
        """The conversation did not end as it was to."""
        came = show(got) if got else f"its end with {end}" if end else "it stays open, and nothing comes"
        return cls.tell(program, f"the conversation with {name} ends with {' or '.join(wanted)}", came)

    @classmethod
    def of_no_datagram(cls, program: Program, name: str) -> Story:
        """No datagram came."""
        return cls.tell(program, f"a datagram for {name}", "none")


def part(name: str, words: str) -> str:
    """A part of the story: its name, and its lines indented alike."""
    first, *rest = words.splitlines() or [""]
    return "\n".join([f"  {name:<13} {first}", *(f"  {'':<13} {line}" for line in rest)])


def text_of(data: bytes) -> str:
    """Bytes as a person reads them, on one line: text where they are printable text, escapes for the rest."""
    shown = []
    for character in data.decode("utf-8", "surrogateescape"):
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:
            shown.append(f"\\x{code - 0xDC00:02x}")
        elif character in '"\\':
            shown.append("\\" + character)
        else:
            shown.append(character if character.isprintable() else repr(character)[1:-1])
    return "".join(shown)


def show(data: bytes) -> str:
    """Bytes in quotation marks with their number, shortened in the middle when they are many."""
    if len(data) <= SHORT:
        return f'"{text_of(data)}" ({count(data)})'
    beginning, end = data[: boundary(data, SHORT // 2)], data[boundary(data, len(data) - SHORT // 2) :]
    return f'"{text_of(beginning)}" … "{text_of(end)}" ({count(data)})'


def boundary(data: bytes, at: int) -> int:
    """The place at `at` or just before it where no character is cut in two. In UTF-8 one has at most four bytes, all but the
    first of which are 80 to BF; where there is no such first byte, it is `at`."""
    places = range(at, max(at - 4, -1), -1)
    return next((place for place in places if not 0x80 <= int.from_bytes(data[place : place + 1]) < 0xC0), at)


def count(data: bytes) -> str:
    """How many bytes."""
    return f"{len(data)} byte{'' if len(data) == 1 else 's'}"


def compare(wanted: bytes, got: bytes) -> tuple[str, str]:
    """Both, cut around the first byte that differs, with a caret under it."""
    if not got:
        return show(wanted), "nothing"
    first = next((at for at, pair in enumerate(zip(wanted, got, strict=False)) if pair[0] != pair[1]), None)
    first = min(len(wanted), len(got)) if first is None else first
    start = boundary(wanted, max(0, first - AROUND))
    lead = f"…{start} bytes… " if start else ""
    parts = [data[start : boundary(data, first + AROUND)] for data in (wanted, got)]
    lines = []
    for data, shown in zip((wanted, got), parts, strict=True):
        rest = len(data) - start - len(shown)
        lines.append(f'{lead}"{text_of(shown)}"{f" …{rest} more" if rest > 0 else ""} ({count(data)})')
    # Where the first wrong byte is not the first of its character, the character is what is shown, and pointed at.
    before = [text_of(got[start:at]) for at in range(first, start - 1, -1)]
    caret = " " * width(lead + '"' + next(filter(text_of(parts[1]).startswith, before))) + f"^ byte {first}"
    return lines[0], f"{lines[1]}\n{caret}"


def width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def conversation(transcript: Transcript) -> list[str]:
    """A line for each event; the middle of a long conversation is folded."""
    events = [told(event) for event in transcript.events]
    if len(events) > 2 * FOLD + 1:
        events[FOLD:-FOLD] = [f"… {len(events) - 2 * FOLD} more …"]
    return events


def told(event: Event) -> str:
    """An event as a line."""
    return f"{event.who} {event.did}" + (f" {show(event.data)}" if event.data is not None else "")
