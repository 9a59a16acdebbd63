"""One conversation with the program: we dial it, or it dials us; what is sent, what comes, and how it ends."""

from __future__ import annotations

import enum
import errno
import math
import os
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from callbox.patience import QUIET
from callbox.saying import say
from callbox.shown import size_of
from callbox.story import Story
from callbox.transcript import PROGRAM, Act
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from callbox.program import Program

READ_BYTES = 1 << 16


class End(enum.StrEnum):
    """How the other side ended a conversation."""

    FIN = "FIN"
    RST = "RST"

    @property
    def act(self) -> Act:
        """What the other side did."""
        return Act.END if self is End.FIN else Act.RESET


class Line:
    """A stream conversation (TCP or AF_UNIX). `name` is who we are in the transcript, such as `client 1`."""

    def __init__(self, program: Program, end: socket.socket, name: str) -> None:
        end.setblocking(False)
        program.belongings.callback(end.close)
        program.wire.name(end, name)
        self.program = program
        self.socket = end
        self.name = name
        self.received = bytearray()
        """bytes that came and that nobody has expected yet"""
        self.end: End | None = None
        self.refused = False
        self.inode = os.fstat(end.fileno()).st_ino
        self.name_of_ours = end.getsockname()
        """the address of our end, which outlives it"""

    @property
    def connected(self) -> bool:
        """Is the handshake complete? It is, too, when the program has reset the conversation at once."""
        with suppress(OSError):
            error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error == errno.ECONNRESET:
                self.end = End.RST
                return True
            self.refused |= error != 0
            self.socket.getpeername()
            return True
        return False

    # ---- what we do

    def send(self, data: bytes) -> int:
        """Send all of it, taking in what comes meanwhile; how many bytes were taken before the program, silent or gone,
        took no more."""
        sent = 0

        def try_to_send() -> bool | None:
            nonlocal sent
            self._take_in()
            try:
                while sent < len(data):
                    sent += self.socket.send(data[sent:])
            except BlockingIOError:
                return None
            except OSError:  # it has ended the conversation; what came before that is still to be read
                return True
            return True

        self.program.wait_for(try_to_send, self.socket)
        self.program.transcript.add(self.name, say("sent"), data[:sent], act=Act.SEND)
        return sent

    def send_last(self, data: bytes) -> None:
        """Send a message and say that nothing more will come, so that the program finds both at once: TCP puts them into
        one segment (MSG_MORE, tcp(7)) when they fit."""
        self.program.transcript.add(self.name, say("sent"), data, act=Act.SEND)
        with suppress(OSError):  # the other side may have gone
            self.socket.send(data, socket.MSG_MORE)
        self.half_close()

    def flood(self, data: bytes, most: int) -> int:
        """Send `data` over and over and read nothing, until the program takes no more or it is `most` bytes; how many."""
        if self.socket.family != socket.AF_UNIX:  # with little room for answers, it is sooner that nobody can send
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        sent = 0

        def try_to_send() -> int | None:
            with suppress(BlockingIOError):
                return self.socket.send(data[sent % len(data) :])
            return None

        with suppress(OSError):  # it has ended the conversation
            while sent < most and (taken := self.program.wait_for(try_to_send, self.socket, patience=QUIET)):
                sent += taken
        self.program.transcript.add(self.name, say("sent {size} and read nothing", size=size_of(sent)), act=Act.FLOOD)
        return sent

    def half_close(self) -> None:
        """Say that nothing more will come from us (FIN), and go on listening."""
        self.program.transcript.add(self.name, say("ended its sending side (FIN)"), act=Act.END)
        with suppress(OSError):  # the other side may have gone
            self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Leave with RST, not FIN: what a crashed client sends. On AF_UNIX there is none: there it is a close."""
        self.program.transcript.add(self.name, say("left with a reset (RST)"), act=Act.RESET)
        if self.socket.family != socket.AF_UNIX:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self) -> None:
        """Hang up."""
        if self.socket.fileno() >= 0:
            self.program.transcript.add(self.name, say("hung up"), act=Act.CLOSE)
            self.socket.close()

    # ---- what is wanted of the program

    def expect(self, wanted: bytes) -> None:
        """The next bytes are `wanted`. Whatever comes after them is left for the next expectation."""
        self._wait(len(wanted))
        if self.received[: len(wanted)] != wanted:
            self._note_received()
            raise Mismatch(Story.of_bytes(self.program, self.name, wanted, bytes(self.received), self.end))
        del self.received[: len(wanted)]
        self._note_answer(wanted)

    def expect_among(self, wanted: bytes) -> None:
        """`wanted` comes, whatever comes before it."""

        def there() -> bool | None:
            self._take_in()
            return True if wanted in self.received or self.end else None

        self.program.wait_for(there, self.socket)
        if wanted not in self.received:
            self._note_received()
            raise Mismatch(Story.of_bytes(self.program, self.name, wanted, bytes(self.received), self.end))
        self._taken()

    def expect_silence(self) -> None:
        """No bytes come; the conversation may end. Where silence cannot be proven, a second of it is believed."""
        self._wait(1, patience=QUIET)
        if self.received:
            self._note_received()
            raise Mismatch(Story.of_noise(self.program, self.name, bytes(self.received)))
        self.program.transcript.add(
            PROGRAM, say("was silent towards {whom}", whom=self.name), act=Act.SILENCE, whom=self.name
        )

    def expect_end(self, *endings: End) -> End:
        """Nothing more comes, and the conversation ends in one of these ways (any, when none is named)."""
        self._wait(1)
        if self.received or self.end is None or (endings and self.end not in endings):
            self._note_received()
            raise Mismatch(Story.of_end(self.program, self.name, endings or tuple(End), bytes(self.received), self.end))
        self._note_end(self.end)
        return self.end

    def expect_something(self, usual: float = math.inf) -> bytes:
        """The program says something, whatever it is: all that it says before it waits, at once when `usual` bytes are there."""
        self._wait(1)
        if not self.received:
            self._note_received()
            raise Mismatch(Story.of_silence(self.program, self.name, self.end))
        self._wait(usual, patience=QUIET)
        return self._taken()

    def take(self, count: int) -> None:
        """The next `count` bytes come, or fewer: what they say is for another check to judge."""
        self._wait(count)
        data = bytes(self.received[:count])
        del self.received[:count]
        self._note_answer(data)

    @property
    def speaks(self) -> bool:
        """Has something come that nobody has expected yet?"""
        self._take_in()
        return bool(self.received)

    def read_to_the_end(self) -> bytes:
        """All that comes until the conversation ends or the program is silent."""
        self._wait()
        return self._taken()

    # ---- underneath

    def _wait(self, count: float = math.inf, *, patience: float | None = None) -> None:
        """Take in what comes until `count` bytes are there, or the end, or nothing more will come."""

        def enough() -> bool | None:
            self._take_in()
            return True if len(self.received) >= count or self.end else None

        self.program.wait_for(enough, self.socket, patience=patience)

    def _taken(self) -> bytes:
        """What has come, now expected."""
        data = bytes(self.received)
        self._note_received()
        self.received.clear()
        return data

    def _take_in(self) -> None:
        """Take in what has arrived."""
        while self.end is None and self.socket.fileno() >= 0:
            try:
                data = self.socket.recv(READ_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno not in {errno.ECONNRESET, errno.EPIPE}:
                    raise
                self.end = End.RST
            else:
                self.received += data
                if not data:
                    self.end = End.FIN

    def _note_received(self) -> None:
        if self.received:
            self._note_answer(bytes(self.received))
        if self.end:
            self._note_end(self.end)

    def _note_answer(self, data: bytes) -> None:
        if data:
            answered = say("answered {whom}", whom=self.name)
            self.program.transcript.add(PROGRAM, answered, data, act=Act.SEND, whom=self.name)

    def _note_end(self, end: End) -> None:
        ended = say("ended the conversation with {whom} ({end})", whom=self.name, end=end)
        self.program.transcript.add(PROGRAM, ended, act=end.act, whom=self.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class DatagramLine:
    """Datagrams to and from the program, at one of our ports. Boundaries are kept; an empty one is one."""

    def __init__(self, program: Program, end: socket.socket, name: str, peer: tuple[str, int] | None) -> None:
        end.setblocking(False)
        program.belongings.callback(end.close)
        program.wire.name(end, name)
        self.program = program
        self.socket = end
        self.name = name
        self.peer = peer
        self.answers = peer is None
        """do we answer whoever sent last, or send to one address?"""
        self.received: list[tuple[bytes, tuple[str, int]]] = []

    def send(self, data: bytes) -> None:
        """Send one datagram."""
        self.program.transcript.add(self.name, say("sent a datagram"), data, act=Act.DATAGRAM)
        if self.peer is None:
            raise RuntimeError("nobody has sent us anything to answer")
        self.socket.sendto(data, self.peer)

    def expect(self, wanted: bytes) -> tuple[str, int]:
        """The next datagram is `wanted`; where it came from."""
        data, sender = self.next_datagram()
        if data != wanted:
            raise Mismatch(Story.of_bytes(self.program, self.name, wanted, data, None))
        return sender

    def next_datagram(self) -> tuple[bytes, tuple[str, int]]:
        """The next datagram, whatever it is, and its sender."""
        if (datagram := self.perhaps(self.program.patience)) is None:
            raise Mismatch(Story.of_no_datagram(self.program, self.name))
        return datagram

    def perhaps(self, patience: float = QUIET) -> tuple[bytes, tuple[str, int]] | None:
        """The next datagram and its sender, or None when none comes."""
        if not self.program.wait_for(self._anything, self.socket, patience=patience):
            return None
        data, sender = self.received.pop(0)
        if self.answers:
            self.peer = sender
        self._note_datagram(data)
        return data, sender

    def gather(self, count: int) -> list[bytes]:
        """The next `count` datagrams in the order in which they came; fewer when no more come."""
        came: list[bytes] = []
        while len(came) < count and (datagram := self.perhaps(self.program.patience)):
            came.append(datagram[0])
        return came

    def expect_silence(self) -> None:
        """No datagram comes."""
        if self.program.wait_for(self._anything, self.socket, patience=QUIET):
            data, _ = self.received[0]
            self._note_datagram(data)
            raise Mismatch(Story.of_noise(self.program, self.name, data))
        self.program.transcript.add(
            PROGRAM, say("was silent towards {whom}", whom=self.name), act=Act.SILENCE, whom=self.name
        )

    def close(self) -> None:
        """Close our port: what is sent there from now on meets nobody."""
        if self.socket.fileno() >= 0:
            self.program.transcript.add(self.name, say("closed its port"), act=Act.CLOSE)
            self.socket.close()

    def _note_datagram(self, data: bytes) -> None:
        sent = say("sent {whom} a datagram", whom=self.name)
        self.program.transcript.add(PROGRAM, sent, data, act=Act.DATAGRAM, whom=self.name)

    def _anything(self) -> bool | None:
        with suppress(BlockingIOError, ConnectionRefusedError):  # a closed port at the other end: nothing came
            while True:
                data, sender = self.socket.recvfrom(READ_BYTES)
                self.received.append((data, sender[:2]))
        return True if self.received else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
