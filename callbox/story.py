"""A failure in words: what was wanted, what came, why that is so, and the conversation that led there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callbox import causes
from callbox.events import Capture
from callbox.saying import Text
from callbox.shown import compare, harmless, show
from callbox.transcript import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callbox.line import End
    from callbox.program import Program

FOLD = 14
"""Events of a long conversation shown at its beginning, and at its end."""


@dataclass(frozen=True)
class Story:
    """What a check saw. Why it matters and what to try are the behaviour's, told beside it."""

    wanted: Text
    got: Text
    cause: Text
    """what the kernel and the bytes say of the reason, as a sentence about `it`; empty when they say nothing"""
    events: tuple[Event, ...] = ()
    """what was said and done, by us and to us"""
    output: Text = ""
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
        if self.events:
            lines.append(part("conversation", "\n".join(conversation(self.events))))
        return "\n".join(lines)

    @classmethod
    def tell(cls, program: Program, wanted: str, got: str, cause: str | None = None) -> Story:
        """A story from the words for what was wanted and what came. The cause is asked of the kernel unless it is given."""
        cause = causes.of(program) if cause is None else cause
        since = program.transcript.began
        return cls(wanted, got, cause, tuple(program.transcript.events), program.output, program.wire.capture(since))

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
    """A part of the story for a terminal: its name, and its lines indented alike."""
    first, *rest = harmless(words).split("\n")
    return "\n".join([f"  {name:<13} {first}", *(f"  {'':<13} {line}" for line in rest)])


def conversation(events: Sequence[Event]) -> list[str]:
    """A line for each event; the middle of a long conversation is folded."""
    lines = [told(event) for event in events]
    if len(lines) > 2 * FOLD + 1:
        lines[FOLD:-FOLD] = [f"… {len(lines) - 2 * FOLD} more …"]
    return lines


def told(event: Event) -> str:
    """An event as a line."""
    return f"{event.who} {event.did}" + (f" {show(event.data)}" if event.data is not None else "")
