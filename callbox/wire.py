"""Packets captured in the box: who sent what to whom, as its loopback saw it. Source: packet(7), socket(7)."""

from __future__ import annotations

import os
import socket
import struct
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from callbox import events
from callbox.events import SHOWN, Capture
from callbox.kernel.sockets import plain
from callbox.packets import parse

if TYPE_CHECKING:
    from callbox.booth import Booth
    from callbox.events import Names, WireEvent
    from callbox.kernel.sockets import Socket
    from callbox.packets import Packet

ETH_P_IP, ETH_P_IPV6 = 0x0800, 0x86DD
SOL_PACKET, PACKET_STATISTICS, PACKET_IGNORE_OUTGOING = 263, 6, 23
SO_RCVBUFFORCE = 33
SO_TIMESTAMPNS = 35
SNAPLEN = 1 << 16
BUFFER_BYTES = 8 << 20
MOST_WAITING = 1 << 14
"""Packets that the socket's buffer can hold: each takes more than 512 bytes of it."""
PCAP_BYTES, TOLD_BYTES = 256 << 10, 4 << 10
"""Of packets, and of one event's data, that a story keeps: there are many stories in a class."""
KEPT_BYTES = 2 << 20
"""Of the packets of one box; the rest is counted."""
PCAP_NANOSECONDS, LINKTYPE_RAW = 0xA1B23C4D, 101


class Wire:
    """Captures what passes in a box, from its beginning. Outside a box it captures nothing: a whole machine's packets are
    not ours to read."""

    def __init__(self, booth: Booth) -> None:
        self.socket = booth.capture
        self.names: Names = {}
        self.paths: dict[int, str] = {}
        """who is at an AF_UNIX end of ours, by its inode"""
        self.lost = 0
        """packets for which there was no room"""
        self.packets: list[Packet] = []
        self._kept: list[tuple[int, bytes]] = []
        """when (nanoseconds since 1970), and the packet from its IP header on"""
        self._kept_bytes = 0
        self._parsed = 0
        if self.socket:
            self.socket.setblocking(False)
            self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            with suppress(OSError):  # Linux 4.20 brought it: the loopback shows each packet twice
                self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
            try:
                self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
            except PermissionError:  # not root: as much as the machine allows
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)

    @property
    def captures(self) -> bool:
        """Is there something to be known of packets here?"""
        return self.socket is not None

    def name(self, end: socket.socket, name: str) -> None:
        """Tell who is at an end of ours: bound, connected or accepted."""
        if end.family not in {socket.AF_INET, socket.AF_INET6}:
            self.paths[os.fstat(end.fileno()).st_ino] = name
            return
        peer = None
        with suppress(OSError):  # it has none
            host, port = end.getpeername()[:2]
            peer = (host, port)
        host, port = end.getsockname()[:2]
        self.names["udp" if end.type == socket.SOCK_DGRAM else "tcp", (host, port), peer] = name

    def partner(self, end: Socket) -> str:
        """Who of us is at the other end of a conversation of the program's; empty when nobody is."""
        if isinstance(end.local, str) or isinstance(end.remote, str):
            return self.paths.get(end.peer, "")
        local, remote = ((plain(host), port) for host, port in (end.local, end.remote))
        return self.names.get((end.kind, remote, local)) or self.names.get((end.kind, remote, None), "")

    # ---- taking in

    def drain(self) -> None:
        """Take out of the socket's buffer what has come until now, so that there is room for more; without waiting for any."""
        if self.socket is None or self.socket.fileno() < 0:
            return
        with suppress(BlockingIOError):
            for _ in range(MOST_WAITING):  # a program may send without end
                data, ancillary, _, (_, protocol, direction, *_) = self.socket.recvmsg(SNAPLEN, socket.CMSG_SPACE(16))
                at = next((moment(stamp) for _, kind, stamp in ancillary if kind == SO_TIMESTAMPNS), time.time_ns())
                if direction != socket.PACKET_OUTGOING and protocol in {ETH_P_IP, ETH_P_IPV6}:
                    self._keep(at, data)

    def _keep(self, at: int, data: bytes) -> None:
        if self._kept_bytes + len(data) > KEPT_BYTES:
            self.lost += 1
            return
        self._kept_bytes += len(data)
        self._kept.append((max(at, self._kept[-1][0] if self._kept else 0), data))  # processors' clocks need not agree

    def take_in(self) -> list[Packet]:
        """All packets so far."""
        self.drain()
        new, self._parsed = self._kept[self._parsed :], len(self._kept)
        self.packets += [packet for at, data in new if (packet := parse(data, at))]
        return self.packets

    @property
    def missed(self) -> int:
        """Packets that passed and are not among those captured."""
        if self.socket and self.socket.fileno() >= 0:
            statistics = self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)  # which sets them to zero
            self.lost += struct.unpack("II", statistics)[1]
        return self.lost

    # ---- telling

    def events(self) -> tuple[WireEvent, ...]:
        """What has passed so far."""
        return tuple(events.read(self.take_in(), self.names))

    def capture(self, since: int = 0) -> Capture:
        """All that is known of what has passed so far; its beginning is told from `since`, in nanoseconds since 1970."""
        passed = self.events()
        began = (self.packets[0].at - since) / 1e9 if self.packets else 0.0
        shown = tuple(replace(event, data=event.data[:TOLD_BYTES]) for event in passed[:SHOWN])
        return Capture(shown, len(passed[SHOWN:]), self.missed, self.pcap(PCAP_BYTES), began)

    def pcap(self, most: int = KEPT_BYTES) -> bytes:
        """The packets so far, the first that make up `most` bytes, as a file that Wireshark and tshark open. Source:
        draft-ietf-opsawg-pcap."""
        parts = [struct.pack("<IHHiIII", PCAP_NANOSECONDS, 2, 4, 0, 0, SNAPLEN, LINKTYPE_RAW)]
        for at, data in self._kept:
            most -= len(data)
            if most < 0:
                break
            parts += [struct.pack("<IIII", *divmod(at, 1_000_000_000), len(data), len(data)), data]
        return b"".join(parts)

    def close(self) -> None:
        """End the capture. What was captured is still there."""
        self.drain()
        self.lost = self.missed
        if self.socket:
            self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def moment(timespec: bytes) -> int:
    """Nanoseconds since 1970."""
    seconds, nanoseconds = struct.unpack("ll", timespec)
    return int(seconds) * 1_000_000_000 + int(nanoseconds)
