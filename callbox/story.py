"""A failure in words: what was wanted, what came, why that is so, and the conversation that led there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callbox import answers, causes
from callbox.events import Capture
from callbox.saying import Text, either, first_line, in_language, say
from callbox.shown import compare, harmless, show, width
from callbox.transcript import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callbox.line import End
    from callbox.program import Program
    from callbox.saying import Saying

FOLD = 14
"""Events of a long conversation shown at its beginning, and at its end."""
PRINTED = 400
"""Letters shown of what a program has printed: the last."""
COLUMNS = 13
"""That the names of parts take."""
WANTED, GOT, CAUSE, CONVERSATION = say("wanted"), say("got"), say("cause"), say("conversation")


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
    def headline(self) -> Text:
        """The first line: the cause where it is known."""
        return self.cause or say("wanted {wanted}, got {got}", wanted=first_line(self.wanted), got=first_line(self.got))

    def text(self, lang: str = "en") -> str:
        """All of it for a terminal."""
        parts = [(WANTED, self.wanted), (GOT, self.got), (CAUSE, self.cause)]
        lines = [part(name, words, lang) for name, words in parts if words]
        if self.events:
            told = "\n".join(in_language(line, lang) for line in conversation(self.events))
            lines.append(part(CONVERSATION, told, lang))
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
            shown_got = say("{what} and then {rest}", what=shown_got, rest=ended(end) if end else say("nothing more"))
        wants = say("{client} is answered {what}", client=name, what=shown_wanted)
        return cls.tell(program, wants, shown_got, answers.of_bytes(program, name, wanted, got))

    @classmethod
    def of_noise(cls, program: Program, name: str, got: bytes) -> Story:
        """Something came where nothing was to come."""
        cause = answers.of_noise(program, name, got)
        return cls.tell(program, say("nothing is said to {client}", client=name), show(got), cause)

    @classmethod
    def of_silence(cls, program: Program, name: str, end: End | None) -> Story:
        """Nothing came where something was to come."""
        wanted = say("it says something to {client}", client=name)
        return cls.tell(program, wanted, ended(end) if end else say("nothing"))

    @classmethod
    def of_end(cls, program: Program, name: str, wanted: Sequence[End], got: bytes, end: End | None) -> Story:
        """The conversation did not end as it was to."""
        stays = say("it stays open, and nothing comes")
        came = show(got) if got else say("its end with {end}", end=end) if end else stays
        wants = say("the conversation with {client} ends with {end}", client=name, end=either(wanted))
        if got:
            cause = answers.of_noise(program, name, got)
        elif end:
            cause = say("it ended the conversation by {end}, not by {wanted}", end=end, wanted=either(wanted))
            why = causes.of(program)
            cause = say("{it}: {why}", it=cause, why=why) if why else cause
        else:
            cause = causes.of(program)
        return cls.tell(program, wants, came, cause)

    @classmethod
    def of_print(cls, program: Program, text: str) -> Story:
        """It did not print a text."""
        printed = program.output[-PRINTED:] or say("nothing is printed")
        return cls.tell(program, say('it prints "{text}"', text=text), printed, answers.of_print(program, text))

    @classmethod
    def of_no_datagram(cls, program: Program, name: str) -> Story:
        """No datagram came."""
        return cls.tell(program, say("a datagram for {client}", client=name), say("none"))


def ended(end: End) -> Saying:
    """How a conversation ended."""
    return say("the end of the conversation ({end})", end=end)


def part(name: str, words: str, lang: str = "en") -> str:
    """A part of the story for a terminal: its name, and its lines indented alike."""
    title = in_language(name, lang)
    first, *rest = harmless(in_language(words, lang)).split("\n")
    return "\n".join(
        [f"  {title}{' ' * (COLUMNS - width(title))} {first}", *(f"  {'':<{COLUMNS}} {line}" for line in rest)]
    )


def conversation(events: Sequence[Event]) -> list[Saying]:
    """A line for each event; the middle of a long conversation is folded."""
    lines = [event.told() for event in events]
    if len(lines) > 2 * FOLD + 1:
        lines[FOLD:-FOLD] = [say("… {number} more …", number=len(lines) - 2 * FOLD)]
    return lines
