"""Captured packets are read as another reader reads them."""

from __future__ import annotations

import io
import random
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING

import dpkt  # type: ignore[import-untyped]
import pytest

from callbox import assignment, events
from callbox.client import Client
from callbox.events import What, WireEvent
from callbox.packets import ACK, FIN, RST, SYN, Packet, parse
from callbox.program import Program
from callbox.story import Story
from callbox.verdict import NotJudged
from callbox.wire import Wire
from suites.bench.starting import PATIENCE, comes_to, python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack
    from pathlib import Path

    from callbox.booth import Booth, Lobby
    from suites.bench.starting import Starter

pytestmark = pytest.mark.timeout(120)

FAMILIES = [pytest.param(socket.AF_INET, "127.0.0.1", id="v4"), pytest.param(socket.AF_INET6, "::1", id="v6")]
IPV6_MTU, SMALLEST_MTU = 24, 1280
LINKTYPE_RAW = 101  # in files; what dpkt calls DLT_RAW is the number that BSD has for it


@pytest.fixture(name="wire")
def a_wire(booth: Booth) -> Iterator[Wire]:
    with Wire(booth) as wire:
        yield wire


def talk(
    booth: Booth, stack: ExitStack, family: int, host: str, *, reset: bool = False, wire: Wire | None = None
) -> tuple[str, int]:
    """A conversation and two datagrams; our address in the conversation. On the wire we are clients 1 and 2."""
    door, end = (stack.enter_context(booth.make_socket(family, socket.SOCK_STREAM)) for _ in range(2))
    door.bind((host, 7890))
    door.listen()
    end.connect((host, 7890))
    conn = stack.enter_context(door.accept()[0])
    if wire:
        wire.name(end, "client 1")
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
    other.bind((host, 0))
    if wire:
        wire.name(other, "client 2")
    for data in (b"a datagram", b""):
        other.sendto(data, (host, 7891))
        port.recv(100)
    return ours


def read_by_dpkt(pcap: bytes) -> list[bytes]:
    reader = dpkt.pcap.Reader(io.BytesIO(pcap))
    assert reader.datalink() == LINKTYPE_RAW
    return [data for _, data in reader]


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
    with Wire(booth) as wire:
        talk(booth, stack, family, host, reset=reset)
        assert comes_to(lambda: len(wire.take_in()) > 8, wanted=True)
    packets = read_by_dpkt(wire.pcap())
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
    first, *others = map(parse, pieces)
    assert first
    assert (first.data, first.length, others) == (b"x" * 1192, 3000, [None, None])
    assert str(*events.read([first], {})).endswith("(1192 bytes), the first of 3000")


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


def echo() -> bytes:
    return bytes(dpkt.ip.IP(src=b"\x7f\0\0\1", dst=b"\x7f\0\0\2", p=1, data=dpkt.icmp.ICMP(data=dpkt.icmp.ICMP.Echo())))


def test_an_icmp_message_about_no_packet_has_no_ports() -> None:
    packet = Packet("icmp", ("127.0.0.1", 0), ("127.0.0.2", 0), 0, b"", note="type 8, code 0")
    assert parse(echo()) == packet
    assert [(event.who, event.whom) for event in events.read([packet], {})] == [("127.0.0.1", "127.0.0.2")]


def test_what_is_neither_tcp_nor_udp_nor_icmp_is_left_out() -> None:
    assert parse(bytes(dpkt.ip.IP(src=b"\x7f\0\0\1", dst=b"\x7f\0\0\1", p=132, data=b"x" * 40))) is None


def test_options_of_a_header_are_stepped_over() -> None:
    inner = dpkt.udp.UDP(sport=1, dport=2, ulen=10, data=b"hi")
    packet = dpkt.ip.IP(src=b"\x7f\0\0\1", dst=b"\x7f\0\0\2", p=17, opts=b"\1" * 8, hl=7, data=inner)
    assert parse(bytes(packet)) == Packet("udp", ("127.0.0.1", 1), ("127.0.0.2", 2), 0, b"hi", length=2)


def test_packets_cut_off_anywhere_and_noise_are_read_without_an_error(booth: Booth, stack: ExitStack) -> None:
    with Wire(booth) as wire:
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            talk(booth, stack, family, host)
            send_to_a_closed_port(booth, stack, wire, family, host)
        assert comes_to(lambda: sum(packet.kind == "icmp" for packet in wire.take_in()), 2)
    noise = random.Random(0)
    for data in (*read_by_dpkt(wire.pcap()), echo()):
        for size in range(len(data)):
            parse(data[:size])
            parse(data[:size] + bytes([noise.randrange(256)]) + data[size + 1 :])
            parse(data[:1] + noise.randbytes(size))


# Events


def seen(wire: Wire) -> list[tuple[str, str, What, bytes]]:
    """The events so far, without their times."""
    return [(event.who, event.whom, event.what, event.data) for event in wire.events()]


def whats(wire: Wire) -> list[What]:
    return [event.what for event in wire.events()]


def send_to_a_closed_port(booth: Booth, stack: ExitStack, wire: Wire, family: int, host: str) -> None:
    end = stack.enter_context(booth.make_socket(family, socket.SOCK_DGRAM))
    end.bind((host, 0))
    wire.name(end, "client 1")
    end.sendto(b"anybody?", (host, 9))


OUT, BACK = ("client 1", "program"), ("program", "client 1")


@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_a_conversation_is_told_in_events(booth: Booth, wire: Wire, stack: ExitStack, family: int, host: str) -> None:
    talk(booth, stack, family, host, wire=wire)
    assert comes_to(lambda: whats(wire).count(What.FIN), 2)
    assert [event for event in seen(wire) if event[2] is not What.DATAGRAM] == [
        (*OUT, What.SYN, b""),
        (*BACK, What.SYN_ACK, b""),
        (*OUT, What.DATA, b"hello"),
        (*BACK, What.DATA, b"HELLO"),
        (*BACK, What.FIN, b""),
        (*OUT, What.FIN, b""),
    ]
    moments = [event.seconds for event in wire.events()]
    assert moments[0] == 0
    assert moments == sorted(moments)
    assert moments[-1] < PATIENCE


@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_a_reset_is_told(booth: Booth, wire: Wire, stack: ExitStack, family: int, host: str) -> None:
    talk(booth, stack, family, host, reset=True, wire=wire)
    assert comes_to(lambda: (*BACK, What.RST, b"") in seen(wire), wanted=True)
    assert What.FIN not in whats(wire)


@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_datagrams_are_told_empty_ones_too(booth: Booth, wire: Wire, stack: ExitStack, family: int, host: str) -> None:
    talk(booth, stack, family, host, wire=wire)
    told = [event for event in wire.events() if event.what is What.DATAGRAM]
    assert [(event.who, event.whom, event.data, event.length) for event in told] == [
        ("client 2", "program", b"a datagram", 10),
        ("client 2", "program", b"", 0),
    ]
    assert str(told[0]).endswith(' s  client 2 → program  datagram "a datagram" (10 bytes)')


@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_a_closed_port_is_told(booth: Booth, wire: Wire, stack: ExitStack, family: int, host: str) -> None:
    send_to_a_closed_port(booth, stack, wire, family, host)
    assert comes_to(lambda: seen(wire), [(*OUT, What.DATAGRAM, b"anybody?"), (*BACK, What.ICMP, b"")])
    assert wire.events()[1].note == "port unreachable"
    assert str(wire.events()[1]).endswith("program → client 1  ICMP (port unreachable)")


def pair(booth: Booth, wire: Wire, stack: ExitStack) -> tuple[socket.socket, socket.socket]:
    """Two ends of a conversation: client 1 and the program."""
    door, end = (stack.enter_context(booth.make_socket(socket.AF_INET, socket.SOCK_STREAM)) for _ in range(2))
    door.bind(("127.0.0.1", 7890))
    door.listen()
    end.connect(("127.0.0.1", 7890))
    wire.name(end, "client 1")
    return end, stack.enter_context(door.accept()[0])


def test_an_empty_send_puts_nothing_on_the_wire(booth: Booth, wire: Wire, stack: ExitStack) -> None:
    end, conn = pair(booth, wire, stack)
    before = seen(wire)
    end.send(b"")
    end.send(b"x")
    assert conn.recv(100) == b"x"
    assert seen(wire) == [*before, (*OUT, What.DATA, b"x")]


@pytest.mark.parametrize("first", [0, 1], ids=["client", "program"])
def test_tells_who_closed_first(booth: Booth, wire: Wire, stack: ExitStack, first: int) -> None:
    ends = pair(booth, wire, stack)
    ends[first].shutdown(socket.SHUT_WR)
    assert ends[1 - first].recv(100) == b""
    ends[1 - first].close()
    assert comes_to(lambda: whats(wire).count(What.FIN), 2)
    assert next(event.who for event in wire.events() if event.what is What.FIN) == ["client 1", "program"][first]


def test_words_and_the_end_in_one_segment_are_two_events(booth: Booth, wire: Wire, stack: ExitStack) -> None:
    end, conn = pair(booth, wire, stack)
    end.send(b"bye", socket.MSG_MORE)
    end.shutdown(socket.SHUT_WR)
    assert conn.recv(100) == b"bye"
    assert sum(packet.data == b"bye" and bool(packet.flags & FIN) for packet in wire.take_in()) == 1
    assert seen(wire)[-2:] == [(*OUT, What.DATA, b"bye"), (*OUT, What.FIN, b"")]


def test_whom_nobody_named_has_called_is_the_program(booth: Booth, wire: Wire, stack: ExitStack) -> None:
    end = stack.enter_context(booth.make_socket(socket.AF_INET, socket.SOCK_STREAM))
    assert end.connect_ex(("192.168.1.5", 7777))
    assert [event[:3] for event in seen(wire)] == [
        ("program", "192.168.1.5:7777", What.SYN),
        ("192.168.1.5:7777", "program", What.RST),
    ]


def segment(sequence: int, data: bytes, flags: int = ACK) -> Packet:
    return Packet("tcp", ("127.0.0.1", 1), ("127.0.0.1", 2), flags, data, sequence % (1 << 32), len(data))


def told(*packets: Packet) -> list[tuple[What, bytes, bool]]:
    return [(event.what, event.data, event.again) for event in events.read(packets, {})]


@pytest.mark.parametrize("start", [100, (1 << 32) - 2], ids=["anywhere", "where numbers begin anew"])
def test_what_was_sent_before_is_told_apart(start: int) -> None:
    syn, word, end = segment(start, b"", SYN), segment(start + 1, b"word"), segment(start + 5, b"", ACK | FIN)
    both = segment(start + 1, b"words", ACK | FIN)
    assert told(syn, syn, word, word, end, end) == [
        (What.SYN, b"", False),
        (What.SYN, b"", True),
        (What.DATA, b"word", False),
        (What.DATA, b"word", True),
        (What.FIN, b"", False),
        (What.FIN, b"", True),
    ]
    assert told(syn, word, both)[2:] == [(What.DATA, b"s", False), (What.FIN, b"", False)]


def test_a_probe_and_an_acknowledgement_are_no_events() -> None:
    assert told(segment(1, b"x"), segment(1, b""), segment(2, b"")) == [(What.DATA, b"x", False)]


def test_a_gap_is_stepped_over() -> None:
    assert told(segment(1, b"x"), segment(900, b"y")) == [(What.DATA, b"x", False), (What.DATA, b"y", False)]


def test_an_address_may_be_used_for_another_conversation() -> None:
    first, second = segment(1000, b"", SYN), segment(500, b"", SYN)
    assert told(first, second, segment(501, b"x")) == [
        (What.SYN, b"", False),
        (What.SYN, b"", False),
        (What.DATA, b"x", False),
    ]


# What is kept


def test_packets_for_which_there_was_no_room_are_counted(booth: Booth, wire: Wire, stack: ExitStack) -> None:
    assert wire.socket
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    port, end = (stack.enter_context(booth.make_socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2))
    port.bind(("127.0.0.1", 7891))
    for _ in range(100):
        end.sendto(b"x" * 100, ("127.0.0.1", 7891))
        port.recv(1000)
    capture = wire.capture()
    assert 0 < capture.missed < 100
    assert len(capture.events) + capture.missed == 100
    assert capture.text().endswith(f"{capture.missed} packets were not captured")
    assert wire.capture().missed == capture.missed


def test_only_so_much_is_kept(booth: Booth, wire: Wire, stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callbox.wire.KEPT_BYTES", 1000)
    port, end = (stack.enter_context(booth.make_socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2))
    port.bind(("127.0.0.1", 7891))
    for _ in range(5):
        end.sendto(b"x" * 300, ("127.0.0.1", 7891))
        port.recv(1000)
    assert (len(wire.events()), wire.missed) == (3, 2)
    assert len(read_by_dpkt(wire.pcap())) == 3


def test_a_long_capture_is_told_from_its_beginning(
    booth: Booth, wire: Wire, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callbox.wire.SHOWN", 3)
    talk(booth, stack, socket.AF_INET, "127.0.0.1", wire=wire)
    lines = wire.capture().text().splitlines()
    assert lines == [*map(str, wire.events()[:3]), f"… {len(wire.events()) - 3} more, in the packets …"]


def test_one_packet_that_was_not_captured_is_told() -> None:
    event = WireEvent(0, "client 1", "program", What.SYN)
    told = "0.000000 s  client 1 → program  SYN\n1 packet was not captured"
    assert events.Capture((event,), 0, 1, b"").text() == told


def test_what_was_captured_outlives_the_capture(booth: Booth, stack: ExitStack) -> None:
    with Wire(booth) as wire:
        end, conn = pair(booth, wire, stack)
        end.send(b"x")
        conn.recv(1)
    assert seen(wire)[-1] == (*OUT, What.DATA, b"x")
    assert wire.capture().missed == 0


@pytest.mark.skipif(shutil.which("tshark") is None, reason="there is no tshark")
def test_tshark_reads_the_file(booth: Booth, wire: Wire, stack: ExitStack, tmp_path: Path) -> None:
    talk(booth, stack, socket.AF_INET6, "::1", wire=wire)
    path = tmp_path / "wire.pcap"
    path.write_bytes(wire.capture().pcap)
    shown = subprocess.run(["tshark", "-r", path], capture_output=True, text=True, check=True)
    assert len(shown.stdout.splitlines()) == len(wire.packets)


# A program's wire

ONE_CALL = """
import socket
with socket.create_server((HOST, PORT)) as door:
    conn = door.accept()[0]
    conn.sendall(conn.recv(100))
    conn.close()
input()
"""


def test_a_servers_clients_are_called_as_in_the_conversation(start: Starter) -> None:
    server = start.server(ONE_CALL)
    with server.dial() as line:
        line.send(b"hello")
        line.expect(b"hello")
        line.expect_end()
    assert server.wait_for(lambda: not server.listeners("tcp") or None)
    server.knock()  # nobody listens any more
    assert comes_to(lambda: What.RST in [event.what for event in server.on_the_wire()], wanted=True)
    parties = [(event.who, event.whom, event.what) for event in server.on_the_wire()]
    assert parties[:4] == [(*OUT, What.SYN), (*BACK, What.SYN_ACK), (*OUT, What.DATA), (*BACK, What.DATA)]
    assert parties[-2:] == [("client 2", "program", What.SYN), ("program", "client 2", What.RST)]
    assert [party for party in parties if party[2] is What.FIN] == [(*BACK, What.FIN), (*OUT, What.FIN)]


def test_a_story_has_what_passed(start: Starter) -> None:
    server = start.server(ONE_CALL)
    server.dial().send(b"hello")
    story = Story.tell(server, "this", "that")
    assert story.wire
    assert 'client 1 → program  data "hello" (5 bytes)' in story.wire.text()
    assert len(read_by_dpkt(story.wire.pcap)) == len(server.wire.packets)
    assert "→" not in story.text()


CALLS = """
import socket
for port in (7777, PORT, PORT):
    try:
        socket.create_connection((HOST, port)).sendall(b"hello")
    except ConnectionRefusedError:
        pass
input()
"""


def test_a_clients_calls_are_told_wherever_they_went(lobby: Lobby, stack: ExitStack) -> None:
    terms = assignment.load().terms("tcp-loop-client")
    launch = python(f"HOST, PORT = {terms.host!r}, {terms.port}\n{CALLS}")
    client = stack.enter_context(Client(lobby, launch, terms, patience=PATIENCE))
    client.open_door()
    client.start()
    for _ in range(2):
        client.answer().expect(b"hello")
    dialled = [(event.who, event.whom) for event in client.on_the_wire() if event.what is What.SYN]
    assert dialled == [
        ("program", f"{terms.host}:7777"),
        ("program", "our server"),
        ("program", "our server (call 2)"),
    ]
    assert client.targets()[0] == (terms.host, 7777)


def test_paths_have_no_packets(start: Starter) -> None:
    server = start.server(
        "import socket, sys\ndoor = socket.socket(socket.AF_UNIX)\ndoor.bind(sys.argv[1])\ndoor.listen()\ninput()",
        "unix-server",
    )
    server.dial().send(b"hello")
    assert server.on_the_wire() == ()


def test_a_program_that_sends_without_end_holds_nobody_up(start: Starter) -> None:
    program = start(
        """
        import socket
        port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        while True:
            port.sendto(b"x", ("127.0.0.1", 9))
        """
    )
    assert program.wait_for(lambda: len(program.wire.take_in()) > 1000 or None)
    assert program.wire.capture().events[-1].seconds > 0


def test_outside_a_box_nothing_is_captured(host_lobby: Lobby, stack: ExitStack) -> None:
    program = stack.enter_context(Program(host_lobby, python("input()"), patience=PATIENCE))
    program.start()
    assert not program.wire.captures
    assert program.wire.take_in() == []
    story = Story.tell(program, "this", "that", "")
    assert story.wire
    assert story.wire.text() == ""
    with pytest.raises(NotJudged, match="outside a box"):
        program.on_the_wire()


def test_a_story_keeps_no_more_of_a_flood_than_a_class_has_room_for(start: Starter) -> None:
    server = start.server("""
        import socket
        s = socket.create_server(("127.0.0.1", 65447))
        conn, _ = s.accept()
        conn.sendall(bytes(1 << 20))
        conn.recv(1)
    """)
    with server.dial() as line:
        line.take(1 << 20)
    capture = server.wire.capture()
    assert len(capture.pcap) <= (256 << 10) + 24 + 16 * len(capture.events)
    assert all(len(event.data) <= 4 << 10 for event in capture.events)
    assert sum(event.length for event in capture.events) >= 1 << 20
