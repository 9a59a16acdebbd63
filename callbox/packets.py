"""A captured packet read: TCP, UDP and ICMP in IPv4 and IPv6. Source: RFC 791, 8200, 9293, 768, 792, 4443."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, replace

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
FRAGMENT = 44  # the IPv6 extension header that a datagram longer than the loopback's MTU has
EXTENSIONS = {0, 43, 60}  # hop-by-hop options, routing, destination options: (next header, length in 8 bytes less one)
ICMP = {socket.IPPROTO_ICMP, socket.IPPROTO_ICMPV6}
UNREACHABLE = {
    (socket.AF_INET, 3, 0): "network unreachable",
    (socket.AF_INET, 3, 1): "host unreachable",
    (socket.AF_INET, 3, 3): "port unreachable",
    (socket.AF_INET6, 1, 0): "no route to the destination",
    (socket.AF_INET6, 1, 3): "address unreachable",
    (socket.AF_INET6, 1, 4): "port unreachable",
}
ERRORS = {socket.AF_INET: {3, 4, 5, 11, 12}, socket.AF_INET6: {1, 2, 3, 4}}
"""Types of ICMP messages that quote the packet that they are about."""
ICMP_HEADER = 8

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet on the loopback."""

    kind: str
    """tcp, udp or icmp"""
    source: Address
    target: Address
    """of ICMP: the ends of the packet that it is about, turned round; port 0 where it is about none"""
    flags: int
    """of TCP: FIN, SYN, RST, ACK"""
    data: bytes
    sequence: int = 0
    """of TCP: the number of its first byte, or of its SYN"""
    length: int = 0
    """bytes of data; of a datagram in fragments those of all, though only the first fragment is read"""
    about: str = ""
    """of ICMP: the kind of the packet that it is about"""
    note: str = ""
    """of ICMP: what it says"""
    at: int = 0
    """nanoseconds since 1970"""

    @property
    def opens(self) -> bool:
        """Is it the first packet of somebody who dials?"""
        return self.kind == "tcp" and self.flags & (SYN | ACK) == SYN


def parse(data: bytes, at: int = 0) -> Packet | None:
    """An IP packet captured `at` (nanoseconds since 1970); None for what is neither TCP, UDP nor ICMP, is no first
    fragment, or is cut off in its headers."""
    try:
        packet = of_ip(data)
    except (IndexError, ValueError, struct.error):  # a program can send whatever it likes, this too
        return None
    return replace(packet, at=at) if packet else None


def of_ip(data: bytes) -> Packet | None:
    """As `parse`, but raises IndexError, ValueError or struct.error where headers are cut off."""
    if (opened := unpack(data)) is None:
        return None
    protocol, family, hosts, inner = opened
    return of_icmp(family, hosts, inner) if protocol in ICMP else transport(protocol, hosts, inner)


def unpack(data: bytes) -> tuple[int, socket.AddressFamily, list[str], bytes] | None:
    """Protocol, family, source and target host and content of an IP packet, if it is one and a first fragment."""
    if data[0] >> 4 == 4:
        if int.from_bytes(data[6:8], "big") & 0x1FFF:
            return None
        hosts = [socket.inet_ntop(socket.AF_INET, data[at : at + 4]) for at in (12, 16)]
        whole = int.from_bytes(data[2:4], "big") or len(data)
        return data[9], socket.AF_INET, hosts, data[(data[0] & 15) * 4 : whole]
    if data[0] >> 4 != 6:
        return None
    hosts = [socket.inet_ntop(socket.AF_INET6, data[at : at + 16]) for at in (8, 24)]
    protocol, start = data[6], 40
    while protocol in EXTENSIONS:
        protocol, start = data[start], start + (data[start + 1] + 1) * 8
    if protocol == FRAGMENT:
        if int.from_bytes(data[start + 2 : start + 4], "big") >> 3:
            return None
        protocol, start = data[start], start + 8
    whole = 40 + int.from_bytes(data[4:6], "big") if any(data[4:6]) else len(data)
    return protocol, socket.AF_INET6, hosts, data[start:whole]


def transport(protocol: int, hosts: list[str], data: bytes) -> Packet | None:
    """The TCP or UDP part of a packet, at least its first 8 bytes: of a packet that it is about, ICMP may quote no more."""
    if protocol not in {socket.IPPROTO_TCP, socket.IPPROTO_UDP}:
        return None
    first, second, sequence = struct.unpack_from("!HHI", data)
    here, there = (hosts[0], first), (hosts[1], second)
    if protocol == socket.IPPROTO_UDP:
        length = int.from_bytes(data[4:6], "big") or len(data)
        return Packet("udp", here, there, 0, data[8:length], length=length - 8)
    flags = data[13] if len(data) > 13 else 0
    said = data[(data[12] >> 4) * 4 :] if len(data) > 13 else b""
    return Packet("tcp", here, there, flags, said, sequence, len(said))


def of_icmp(family: socket.AddressFamily, hosts: list[str], data: bytes) -> Packet:
    """An ICMP message and, of one that reports an error, whose packet it is about."""
    which, code = data[0], data[1]
    note = UNREACHABLE.get((family, which, code), f"type {which}, code {code}")
    opened = unpack(data[ICMP_HEADER:]) if which in ERRORS[family] else None
    quoted = transport(opened[0], opened[2], opened[3]) if opened else None
    if quoted is None:
        return Packet("icmp", (hosts[0], 0), (hosts[1], 0), 0, b"", note=note)
    return Packet("icmp", quoted.target, quoted.source, 0, b"", about=quoted.kind, note=note)
