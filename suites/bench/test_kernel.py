"""What the kernel knows of sockets and of blocked calls is read as it is."""

from __future__ import annotations

import os
import re
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from callbox.kernel import calls, processes
from callbox.kernel.calls import EM_AARCH64, EM_X86_64, KINDS, NUMBERS, Timeout
from callbox.kernel.processes import SystemCall
from callbox.kernel.sockets import Socket, State, Timer
from suites.bench.starting import Starter, comes_to

if TYPE_CHECKING:
    from contextlib import ExitStack

    from callbox.booth import Booth
    from callbox.program import Program

pytestmark = pytest.mark.timeout(120)

FAMILIES = [pytest.param(socket.AF_INET, "127.0.0.1", id="v4"), pytest.param(socket.AF_INET6, "::1", id="v6")]
PAIR = "import os, select, socket\na, b = socket.socketpair()\ntcp = socket.create_server(('127.0.0.1', 0))\nprint('ready')\n"
NAME_OF_A_CALL = re.compile(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\s*$", re.MULTILINE)
HEADERS = {
    EM_X86_64: ["/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"],
    EM_AARCH64: ["/usr/include/asm-generic/unistd.h"],
}
OLD = {"open", "poll", "select", "pause", "epoll_wait"}  # calls that new machines were never given


def row(booth: Booth, end: socket.socket) -> Socket:
    """What the table says of a socket of ours."""
    [found] = [row for row in booth.sockets.all() if row.inode == os.fstat(end.fileno()).st_ino]
    return found


def blocked(program: Program, name: str) -> SystemCall:
    """The call of that name in which a program comes to be blocked."""

    def look() -> SystemCall | None:
        [thread] = processes.threads(program.processes())
        call = thread.call()
        return call if call and call.name == name else None

    found = program.wait_for(look)
    assert found, [thread.call() for thread in processes.threads(program.processes())]
    return found


# Sockets


@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_a_listener_shows_its_queue_and_its_backlog(booth: Booth, stack: ExitStack, family: int, host: str) -> None:
    door = stack.enter_context(booth.make_socket(family, socket.SOCK_STREAM))
    door.bind((host, 7890))
    door.listen(7)
    for _ in range(3):
        stack.enter_context(booth.make_socket(family, socket.SOCK_STREAM)).connect((host, 7890))
    found = row(booth, door)
    assert (found.kind, found.state, found.local[:2]) == ("tcp", State.LISTEN, (host, 7890))
    assert found.sending == 7
    assert comes_to(lambda: row(booth, door).receiving, 3)


@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_a_conversation_shows_its_ends_and_unread_bytes(booth: Booth, stack: ExitStack, family: int, host: str) -> None:
    door, end = (stack.enter_context(booth.make_socket(family, socket.SOCK_STREAM)) for _ in range(2))
    door.bind((host, 7890))
    door.listen()
    end.connect((host, 7890))
    conn = stack.enter_context(door.accept()[0])
    end.send(b"hello")
    assert comes_to(lambda: (row(booth, conn).state, row(booth, conn).receiving), (State.ESTABLISHED, 5))
    assert (row(booth, conn).port, row(booth, conn).remote) == (7890, end.getsockname()[:2])
    end.shutdown(socket.SHUT_WR)
    assert comes_to(lambda: row(booth, conn).state, State.CLOSE_WAIT)
    assert comes_to(lambda: row(booth, end).state, State.FIN_WAIT2)


def test_a_call_that_is_not_taken_shows_as_dialling(booth: Booth, stack: ExitStack) -> None:
    door, *ends = (stack.enter_context(booth.make_socket(socket.AF_INET, socket.SOCK_STREAM)) for _ in range(4))
    door.bind(("127.0.0.1", 7890))
    door.listen(0)
    for end in ends:
        end.setblocking(False)
        with suppress(BlockingIOError):
            end.connect(("127.0.0.1", 7890))
    states = [State.ESTABLISHED, State.SYN_SENT, State.SYN_SENT]
    assert comes_to(lambda: [row(booth, end).state for end in ends], states)
    assert row(booth, ends[1]).timer is Timer.RETRANSMIT


@pytest.mark.parametrize(("family", "host"), FAMILIES)
def test_a_udp_port_shows_what_waits_there_and_what_was_dropped(
    booth: Booth, stack: ExitStack, family: int, host: str
) -> None:
    port, end = (stack.enter_context(booth.make_socket(family, socket.SOCK_DGRAM)) for _ in range(2))
    port.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    port.bind((host, 7890))
    end.connect((host, 7890))
    for _ in range(20):
        end.send(bytes(500))
    assert comes_to(lambda: row(booth, port).receiving > 0 and row(booth, port).drops > 0, True)
    assert (row(booth, port).kind, row(booth, port).state, row(booth, port).port) == ("udp", State.CLOSE, 7890)
    assert row(booth, end).state is State.ESTABLISHED


def test_a_unix_listener_shows_its_path_and_backlog(booth: Booth, stack: ExitStack) -> None:
    door = stack.enter_context(booth.unix_socket("server.sock", listen=4))
    end = stack.enter_context(booth.unix_socket("server.sock"))
    found = row(booth, door)
    assert (found.kind, found.state, found.receiving, found.sending) == ("unix", State.LISTEN, 1, 4)
    assert found.name.endswith("/server.sock")
    conn = stack.enter_context(door.accept()[0])
    assert row(booth, conn).peer == row(booth, end).inode
    assert (row(booth, end).host, row(booth, end).port) == ("", 0)


def test_an_abstract_unix_socket_is_written_with_an_at_sign(booth: Booth, stack: ExitStack) -> None:
    door = stack.enter_context(booth.make_socket(socket.AF_UNIX, socket.SOCK_STREAM))
    door.bind("\0hidden")
    assert row(booth, door).address == "@hidden"


@pytest.mark.parametrize(
    ("bound", "asked", "reached"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("0.0.0.0", "127.0.0.1", True),
        ("::", "127.0.0.1", True),
        ("::", "::1", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("::1", "127.0.0.1", False),
        ("0.0.0.0", "::1", False),
        ("127.0.0.2", "127.0.0.1", False),
        ("192.168.1.5", "127.0.0.1", False),
    ],
)
def test_knows_where_a_listener_is_reached(bound: str, asked: str, reached: bool) -> None:
    assert Socket("tcp", State.LISTEN, (bound, 80), ("0.0.0.0", 0), 0, 5, 1).reaches(asked) is reached


@pytest.mark.parametrize(
    ("bound", "inside"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("::", False),
    ],
)
def test_knows_who_listens_on_the_loopback_only(bound: str, inside: bool) -> None:
    assert Socket("tcp", State.LISTEN, (bound, 80), ("0.0.0.0", 0), 0, 5, 1).is_on_loopback is inside


def test_a_socket_of_both_families_is_one(booth: Booth, stack: ExitStack) -> None:
    door, end = (stack.enter_context(booth.make_socket(family, socket.SOCK_STREAM)) for family in (10, 2))
    door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    door.bind(("::ffff:127.0.0.1", 7890))
    door.listen()
    end.connect(("127.0.0.1", 7890))
    assert row(booth, door).reaches("127.0.0.1")
    assert comes_to(lambda: row(booth, door).receiving, 1)


def test_an_address_of_ipv6_is_written_in_brackets() -> None:
    assert Socket("tcp", State.LISTEN, ("::1", 80), ("::", 0), 0, 5, 1).address == "[::1]:80"


def test_a_program_is_told_from_us_by_the_sockets_that_it_holds(start_anywhere: Starter) -> None:
    program = start_anywhere.ready("import socket; a = socket.create_server(('127.0.0.1', 0)); print('ready'); input()")
    with program.booth.make_socket(socket.AF_INET, socket.SOCK_STREAM) as ours:
        ours.listen()
        [listener] = program.listeners("tcp")
        assert listener.inode != os.fstat(ours.fileno()).st_ino
        [pid] = program.processes()
        assert processes.sockets([pid])[listener.inode] == (pid, 3)


def test_more_sockets_than_fit_into_one_answer_are_all_told(booth: Booth, stack: ExitStack) -> None:
    ends = [stack.enter_context(booth.make_socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(400)]
    for end in ends:
        end.bind(("127.0.0.1", 0))
    assert {end.port for end in booth.sockets.udp()} == {end.getsockname()[1] for end in ends}


# Blocked calls


@pytest.mark.parametrize(
    ("act", "name", "length"),
    [
        ("a.recv(1024)", "recvfrom", 1024),
        ("a.recv_into(bytearray(50))", "recvfrom", 50),
        ("a.recvfrom(77)", "recvfrom", 77),
        ("a.recvmsg(333)", "recvmsg", 333),
        ("a.recvmsg_into([bytearray(10), bytearray(20)])", "recvmsg", 30),
        ("os.read(a.fileno(), 64)", "read", 64),
        ("os.readv(a.fileno(), [bytearray(100), bytearray(200)])", "readv", 300),
        ("os.read(0, 4096)", "read", 4096),
    ],
)
def test_a_blocked_call_tells_how_much_it_asks_for(start_anywhere: Starter, act: str, name: str, length: int) -> None:
    program = start_anywhere.ready(PAIR + act)
    assert processes.asked_length(program.processes()[0], blocked(program, name)) == length


@pytest.mark.parametrize(
    ("act", "name"),
    [
        ("tcp.accept()", "accept4"),
        ("select.select([a], [], [])", "select|pselect6"),
        ("p = select.poll(); p.register(a, 1); p.poll()", "poll|ppoll"),
        ("e = select.epoll(); e.register(a, 1); e.poll()", "epoll_wait|epoll_pwait"),
        ("import signal; signal.pause()", "pause|ppoll"),
        ("import signal; signal.sigwait([10])", "rt_sigtimedwait"),
        ("import threading; threading.Event().wait()", "futex"),
        ("a.sendall(bytes(1 << 26))", "sendto"),
        ("import time; time.sleep(1e6)", "clock_nanosleep|pselect6|nanosleep"),
    ],
)
def test_a_blocked_call_is_known_by_name(start: Starter, act: str, name: str) -> None:
    program = start.ready(PAIR + act)
    names = name.split("|")

    def look() -> str | None:
        found = [call.name for thread in processes.threads(program.processes()) if (call := thread.call())]
        return next((each for each in found if each in names), None)

    assert program.wait_for(look) in names


def test_a_call_that_is_no_receiving_one_asks_for_nothing(start: Starter) -> None:
    program = start.ready(PAIR + "tcp.accept()")
    assert processes.asked_length(program.processes()[0], blocked(program, "accept4")) is None


def test_memory_that_cannot_be_read_asks_for_nothing(start: Starter) -> None:
    program = start.ready(PAIR + "tcp.accept()")
    [pid] = program.processes()
    assert processes.asked_length(pid, SystemCall(KINDS["recvmsg"], (3, 8, 0, 0, 0, 0))) is None
    assert processes.asked_length(pid, SystemCall(KINDS["readv"], (3, 8, 2, 0, 0, 0))) is None


@pytest.mark.parametrize("machine", [0, 3, 0xFFFF], ids=["cannot be told", "32 bits", "unheard of"])
def test_on_a_machine_without_a_table_no_call_is_known(
    start: Starter, monkeypatch: pytest.MonkeyPatch, machine: int
) -> None:
    program = start.ready(PAIR + "tcp.accept()")
    blocked(program, "accept4")
    monkeypatch.setattr(processes, "machine", lambda _: machine)
    assert [thread.call() for thread in processes.threads(program.processes())] == [None]
    assert program.silence() is None


def test_the_machine_of_a_running_program_is_read_from_its_file() -> None:
    known = {"x86_64": EM_X86_64, "aarch64": EM_AARCH64}
    if os.uname().machine not in known:
        pytest.skip("no table is there for this machine")
    assert processes.machine(os.getpid()) == known[os.uname().machine]


def test_what_is_gone_gives_nothing(start: Starter) -> None:
    program = start("")
    program.expect_exit(0)
    gone = 1 << 22  # above the highest pid_max
    assert program.processes() == []
    assert (processes.threads([gone]), processes.children(gone), processes.open_files(gone)) == ([], [], {})
    assert (processes.schedule([gone]), processes.own_pid(gone), processes.machine(gone)) == ((0, 0), None, 0)


# Tables


@pytest.mark.parametrize("machine", NUMBERS)
def test_every_number_is_of_a_call_that_is_described(machine: int) -> None:
    assert set(NUMBERS[machine].values()) <= set(KINDS)
    assert len(set(NUMBERS[machine].values())) == len(NUMBERS[machine])


def test_every_call_has_a_number_on_every_machine_that_has_it() -> None:
    assert set(NUMBERS[EM_X86_64].values()) == set(KINDS)
    assert set(NUMBERS[EM_AARCH64].values()) == set(KINDS) - OLD


@pytest.mark.parametrize("machine", NUMBERS)
def test_numbers_are_those_of_the_kernels_headers(machine: int) -> None:
    header = next((path for path in map(Path, HEADERS[machine]) if path.exists()), None)
    if header is None:
        pytest.skip("this machine has no kernel headers to compare with")
    theirs = {name: int(number) for name, number in NAME_OF_A_CALL.findall(header.read_text())}
    ours = {name: number for number, name in NUMBERS[machine].items()}
    assert ours.items() <= theirs.items()


def test_calls_that_stopping_interrupts_are_described() -> None:
    assert set(KINDS) >= calls.INTERRUPTED_BY_STOPPING
    assert all(KINDS[name].timeout is not Timeout.ALWAYS for name in calls.INTERRUPTED_BY_STOPPING)
