"""What any number of clients, in any order, can expect of a server: a serial one serves the first that is still there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies
from hypothesis.stateful import Bundle, consumes, precondition, rule

from callbox.line import End, Line
from callbox.models import MOST_CALLERS, Model, messages

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from callbox.server import Server


@dataclass(eq=False)
class Caller:
    """A client, what it is owed, and whether it has said its last."""

    line: Line
    owed: bytes = b""
    done: bool = False


class Conversation(Model):
    """Clients dial, speak, listen, and leave in every way there is."""

    callers = Bundle("callers")

    def __init__(self, opened: AbstractContextManager[Server]) -> None:
        super().__init__(opened)
        lives, backlog = self.server.terms.role.lives, self.server.terms.backlog or 0
        self.most = {"loop": 1, "concurrent": MOST_CALLERS}.get(lives, min(MOST_CALLERS, backlog + 1))
        self.dialled = 0
        self.in_pieces = self.server.terms.transforms_in_pieces
        self.serial = lives != "concurrent"
        self.present: list[Caller] = []
        """in the order in which they dialled"""

    def is_served(self, caller: Caller) -> bool:
        """Is it this one's turn?"""
        return not self.serial or self.present[:1] == [caller]

    @precondition(lambda self: len(self.present) < self.most and not (self.most == 1 and self.dialled))
    @rule(target=callers)
    def dial(self) -> Caller:
        """One more client."""
        with self.acting():
            self.dialled += 1
            self.present.append(Caller(self.server.dial()))
            return self.present[-1]

    @rule(caller=callers, message=messages)
    def send(self, caller: Caller, message: bytes) -> None:
        """A client says something."""
        if caller.owed and not self.in_pieces:  # two messages that are read as one would be answered as one
            return
        if not self.in_pieces:
            message = message[: self.server.terms.recv_size].decode(errors="ignore").encode()
        with self.acting():
            caller.line.send(message)
            caller.owed += self.server.answer_to(message)
            if not self.in_pieces:
                self.hear(caller)

    @rule(caller=callers)
    def listen(self, caller: Caller) -> None:
        """A client hears what it is owed, if it is its turn."""
        with self.acting():
            self.hear(caller)

    @rule(caller=consumes(callers))
    def half_close(self, caller: Caller) -> None:
        """A client says that it has said its last, and goes on listening."""
        with self.acting():
            caller.line.half_close()
            caller.done = True
            self.settle()

    @rule(caller=consumes(callers), rudely=strategies.booleans())
    def leave(self, caller: Caller, rudely: bool) -> None:
        """A client leaves, whatever it is owed."""
        with self.acting():
            caller.line.reset() if rudely else caller.line.close()
            self.present.remove(caller)
            self.settle()

    @rule(caller=callers, message=messages)
    def talk(self, caller: Caller, message: bytes) -> None:
        """A client says something and hears the answer."""
        self.send(caller, message)
        self.listen(caller)

    @precondition(lambda self: self.most == 1 and self.dialled and not self.present)
    @rule()
    def rest(self) -> None:
        """Nobody does anything: all that is left when the only client of a loop server has gone."""

    def hear(self, caller: Caller) -> None:
        """Expect what is owed to a client that is served."""
        if self.is_served(caller):
            caller.line.expect(caller.owed)
            caller.owed = b""

    def settle(self) -> None:
        """Those who have said their last, and whose turn it is, hear the rest and the end."""
        for caller in list(self.present):
            if caller.done and self.is_served(caller):
                self.hear(caller)
                caller.line.expect_end(End.FIN)
                caller.line.close()
                self.present.remove(caller)

    def finish(self) -> None:
        """Everybody is served in turn and leaves; a server that lives on serves one more, another ends."""
        while self.present:
            caller = self.present.pop(0)
            caller.line.expect(caller.owed)
            caller.line.close()
            self.settle()
        if self.most > 1:
            with self.server.dial() as line:
                line.send(b"one more")
                line.expect(self.server.answer_to(b"one more"))
        elif self.dialled:
            self.server.expect_exit()
