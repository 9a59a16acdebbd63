"""How much `send` takes, and what it puts on the wire."""

from __future__ import annotations

import hashlib
import os
import select
import socket
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from callbox.wire import Wire
from suites.socket_module.ends import DOOR, read_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from suites.socket_module.ends import Ends

LONG = os.urandom(1 << 24)  # about four times what the kernel holds between two ends
EMPTY = b""


def heard(ends: Ends, say: Callable[[socket.socket], None]) -> str:
    """The SHA-256 of what comes when `say` speaks to somebody who reads all the while: a program that is not ours."""
    near, far = ends.pair()
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as printed, os.fdopen(writing, "wb") as output:
        program = ends.network.run(["/usr/bin/sha256sum"], (far.fileno(), output.fileno(), output.fileno()))
        far.close()
        say(near)
        near.shutdown(socket.SHUT_WR)
        select.select([program.pidfd], [], [])
        return printed.read1().decode().split()[0]


def test_tells_how_many_bytes_send_took(ends: Ends) -> None:
    near, far = ends.pair()
    near.setblocking(False)
    took = near.send(LONG)
    near.shutdown(socket.SHUT_WR)
    assert 0 < took < len(LONG)
    assert read_all(far) == LONG[:took]  # what it took arrives; the rest was never sent


def test_waits_in_send_until_all_is_taken(ends: Ends) -> None:
    took: list[int] = []
    assert heard(ends, lambda near: took.append(near.send(LONG))) == hashlib.sha256(LONG).hexdigest()
    assert took == [len(LONG)]


def test_sends_all_with_sendall(ends: Ends) -> None:
    assert heard(ends, lambda near: near.sendall(LONG)) == hashlib.sha256(LONG).hexdigest()


def test_sends_all_with_send_in_a_loop(ends: Ends) -> None:
    near, far = ends.pair()
    near.setblocking(False)
    rest, came = memoryview(LONG), bytearray()
    while rest:
        with suppress(BlockingIOError):
            rest = rest[near.send(rest) :]
        came += far.recv(1 << 20)
    near.shutdown(socket.SHUT_WR)
    assert came + read_all(far) == LONG


def test_puts_no_segment_on_the_wire_for_nothing(ends: Ends) -> None:
    near, far = ends.pair()
    wire = ends.enter_context(closing(Wire(ends.network)))
    before = len(wire.take_in())
    assert near.send(EMPTY) == 0
    near.send(b"next")
    assert far.recv(1024) == b"next"  # what was sent before it has passed, too
    sent = [packet.data for packet in wire.take_in()[before:] if packet.source == near.getsockname()]
    assert sent == [b"next"]


def test_puts_a_header_on_the_wire_for_an_empty_datagram(ends: Ends) -> None:
    wire = ends.make(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    ends.port()
    assert ends.udp().sendto(EMPTY, DOOR) == 0
    packet = wire.recv(1024)
    datagram = packet[(packet[0] & 15) * 4 :]
    assert len(datagram) == int.from_bytes(datagram[4:6], "big") == 8  # RFC 768: the length counts the header
