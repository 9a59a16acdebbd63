"""Why what a program said or printed is not what was wanted: a near miss, or what became of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox import causes, near_misses
from callbox.near_misses import Talk
from callbox.saying import say
from callbox.shown import show
from callbox.transcript import YOU

if TYPE_CHECKING:
    from callbox.program import Program
    from callbox.saying import Saying

LINE = 80
"""Letters shown of a line that it printed."""


def of_bytes(program: Program, name: str, wanted: bytes, got: bytes) -> Saying:
    """Why other bytes than the wanted ones came: a near miss, or what became of the program."""
    found = near_misses.of_difference(wanted, got, talk(program, name)) if got or wanted == b"" else say("")
    if found or (got and not wanted.startswith(got)):
        return found or say("it said {what}, not {wanted}", what=show(got), wanted=show(wanted))
    why = causes.of(program)
    if not got:
        return why
    only = say("it gave only the first {some} of {all} bytes", some=len(got), all=len(wanted))
    return say("{it}, and {does}", it=only, does=why) if why else only


def talk(program: Program, name: str) -> Talk:
    """The conversation with one of us so far, but for the bytes that came last."""
    events = program.transcript.events
    said = [event for event in events if event.is_said and event.who in {name, YOU}]
    answers = [event.data for event in events if event.data is not None and event.is_answer]
    others = {
        event.who: event.data for event in events if event.data is not None and event.is_said and event.who != name
    }
    last = said[-1] if said else None
    typed = last is not None and last.who == YOU
    earlier = tuple(event.data for event in said[:-1] if event.data)
    return Talk((last.data if last else None) or b"", typed, earlier, tuple(answers[:-1]), others)


def of_noise(program: Program, name: str, got: bytes) -> Saying:
    """Why something came where nothing was to come."""
    so_far = talk(program, name)
    return near_misses.of_surplus(got, so_far, program.answers(so_far.said) if program.answers else None)


def of_print(program: Program, text: str) -> Saying:
    """Why a text is not printed that an answer has."""
    said = [event.data for event in program.transcript.events if event.is_said and event.data is not None]
    if found := near_misses.of_print(text, said[-1] if said else b"", program.output):
        return found
    why, lines = causes.of(program), program.output.split("\n")
    last = next((line.strip() for line in reversed(lines) if any(map(str.isalnum, line))), "")  # but a prompt
    if not why:
        return why
    return (
        say('it printed "{line}" last: {why}', line=last[:LINE], why=why)
        if last
        else say("{why}, and printed nothing", why=why)
    )
