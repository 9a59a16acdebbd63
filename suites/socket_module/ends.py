"""Sockets in a network where nobody else is, closed when the check is over."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

from callbox.kernel.counters import full_queues
from callbox.kernel.sockets import Socket, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from callbox.booth import Booth

HOST = "127.0.0.1"
DOOR = (HOST, 6666)
"""Where somebody listens, if anybody does."""


class Ends(ExitStack):
    """Makes ends of conversations."""

    def __init__(self, network: Booth) -> None:
        super().__init__()
        self.network = network

    def make(self, family: int, kind: int, protocol: int = 0) -> socket.socket:
        """Any socket."""
        return self.enter_context(self.network.make_socket(family, kind, protocol))

    def tcp(self) -> socket.socket:
        """A fresh TCP socket."""
        return self.make(socket.AF_INET, socket.SOCK_STREAM)

    def udp(self) -> socket.socket:
        """A fresh UDP socket."""
        return self.make(socket.AF_INET, socket.SOCK_DGRAM)

    def door(self, backlog: int = 5, address: tuple[str, int] = DOOR) -> socket.socket:
        """A TCP socket that listens."""
        door = self.tcp()
        door.bind(address)
        door.listen(backlog)
        return door

    def caller(self, address: tuple[str, int] = DOOR) -> socket.socket:
        """A TCP socket that has called."""
        caller = self.tcp()
        caller.connect(address)
        return caller

    def knock(self) -> None:
        """Call, and do not wait to be admitted."""
        caller = self.tcp()
        caller.setblocking(False)
        caller.connect_ex(DOOR)

    def answer(self, door: socket.socket) -> socket.socket:
        """The far end of the call that has waited longest."""
        return self.enter_context(door.accept()[0])

    def pair(self) -> tuple[socket.socket, socket.socket]:
        """Both ends of a TCP conversation: who called, and who was called."""
        with self.door() as door:
            return self.caller(), self.answer(door)

    def port(self, address: tuple[str, int] = DOOR) -> socket.socket:
        """A UDP socket with an address."""
        port = self.udp()
        port.bind(address)
        return port

    def queue(self) -> Socket:
        """The one listener, as the kernel sees it: `receiving` calls wait, of `sending` asked for."""
        [listener] = [row for row in self.network.sockets.tcp() if row.state is State.LISTEN]
        return listener

    def turned_away(self) -> int:
        """How many calls a full queue has turned away."""
        return full_queues(self.network.pid)


def until(look: Callable[[], bool]) -> None:
    """Come back when it is so: the kernel may finish a handshake a little after the caller's side of it."""
    while not look():
        os.sched_yield()


def read_all(end: socket.socket) -> bytes:
    """What comes until the stream ends."""
    return b"".join(iter(lambda: end.recv(1 << 16), b""))
