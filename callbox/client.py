"""A program under test that dials: our servers stand in its box before it starts, and it is typed to as a person would."""

from __future__ import annotations

import select
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from callbox.events import written
from callbox.line import DatagramLine, Line
from callbox.patience import QUIET
from callbox.program import Program
from callbox.saying import say
from callbox.story import Story
from callbox.transcript import OUR_SERVER, PROGRAM, Act
from callbox.verdict import Mismatch, NotJudged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from callbox.assignment import Terms
    from callbox.booth import Lobby
    from callbox.launch import Launch
    from callbox.saying import Saying

Address = tuple[str, int] | str
OUR_BACKLOG = 16


class Client(Program):
    """One run of a client, with our server at `address` (the assigned one, unless it is known to dial elsewhere)."""

    def __init__(
        self,
        lobby: Lobby,
        launch: Launch,
        terms: Terms,
        *,
        patience: float,
        address: Address | None = None,
        piped: bool = False,
        beside: Program | None = None,
    ) -> None:
        super().__init__(lobby, launch, piped=piped, patience=patience, beside=beside)
        self.terms = terms
        self.kind = terms.role.kind
        self.address = address or terms.address
        self.door: socket.socket | None = None
        self.calls = 0
        self.provoked = terms.first_message
        """what it is to say: its first message or, for a client that sends what is typed, the line typed last"""

    @contextmanager
    def traced(self) -> Iterator[Client]:
        """A second run of it, in a box of its own with our server there, that is traced from its first call on."""
        launch = self.traced_launch()
        with Client(self.lobby, launch, self.terms, patience=self.patience, address=self.address) as again:
            again.open_door()
            again.start(*self.arguments)
            yield again

    def open_door(self) -> None:
        """Have our server listen (or, for UDP, bind its port)."""
        if isinstance(self.address, str):
            self.door = self.booth.unix_socket(self.address, listen=OUR_BACKLOG)
        else:
            family = socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET
            self.door = self.booth.make_socket(family, socket.SOCK_DGRAM if self.kind == "udp" else socket.SOCK_STREAM)
            if self.kind != "udp":
                self.door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.door.bind(self.address)
            if self.kind != "udp":
                self.door.listen(OUR_BACKLOG)
        self.door.setblocking(False)
        self.wire.name(self.door, OUR_SERVER)
        self.belongings.callback(self.door.close)

    def close_door(self) -> None:
        """Our server goes: nobody listens any more."""
        if self.door:
            self.transcript.add(OUR_SERVER, say("stopped listening"), act=Act.SHUT)
            self.door.close()
            self.door = None

    def answer(self, text: str | None = None) -> Line:
        """Its call. A text is typed first, if it is a client that sends what is typed: some dial only then.
        Raises Mismatch when it does not dial."""
        if text is not None:
            self.provoke(text)
        line = self.wait_for(self._accept, *([self.door] if self.door else []))
        if line is None and text is None and self.waits_for_a_line():
            raise NotJudged(say("{program} dials only when it has something to say", program=str(self.launch)))
        if line is None:
            raise Mismatch(
                Story.tell(
                    self,
                    say("it dials {address}", address=self.terms.placeholders()["address"]),
                    self._where_it_dialled(),
                )
            )
        return line

    def datagrams(self) -> DatagramLine:
        """Our server's UDP port; its peer is whoever sent last."""
        if self.door is None:
            raise RuntimeError("our server is not there")
        return DatagramLine(self, self.door, OUR_SERVER, None)

    def _accept(self) -> Line | None:
        if self.door is None:
            return None
        with suppress(BlockingIOError, ConnectionAbortedError):
            end, _ = self.door.accept()
            self.calls += 1
            name = OUR_SERVER if self.calls == 1 else say("our server (call {number})", number=self.calls)
            self.transcript.add(PROGRAM, say("dialled"), act=Act.DIAL, whom=name)
            return Line(self, end, name)
        return None

    def find_address(self) -> Address:
        """Where it dials. Raises Mismatch when it dials nowhere. What it sends before it is answered is of no interest."""
        wakers = [self.door] if self.door else []
        if self.kind == "udp":
            self.type("hello")
        heard = self.wait_for(self._is_heard, *wakers)
        if heard is None and self.kind != "udp" and self.terms.role.lives != "once":  # some dial only then
            self.type("hello")
            heard = self.wait_for(self._is_heard, *wakers)
        if heard is False:  # `localhost` is ::1 first, and 127.0.0.1 when that is refused
            heard = self.wait_for(lambda: self._is_heard() or None, *wakers, patience=QUIET)
        if heard:
            return self.address
        if targets := self.targets():
            return targets[0]
        wanted = say("it dials {address}", address=self.terms.placeholders()["address"])
        raise Mismatch(Story.tell(self, wanted, say("it never does")))

    def _is_heard(self) -> bool | None:
        """Has it reached our server, or somebody else?"""
        if self.door and select.select([self.door], [], [], 0)[0]:
            return True
        return False if self.targets() and self.kind != "unix" else None

    def _where_it_dialled(self) -> Saying:
        targets = self.targets()
        return say("it dials {address}", address=written(targets[0])) if targets else say("it never does")

    def targets(self) -> list[tuple[str, int]]:
        """Where it has dialled, or sent datagrams to, so far: from the captured packets."""
        ours = self.door.getsockname()[1] if self.door and self.kind != "unix" else None
        packets = self.wire.take_in()
        if self.kind == "udp":
            return [packet.target for packet in packets if packet.kind == "udp" and packet.source[1] != ours]
        return [packet.target for packet in packets if packet.opens]

    @property
    def dials(self) -> str:
        """Where it dials, as it is written."""
        if isinstance(self.address, str):
            return self.address
        return written(self.address)

    def answer_to(self, message: bytes) -> bytes:
        """The answer that the assignment's server gives."""
        return self.terms.transform(message)

    def type(self, text: str) -> None:
        """Type a line, once it waits for one: Node's rl.question loses what is typed ahead."""
        self._wait_until_it_asks()
        super().type(text)
        self.provoked = text

    def end_input(self) -> None:
        """End its input, once it waits for a line."""
        self._wait_until_it_asks()
        super().end_input()

    def _wait_until_it_asks(self) -> None:
        """Wait until it reads a line, is silent, or has had time enough to ask for one."""
        self.wait_for(lambda: self.ended() or self.waits_for_a_line() or None, patience=QUIET)

    def provoke(self, text: str) -> None:
        """Type a line, if it is a client that sends what is typed."""
        if self.terms.role.lives != "once":
            self.type(text)

    def hear(self, line: Line) -> bytes:
        """What it says, whatever that is, when it has been provoked. Raises Mismatch when it says nothing."""
        return line.expect_something(usual=len(self.provoked.encode(self.terms.encoding, "replace")))

    def reply(self, line: Line, answer: bytes) -> None:
        """Answer as the assignment's server does: in one send and, when the client is one that lives once, no more than that."""
        line.send(answer)
        if self.terms.role.lives == "once":
            line.half_close()

    def serve(self, line: Line) -> None:
        """Hear what it says, and answer as the assignment's server does."""
        self.reply(line, self.answer_to(self.hear(line)))

    def talk(self, line: DatagramLine, text: str) -> tuple[str, int]:
        """Type a line and answer the datagram that comes, as the assignment's server does; where it came from."""
        self.type(text)
        said, sender = line.next_datagram()
        line.send(self.answer_to(said))
        return sender

    def speaks_again(self, line: Line, text: str) -> bool:
        """Does it say anything when another line is typed?"""
        self.type(text)
        return self.wait_for(lambda: line.speaks or None, line.socket, patience=QUIET) is True

    # ---- what is wanted of it

    def expect_no_rest(self, earlier: bytes, answer: bytes) -> None:
        """By when it waits again, it has not printed what its buffer still holds of an earlier, longer answer."""
        self._wait_until_it_asks()
        whole = (answer + earlier[len(answer) :]).decode()
        if len(answer) < len(earlier) and whole in self.output:  # a datagram may be the earlier one once more
            wanted = say('it prints "{text}" and no more', text=answer.decode())
            cause = say("behind the answer it printed what its buffer still held of an earlier, longer one")
            raise Mismatch(Story.tell(self, wanted, say('it prints "{text}"', text=whole), cause))

    def expect_to_give_up(self) -> None:
        """It dials no more: it ends, or has printed something and waits for a line."""
        gave_up = self.wait_for(self._gives_up)
        if gave_up and not self.ended() and not self.targets():
            self.provoke("hello")  # some dial only when they have something to say
            gave_up = self.wait_for(self._gives_up)
        if gave_up or (self.proven and self.output.strip() and self._reacts()):
            return
        times = len(self.targets())
        got = say("it dialled {times} times and goes on", times=times) if times > 1 else say("it goes on")
        if not self.output.strip():
            got = say("{it}, and prints nothing", it=got)
        cause = got if times > 1 else None
        raise Mismatch(Story.tell(self, say("it ends, or says so and waits for a line"), got, cause))

    def _gives_up(self) -> bool | None:
        return self.ended() or (bool(self.output.strip()) and self.waits_for_a_line()) or None

    def _reacts(self) -> bool | None:
        """Does it do anything when a line is typed? So one can tell of a program that waits for events, not in a read."""
        before = len(self.output), len(self.targets())
        self.type(self.terms.quit_word)
        return self.wait_for(lambda: self.ended() or (len(self.output), len(self.targets())) != before or None)

    def expect_no_call(self, line: Line) -> None:
        """It does not dial again, be it silent or speaking on the line that it has."""
        wakers = [line.socket, *([self.door] if self.door else [])]
        again = self.wait_for(lambda: self._accept() or line.speaks or None, *wakers, patience=QUIET)
        if isinstance(again, Line):
            again.close()
            raise Mismatch(
                Story.tell(
                    self,
                    say("it uses one connection"),
                    say("it dials again"),
                    say("it dials again for the next message"),
                )
            )
