"""Packets captured in the box: who sent what to whom, as its loopback saw it. Source: packet(7), RFC 9293, RFC 768."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callbox.booth import Booth

ETH_P_ALL = 0x0003
PACKET_OUTGOING = 4
FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
SNAPLEN = 1 << 16
BUFFER_BYTES = 8 << 20
FRAGMENT = 44  # the IPv6 extension header that a datagram longer than the loopback's MTU has


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet on the loopback."""

    kind: str
    """tcp or udp"""
    source: tuple[str, int]
    target: tuple[str, int]
    flags: int
    """of TCP: FIN, SYN, RST, ACK"""
    data: bytes

    @property
    def opens(self) -> bool:
        """Is it the first packet of somebody who dials?"""
        return self.kind == "tcp" and self.flags & (SYN | ACK) == SYN


class Wire:
    """Captures what passes in a box from now on; made before the program starts, it misses nothing."""

    def __init__(self, booth: Booth) -> None:
        self.socket = booth.make_socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self.socket.setblocking(False)
        self.packets: list[Packet] = []

    def take_in(self) -> list[Packet]:
        """All packets so far."""
        while True:
            try:
                data, (_, _, direction, *_) = self.socket.recvfrom(SNAPLEN)
            except BlockingIOError:
                return self.packets
            if direction != PACKET_OUTGOING and (packet := parse(data)):  # the loopback shows each packet twice
                self.packets.append(packet)

    def close(self) -> None:
        """End the capture."""
        self.socket.close()


def parse(data: bytes) -> Packet | None:
    """An IP packet; None for what is neither TCP nor UDP, or is no first fragment."""
    if data[0] >> 4 == 4:
        if int.from_bytes(data[6:8], "big") & 0x1FFF:
            return None
        return transport(data[9], socket.AF_INET, data[12:16], data[16:20], data[(data[0] & 15) * 4 :])
    protocol, start = data[6], 40
    if protocol == FRAGMENT:
        if int.from_bytes(data[42:44], "big") >> 3:
            return None
        protocol, start = data[40], 48
    return transport(protocol, socket.AF_INET6, data[8:24], data[24:40], data[start:])


def transport(protocol: int, family: int, source: bytes, target: bytes, data: bytes) -> Packet | None:
    """The TCP or UDP part of a packet."""
    if protocol not in {socket.IPPROTO_TCP, socket.IPPROTO_UDP}:
        return None
    ports = struct.unpack_from("!HH", data)
    ends = [(socket.inet_ntop(family, host), port) for host, port in zip((source, target), ports, strict=True)]
    if protocol == socket.IPPROTO_UDP:
        return Packet("udp", ends[0], ends[1], 0, data[8:])
    return Packet("tcp", ends[0], ends[1], data[13], data[(data[12] >> 4) * 4 :])
