"""Captured packets are read as another reader reads them."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import dpkt  # type: ignore[import-untyped]
import pytest

from callbox.wire import ACK, ETH_P_ALL, FIN, PACKET_OUTGOING, RST, SYN, Packet, Wire, parse
from suites.bench.starting import comes_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack

    from callbox.booth import Booth

pytestmark = pytest.mark.timeout(120)

FAMILIES = [pytest.param(socket.AF_INET, "127.0.0.1", id="v4"), pytest.param(socket.AF_INET6, "::1", id="v6")]
IPV6_MTU, SMALLEST_MTU = 24, 1280


@pytest.fixture
def wire(booth: Booth) -> Iterator[Wire]:
    wire = Wire(booth)
    yield wire
    wire.close()


def talk(booth: Booth, stack: ExitStack, family: int, host: str, *, reset: bool = False) -> tuple[str, int]:
    """A conversation and two datagrams; our address in the conversation."""
    door, end = (stack.enter_context(booth.make_socket(family, socket.SOCK_STREAM)) for _ in range(2))
    door.bind((host, 7890))
    door.listen()
    end.connect((host, 7890))
    conn = stack.enter_context(door.accept()[0])
    end.sendall(b"hello")
    conn.sendall(conn.recv(100).upper())
    end.recv(100)
    ours: tuple[str, int] = end.getsockname()[:2]
    if reset:
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    else:
        conn.shutdown(socket.SHUT_WR)
        end.recv(100)
    conn.close()
    end.close()
    port, other = (stack.enter_context(booth.make_socket(family, socket.SOCK_DGRAM)) for _ in range(2))
    port.bind((host, 7891))
    for data in (b"a datagram", b""):
        other.sendto(data, (host, 7891))
        port.recv(100)
    return ours


def by_dpkt(data: bytes) -> tuple[str, str, int, str, int, int, bytes] | None:
    """What dpkt reads: kind, source, target, flags, data."""
    packet = dpkt.ip.IP(data) if data[0] >> 4 == 4 else dpkt.ip6.IP6(data)
    family = socket.AF_INET if len(packet.src) == 4 else socket.AF_INET6
    hosts = [socket.inet_ntop(family, host) for host in (packet.src, packet.dst)]
    inner = packet.data
    if isinstance(inner, dpkt.tcp.TCP):
        return "tcp", hosts[0], inner.sport, hosts[1], inner.dport, inner.flags, bytes(inner.data)
    if isinstance(inner, dpkt.udp.UDP):
        return "udp", hosts[0], inner.sport, hosts[1], inner.dport, 0, bytes(inner.data)
    return None


def flat(packet: Packet | None) -> tuple[str, str, int, str, int, int, bytes] | None:
    return (packet.kind, *packet.source, *packet.target, packet.flags, packet.data) if packet else None


@pytest.mark.parametrize("reset", [False, True], ids=["a polite end", "a reset"])
@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_reads_every_packet_as_dpkt_does(booth: Booth, stack: ExitStack, family: int, host: str, reset: bool) -> None:
    raw = stack.enter_context(booth.make_socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL)))
    raw.setblocking(False)
    talk(booth, stack, family, host, reset=reset)
    packets = []
    while True:
        try:
            packets.append(raw.recv(1 << 16))
        except BlockingIOError:
            break
    assert len(packets) > 16
    assert [flat(parse(data)) for data in packets] == [by_dpkt(data) for data in packets]


@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_a_conversation_is_seen_from_its_first_packet_on(
    booth: Booth, wire: Wire, stack: ExitStack, family: int, host: str
) -> None:
    ours = talk(booth, stack, family, host)
    packets = [packet for packet in wire.take_in() if packet.kind == "tcp"]
    assert [packet.flags for packet in packets[:3]] == [SYN, SYN | ACK, ACK]
    assert (packets[0].source, packets[0].target) == (ours, (host, 7890))
    assert [packet.data for packet in packets if packet.data] == [b"hello", b"HELLO"]
    assert [packet.opens for packet in packets].count(True) == 1
    assert packets[0].opens


def test_tells_how_a_conversation_ended(booth: Booth, wire: Wire, stack: ExitStack) -> None:
    talk(booth, stack, socket.AF_INET, "127.0.0.1")
    assert comes_to(lambda: [bool(packet.flags & FIN) for packet in wire.take_in()].count(True), 2)
    assert not any(packet.flags & RST for packet in wire.packets)


def test_tells_a_reset(booth: Booth, wire: Wire, stack: ExitStack) -> None:
    talk(booth, stack, socket.AF_INET, "127.0.0.1", reset=True)
    assert comes_to(lambda: [bool(packet.flags & RST) for packet in wire.take_in()].count(True), 1)


@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_datagrams_are_seen_empty_ones_too(booth: Booth, wire: Wire, stack: ExitStack, family: int, host: str) -> None:
    talk(booth, stack, family, host)
    assert [packet.data for packet in wire.take_in() if packet.kind == "udp"] == [b"a datagram", b""]


def test_a_datagram_in_fragments_is_seen_once() -> None:
    whole = bytes(dpkt.udp.UDP(sport=1, dport=2, ulen=3008, data=b"x" * 3000))
    pieces = [
        bytes(
            dpkt.ip.IP(src=b"\x7f\0\0\1", dst=b"\x7f\0\0\1", p=17, mf=at < 2400, offset=at, data=whole[at : at + 1200])
        )
        for at in range(0, 3008, 1200)
    ]
    assert [bool(parse(piece)) for piece in pieces] == [True, False, False]


def test_a_datagram_of_ipv6_in_fragments_is_seen_once(booth: Booth, wire: Wire, stack: ExitStack) -> None:
    port, end = (stack.enter_context(booth.make_socket(socket.AF_INET6, socket.SOCK_DGRAM)) for _ in range(2))
    port.bind(("::1", 7891))
    end.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU, SMALLEST_MTU)
    end.sendto(b"x" * 3000, ("::1", 7891))
    assert port.recv(1 << 16) == b"x" * 3000
    [packet] = wire.take_in()
    assert (packet.kind, packet.target, packet.data[:1000]) == ("udp", ("::1", 7891), b"x" * 1000)


def test_each_packet_is_taken_in_once(booth: Booth, wire: Wire, stack: ExitStack) -> None:
    talk(booth, stack, socket.AF_INET, "127.0.0.1")
    assert comes_to(lambda: sum(packet.opens for packet in wire.take_in()), 1)
    assert PACKET_OUTGOING == socket.PACKET_OUTGOING


def test_what_is_neither_tcp_nor_udp_is_left_out() -> None:
    icmp = bytes(dpkt.ip.IP(src=b"\x7f\0\0\1", dst=b"\x7f\0\0\1", p=1, data=dpkt.icmp.ICMP(data=dpkt.icmp.ICMP.Echo())))
    assert parse(icmp) is None


def test_options_of_a_header_are_stepped_over() -> None:
    inner = dpkt.udp.UDP(sport=1, dport=2, ulen=10, data=b"hi")
    packet = dpkt.ip.IP(src=b"\x7f\0\0\1", dst=b"\x7f\0\0\2", p=17, opts=b"\1" * 8, hl=7, data=inner)
    assert parse(bytes(packet)) == Packet("udp", ("127.0.0.1", 1), ("127.0.0.2", 2), 0, b"hi")
