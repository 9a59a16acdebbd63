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
    """A client, what it is owed, whether it has said its last, and whether it has gone."""

    line: Line
    owed: bytes = b""
    done: bool = False
    gone: bool = False


class Conversation(Model):
    """Clients dial, speak, listen, and leave in every way there is."""

    callers = Bundle("callers")

    def __init__(self, opened: AbstractContextManager[Server]) -> None:
        super().__init__(opened)
        lives, waiting = self.server.terms.role.lives, self.server.listener.sending + 1  # Linux takes one more
        self.alone = lives == "loop"
        self.serial = lives != "concurrent"
        self.most = min(MOST_CALLERS, waiting + 1) if self.serial else MOST_CALLERS
        self.dialled = 0
        self.in_pieces = self.server.terms.transforms_in_pieces
        self.present: list[Caller] = []
        """in the order in which they dialled; also who has gone, while a serial server cannot know it yet"""

    def is_served(self, caller: Caller) -> bool:
        """Is it this one's turn?"""
        return not self.serial or self.present[0] is caller

    def leaves(self, caller: Caller) -> None:
        """It hangs up. In the queue of a serial server it keeps its place until its turn comes."""
        caller.gone = True
        if not self.serial:
            self.present.remove(caller)
        while self.present and self.present[0].gone:
            del self.present[0]
        self.settle()

    @precondition(lambda self: len(self.present) < self.most and not (self.alone and self.dialled))
    @rule(target=callers)
    def dial(self) -> Caller:
        """One more client."""
        with self.acting():
            self.dialled += 1
            self.present.append(Caller(self.server.dial()))
            return self.present[-1]

    @rule(caller=callers, message=messages)
    def send(self, caller: Caller, message: str) -> None:
        """A client says something."""
        if caller.owed and not self.in_pieces:  # two messages that are read as one would be answered as one
            return
        # What one recv takes together holds whole characters: to print one that is cut in two may end the conversation.
        room = self.server.terms.recv_size - len(caller.owed)
        encoding = self.server.terms.encoding
        whole = message.encode(encoding, "ignore")[: max(0, room)].decode(encoding, "ignore").encode(encoding)
        if not whole:
            return
        with self.acting():
            caller.line.send(whole)
            caller.owed += self.server.answer_to(whole)
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
            self.leaves(caller)

    @rule(caller=callers, message=messages)
    def talk(self, caller: Caller, message: str) -> None:
        """A client says something and hears the answer."""
        self.send(caller, message)
        self.listen(caller)

    @precondition(lambda self: self.alone and self.dialled and not self.present)
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
        for caller in [one for one in self.present if one.done]:
            if caller in self.present and self.is_served(caller):
                self.hear(caller)
                caller.line.expect_end(End.FIN)
                caller.line.close()
                self.leaves(caller)

    def finish(self) -> None:
        """Everybody is served in turn and leaves; a server that lives on serves one more, another ends."""
        while self.present:
            caller = self.present[0]
            caller.line.expect(caller.owed)
            caller.line.close()
            self.leaves(caller)
        if not self.alone:
            with self.server.dial() as line:
                line.send(b"one more")
                line.expect(self.server.answer_to(b"one more"))
        elif self.dialled:
            self.server.expect_exit()
