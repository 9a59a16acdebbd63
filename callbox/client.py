"""A program under test that dials: our servers stand in its box before it starts, and it is typed to as a person would."""

from __future__ import annotations

import select
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from callbox.line import DatagramLine, Line
from callbox.program import Launch, Program
from callbox.story import Story
from callbox.verdict import Mismatch
from callbox.wire import Wire

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.booth import Lobby

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
    ) -> None:
        super().__init__(lobby, launch, piped=piped, patience=patience)
        self.terms = terms
        self.kind = terms.role.kind
        self.address = address or terms.address
        self.wire = Wire(self.booth)
        self.door: socket.socket | None = None
        self.calls = 0

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

    def close_door(self) -> None:
        """Our server goes: nobody listens any more."""
        if self.door:
            self.transcript.add("our server", "stopped listening")
            self.door.close()
            self.door = None

    def answer(self) -> Line:
        """Its call. Raises Mismatch when it does not dial."""
        line = self.wait_for(self._accept, *([self.door] if self.door else []))
        if line is None:
            raise Mismatch(
                Story.tell(self, f"it dials {self.terms.placeholders()['address']}", self._where_it_dialled())
            )
        return line

    def datagrams(self) -> DatagramLine:
        """Our server's UDP port; its peer is whoever sent last."""
        if self.door is None:
            raise RuntimeError("our server is not there")
        return DatagramLine(self, self.door, "our server", None)

    def _accept(self) -> Line | None:
        if self.door is None:
            return None
        with suppress(BlockingIOError, ConnectionAbortedError):
            end, _ = self.door.accept()
            self.calls += 1
            name = "our server" if self.calls == 1 else f"our server (call {self.calls})"
            self.transcript.add("program", "dialled")
            return Line(self, end, name)
        return None

    def find_address(self) -> Address:
        """Where it dials. Raises Mismatch when it dials nowhere. What it sends before it is answered is of no interest."""
        if self.kind == "udp":
            self.type("hello")
        if self.wait_for(self._is_heard, *([self.door] if self.door else [])):
            return self.address
        if targets := self.targets():
            return targets[0]
        raise Mismatch(Story.tell(self, f"it dials {self.terms.placeholders()['address']}", "it never does"))

    def _is_heard(self) -> bool | None:
        """Has it reached our server, or somebody else?"""
        if self.door and select.select([self.door], [], [], 0)[0]:
            return True
        return False if self.targets() and self.kind != "unix" else None

    def _where_it_dialled(self) -> str:
        targets = self.targets()
        return f"it dials {targets[0][0]}:{targets[0][1]}" if targets else "it never does"

    def targets(self) -> list[tuple[str, int]]:
        """Where it has dialled, or sent datagrams to, so far: from the captured packets."""
        ours = self.door.getsockname()[1] if self.door and self.kind != "unix" else None
        packets = self.wire.take_in()
        if self.kind == "udp":
            return [packet.target for packet in packets if packet.kind == "udp" and packet.source[1] != ours]
        return [packet.target for packet in packets if packet.opens]

    def answer_to(self, message: bytes) -> bytes:
        """The answer that the assignment's server gives."""
        return self.terms.transform(message)

    def provoke(self, text: str) -> None:
        """Type a line, if it is a client that sends what is typed."""
        if self.terms.role.lives != "once":
            self.type(text)

    def talk(self, line: DatagramLine, text: str) -> tuple[str, int]:
        """Type a line and answer the datagram that comes, as the assignment's server does; where it came from."""
        self.type(text)
        said, sender = line.next_datagram()
        line.send(self.answer_to(said))
        return sender

    # ---- what is wanted of it

    def expect_no_call(self) -> None:
        """It does not dial, now that it has nothing to do."""
        if self.wait_for(self._accept, *([self.door] if self.door else [])):
            raise Mismatch(Story.tell(self, "it uses one connection", "it dials again"))

    def close(self) -> None:
        """End everything in the box."""
        self.wire.close()
        if self.door:
            self.door.close()
        super().close()
