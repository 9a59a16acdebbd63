"""What passed on the wire, as a person tells it: who dialled, said, ended and refused what, from the packets."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from callbox.packets import ACK, FIN, RST, SYN, Address, Packet
from callbox.saying import Text
from callbox.shown import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHOWN = 1000
"""Events that a story has of what passed; a flood has more."""
PROGRAM, AGAIN = "program", "again"

Names = dict[tuple[str, Address, Address | None], str]
"""Who is at an end of ours, by its kind (tcp, udp), its address and, where several have that, the other end's."""


class What(enum.StrEnum):
    """What a packet does. A packet that does two things, says something and ends, is two events."""

    SYN = "SYN"
    SYN_ACK = "SYN+ACK"
    DATA = "data"
    FIN = "FIN"
    RST = "RST"
    DATAGRAM = "datagram"
    ICMP = "ICMP"


@dataclass(frozen=True, slots=True)
class WireEvent:
    """Something passed. TCP's bare acknowledgements are none."""

    seconds: float
    """since the first packet"""
    who: Text
    """one of ours by its name in the transcript, `program`, or the address of somebody who is neither"""
    whom: Text
    what: What
    data: bytes = b""
    """of data and datagrams; of a datagram in fragments, those of the first"""
    length: int = 0
    """bytes of data; of a datagram in fragments, of all of it"""
    note: str = ""
    """`again` for what TCP sent once more; what an ICMP message says"""

    @property
    def again(self) -> bool:
        """Has TCP sent this before?"""
        return self.note == AGAIN

    def __str__(self) -> str:
        said = f" {show(self.data)}" if self.what in {What.DATA, What.DATAGRAM} else ""
        said += f", the first of {self.length}" if self.length > len(self.data) else ""
        note = f" ({self.note})" if self.note else ""
        return f"{self.seconds:.6f} s  {self.who} → {self.whom}  {self.what}{said}{note}"


@dataclass(frozen=True, slots=True)
class Capture:
    """What was captured until a moment."""

    events: tuple[WireEvent, ...]
    """the first"""
    more: int
    """events after those"""
    missed: int
    """packets that were not captured, or not kept"""
    pcap: bytes = field(repr=False)
    began: float = 0.0
    """when the first packet passed, in seconds since the transcript began"""

    def text(self) -> str:
        """A line for each event."""
        lines = [str(event) for event in self.events]
        if self.more:
            lines.append(f"… {self.more} more, in the packets …")
        if self.missed:
            lines.append(f"{self.missed} packet{' was' if self.missed == 1 else 's were'} not captured")
        return "\n".join(lines)


def read(packets: Iterable[Packet], names: Names) -> Iterator[WireEvent]:
    """The events of packets in the order in which they were captured."""
    began = None
    openers: dict[tuple[str, frozenset[Address]], Address] = {}
    following: dict[tuple[Address, Address], int] = {}
    for packet in packets:
        began = packet.at if began is None else began
        here, there, kind = packet.source, packet.target, packet.about or packet.kind
        flow = kind, frozenset({here, there})
        if packet.opens:
            openers[flow] = here
        opener = openers.setdefault(flow, there if packet.about else here)
        who = name_of(kind, here, there, opener, names)
        whom = name_of(kind, there, here, opener, names)
        for what, data, note in acts(packet, following):
            length = packet.length if what is What.DATAGRAM else len(data)
            yield WireEvent((packet.at - began) / 1e9, who, whom, what, data, length, note)


def name_of(kind: str, end: Address, other: Address, opener: Address, names: Names) -> str:
    """Who is at one end: one of ours, or the program when the other end is ours or it is the one that opened the
    conversation; else it is an address where nobody of ours is."""
    if name := names.get((kind, end, other)) or names.get((kind, end, None)):
        return name
    if kind != "icmp" and (end == opener or (kind, other, end) in names or (kind, other, None) in names):
        return PROGRAM
    return written(end)


def written(address: Address) -> str:
    """An address as it is written."""
    host, port = address
    if not port:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def acts(packet: Packet, following: dict[tuple[Address, Address], int]) -> Iterator[tuple[What, bytes, str]]:
    """What a packet does, with data and a note. `following` are the sequence numbers that come next in each direction."""
    if packet.kind == "udp":
        yield What.DATAGRAM, packet.data, ""
    elif packet.kind == "icmp":
        yield What.ICMP, b"", packet.note
    elif packet.flags & RST:
        yield What.RST, b"", ""
    else:
        yield from segment_acts(packet, following)


def segment_acts(packet: Packet, following: dict[tuple[Address, Address], int]) -> Iterator[tuple[What, bytes, str]]:
    """What a TCP segment does: begin, say something, end; what was sent before is sent again (RFC 9293, 3.10.8)."""
    way, begins, ends = (packet.source, packet.target), packet.flags & SYN, packet.flags & FIN
    if begins and following.get(way) != (packet.sequence + 1) % (1 << 32):  # the address is used for a new conversation
        following[way] = packet.sequence
    taken = len(packet.data) + bool(begins) + bool(ends)
    before = (following.setdefault(way, packet.sequence) - packet.sequence) % (1 << 32)
    if before >= 1 << 31:  # a gap: some were not captured
        before = 0
    data, note = packet.data, AGAIN
    if before < taken:
        following[way] = (packet.sequence + taken) % (1 << 32)
        data, note = packet.data[max(0, before - bool(begins)) :], ""
    if begins:
        yield What.SYN_ACK if packet.flags & ACK else What.SYN, b"", note
    if data:
        yield What.DATA, data, note
    if ends:
        yield What.FIN, b"", note
