"""How many bytes a program asks for when it receives: what is evidence of that, and whose choice it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox.saying import say
from callbox.shown import size_of
from callbox.story import Story
from callbox.verdict import Mismatch, NotJudged

if TYPE_CHECKING:
    from callbox.program import Program


def expect_length(program: Program, wanted: int, asked: set[int]) -> None:
    """It asks for `wanted` bytes, and for no other number, in the receiving calls in which it was found blocked."""
    if asked != {wanted}:
        raise Mismatch(_other_length(program, wanted, max(asked - {wanted})))


def expect_traced_length(program: Program, wanted: int, *inodes: int) -> None:
    """The most that a traced program has asked for, in calls on the sockets of these inodes, is `wanted` bytes: it may ask for
    less, when a part of its buffer is full. What its runtime chooses for it is not judged."""
    if not (asked := program.traced_lengths(*inodes)):
        raise NotJudged(say("for how many bytes it asks cannot be seen: it receives by none of the calls that we know"))
    if (most := max(asked)) == wanted:
        return
    if chooser := asked[most]:
        raise NotJudged(
            say("its runtime chooses the size: {runtime} asks for {size}", runtime=chooser, size=size_of(most))
        )
    raise Mismatch(_other_length(program, wanted, most))


def _other_length(program: Program, wanted: int, length: int) -> Story:
    asks, right = (say("it asks for {size} at a time", size=size_of(size)) for size in (length, wanted))
    cause = say("it asks for {size} at a time, {assigned} were assigned", size=size_of(length), assigned=wanted)
    return Story.tell(program, right, asks, cause)
