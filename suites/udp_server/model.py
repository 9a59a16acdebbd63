"""What any number of clients, in any order, can expect of a datagram server: to each its own, once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import strategies
from hypothesis.stateful import Bundle, consumes, precondition, rule

from callbox.models import MOST_CALLERS, Model
from callbox.payload import caseless
from callbox.saying import listed, say
from callbox.shown import show
from callbox.story import Story
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from callbox.line import DatagramLine
    from callbox.server import Server

sizes = strategies.integers(min_value=-3, max_value=3)


@dataclass(eq=False)
class Caller:
    """A client, what it said last, and the answers that it is owed."""

    line: DatagramLine
    last: bytes = b""
    owed: list[bytes] = field(default_factory=list)


class Conversation(Model):
    """Clients send datagrams, short, empty and too long, and hear their answers, or leave before."""

    callers = Bundle("callers")

    def __init__(self, opened: AbstractContextManager[Server]) -> None:
        super().__init__(opened)
        self.present: list[Caller] = []

    @precondition(lambda self: len(self.present) < MOST_CALLERS)
    @rule(target=callers)
    def come(self) -> Caller:
        """One more client."""
        self.present.append(Caller(self.server.port()))
        return self.present[-1]

    @rule(caller=callers, message=strategies.binary(max_size=40))
    def send(self, caller: Caller, message: bytes) -> None:
        """A client sends a datagram, which may be empty."""
        self.say(caller, caseless(message, self.server.terms.encoding))

    @rule(caller=callers, letter=strategies.sampled_from("abxyz"), more=sizes)
    def send_much(self, caller: Caller, letter: str, more: int) -> None:
        """A client sends about as much as one recv takes: what is too much is cut off."""
        self.say(caller, letter.encode() * (self.server.terms.recv_size + more))

    @rule(caller=callers)
    def say_again(self, caller: Caller) -> None:
        """A client sends the same once more: it is another datagram all the same."""
        self.say(caller, caller.last)

    @rule(caller=callers)
    def listen(self, caller: Caller) -> None:
        """A client hears what it is owed, in any order, and nothing else."""
        with self.acting():
            self.hear(caller)

    @rule(caller=consumes(callers))
    def leave(self, caller: Caller) -> None:
        """A client leaves: answers to it meet a closed port."""
        with self.acting():
            caller.line.close()
            self.present.remove(caller)

    def say(self, caller: Caller, message: bytes) -> None:
        """Send a datagram and remember the answer."""
        with self.acting():
            caller.line.send(message)
            caller.last = message
            caller.owed.append(self.server.answer_to(message[: self.server.terms.recv_size]))

    def hear(self, caller: Caller) -> None:
        """Expect all that a client is owed."""
        got = caller.line.gather(len(caller.owed))
        if sorted(got) != sorted(caller.owed):
            wanted = say("{client} is sent {what}", client=caller.line.name, what=listed(map(show, caller.owed)))
            came = listed(map(show, got)) if got else say("nothing")
            raise Mismatch(Story.tell(self.server, wanted, came))
        caller.owed.clear()

    def finish(self) -> None:
        """Everybody hears what is owed, and nothing more."""
        for caller in self.present:
            self.hear(caller)
            caller.line.expect_silence()
            caller.line.close()
