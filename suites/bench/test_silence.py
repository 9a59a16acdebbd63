"""Silence is proven where nothing can move again, and never where something can."""

from __future__ import annotations

import os
import random
import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from callbox import silence
from callbox.kernel import processes
from callbox.kernel.calls import Kind, Timeout
from callbox.kernel.sockets import Socket, State, Timer
from callbox.patience import GLANCE
from suites.bench.starting import Starter

if TYPE_CHECKING:
    from callbox.booth import Lobby
    from callbox.program import Program

pytestmark = pytest.mark.timeout(180)

LOOKS = 30
TRIALS = 30
BEGINNING = """
import ctypes, os, select, signal, socket, struct, sys, termios, threading, time
a, b = socket.socketpair()
tcp = socket.create_server(('127.0.0.1', 7890))
print('ready')
"""
TIMEVAL = "struct.pack('ll', 3600, 0)"
TIMERFD = """
libc = ctypes.CDLL(None)
fd = libc.timerfd_create(0, 0)
libc.timerfd_settime(fd, 0, struct.pack('4q', 0, 0, 3600, 0), None)
"""
FUTEX = "threading.Event().wait({})"


def settled(program: Program, *names: str) -> list[processes.Thread]:
    """The threads of a program, once each is in one of these calls or states."""

    def look() -> list[processes.Thread] | None:
        threads = processes.threads(program.processes())
        found = [(call.name if (call := thread.call()) else thread.state) for thread in threads]
        return threads if found and all(name in names for name in found) else None

    threads = program.wait_for(look)
    assert threads, program.output
    return threads


# Proven


@pytest.mark.parametrize(
    "act",
    [
        pytest.param("tcp.accept()", id="accept"),
        pytest.param("a.recv(1)", id="recv"),
        pytest.param("a.recvmsg(1)", id="recvmsg"),
        pytest.param("os.read(a.fileno(), 1)", id="read of a socket"),
        pytest.param("os.read(0, 1)", id="read of the terminal"),
        pytest.param("input()", id="input"),
        pytest.param("os.read(os.pipe()[0], 1)", id="read of a pipe"),
        pytest.param("select.select([a], [], [])", id="select"),
        pytest.param("p = select.poll(); p.register(a, 1); p.poll()", id="poll"),
        pytest.param("p = select.poll(); p.register(a, 1); p.poll(-1)", id="poll(-1)"),
        pytest.param("e = select.epoll(); e.register(a, 1); e.poll()", id="epoll"),
        pytest.param("e = select.epoll(); e.register(a, 1); e.poll(-1)", id="epoll(-1)"),
        pytest.param(FUTEX.format(""), id="futex"),
        pytest.param("threading.Thread(target=tcp.accept).start(); a.recv(1)", id="two threads"),
        pytest.param("os.fork(); a.recv(1)", id="two processes"),
        pytest.param("os.fork() or a.recv(1); os.wait()", id="waits for a child"),
        pytest.param("signal.pause()", id="pause"),
        pytest.param("signal.sigwait([signal.SIGUSR1])", id="sigwait"),
        pytest.param("a.sendall(bytes(1 << 26))", id="send that nobody reads"),
        pytest.param("os.fork() == 0 and os._exit(0); a.recv(1)", id="a dead child"),
        pytest.param("a.settimeout(3600); a.settimeout(None); a.recv(1)", id="a timeout that was taken back"),
        pytest.param("b.send(b'unread'); tcp.accept()", id="bytes that it does not read"),
        pytest.param("raise SystemExit", id="ended"),
    ],
)
def test_silence_is_proven(start_anywhere: Starter, act: str) -> None:
    program = start_anywhere.ready(BEGINNING + act)
    program.wait_for(lambda: None)
    assert program.proven


def test_who_has_stopped_itself_is_silent(start_anywhere: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callbox.patience.HALTED", GLANCE)
    program = start_anywhere.ready(BEGINNING + "os.kill(os.getpid(), signal.SIGSTOP)")
    program.wait_for(lambda: None)
    assert program.proven


def test_who_is_stopped_by_others_is_waited_for(start_anywhere: Starter) -> None:
    program = start_anywhere.ready(BEGINNING + "a.recv(1)")
    [pid] = program.processes()
    os.kill(pid, signal.SIGSTOP)
    looks: list[bool] = []

    def look() -> bool | None:
        looks.append(program.silence() is not None)
        if len(looks) == LOOKS:
            os.kill(pid, signal.SIGCONT)
        return None

    program.wait_for(look)
    assert program.proven
    assert looks[:LOOKS] == [False] * LOOKS


def test_silence_is_proven_while_a_conversation_is_open(start: Starter) -> None:
    server = start.server(
        "import socket\na = socket.create_server((HOST, PORT))\nc = a.accept()[0]\nc.recv(9)\nc.recv(9)"
    )
    with server.dial() as line:
        line.send(b"one")
        line.expect_silence()
        assert server.proven


def test_silence_is_proven_though_bytes_are_left_unread(start: Starter) -> None:
    server = start.server("import socket\na = socket.create_server((HOST, PORT))\nc = a.accept()[0]\na.accept()")
    with server.dial() as line:
        line.send(b"never read")
        line.expect_silence()
        assert server.proven


# Not proven


@pytest.mark.parametrize(
    ("act", "names"),
    [
        pytest.param("time.sleep(3600)", "clock_nanosleep|nanosleep|pselect6", id="sleep"),
        pytest.param("tcp.settimeout(3600); tcp.accept()", "poll|ppoll", id="settimeout"),
        pytest.param(
            f"a.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, {TIMEVAL}); a.recv(1)", "recvfrom", id="SO_RCVTIMEO"
        ),
        pytest.param(
            f"a.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, {TIMEVAL}); os.read(a.fileno(), 1)", "read",
            id="SO_RCVTIMEO of a read",
        ),
        pytest.param(
            f"tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, {TIMEVAL}); tcp.accept()", "accept4",
            id="SO_RCVTIMEO of an accept",
        ),
        pytest.param(
            f"a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, {TIMEVAL}); a.sendall(bytes(1 << 26))", "sendto",
            id="SO_SNDTIMEO",
        ),
        pytest.param("select.select([a], [], [], 3600)", "select|pselect6", id="select"),
        pytest.param("p = select.poll(); p.register(a, 1); p.poll(3600000)", "poll|ppoll", id="poll"),
        pytest.param("e = select.epoll(); e.register(a, 1); e.poll(3600)", "epoll_wait|epoll_pwait", id="epoll"),
        pytest.param(FUTEX.format(3600), "futex", id="futex"),
        pytest.param("signal.sigtimedwait([signal.SIGUSR1], 3600)", "rt_sigtimedwait", id="sigtimedwait"),
        pytest.param("threading.Timer(3600, print).start(); a.recv(1)", "futex|recvfrom", id="a timer thread"),
        pytest.param(
            "signal.signal(signal.SIGALRM, print); signal.setitimer(signal.ITIMER_REAL, 3600); a.recv(1)", "recvfrom",
            id="setitimer",
        ),
        pytest.param("signal.signal(signal.SIGALRM, print); signal.alarm(3600); a.recv(1)", "recvfrom", id="alarm"),
        pytest.param(TIMERFD + "os.read(fd, 8)", "read", id="timerfd that is read"),
        pytest.param(
            TIMERFD + "e = select.epoll(); e.register(fd, 1); e.poll()", "epoll_wait|epoll_pwait", id="timerfd in epoll"
        ),
        pytest.param("while True: pass", "R", id="a busy loop"),
        pytest.param("os.fork() or time.sleep(3600); a.recv(1)", "recvfrom|clock_nanosleep|nanosleep|pselect6", id="a child"),
        pytest.param(
            "ends = [socket.socket() for _ in range(2)]; tcp.listen(0)\n"
            "for end in ends: end.connect(('127.0.0.1', 7890))", "connect", id="a call that nobody takes",
        ),
        pytest.param(
            "attributes = termios.tcgetattr(0); attributes[3] &= ~termios.ICANON\n"
            "attributes[6][termios.VMIN], attributes[6][termios.VTIME] = 0, 250\n"
            "termios.tcsetattr(0, termios.TCSANOW, attributes)\n"
            "while True: os.read(0, 1)", "read", id="a terminal with a timeout",
        ),
    ],
)  # fmt: skip
def test_silence_is_not_proven(start: Starter, act: str, names: str) -> None:
    program = start.ready(BEGINNING + act)
    settled(program, *names.split("|"))
    assert [program.silence() for _ in range(LOOKS)] == [None] * LOOKS


def test_silence_is_not_proven_before_the_program_has_begun(lobby: Lobby) -> None:
    for _ in range(TRIALS):
        with ExitStack() as stack:
            Starter(lobby, stack).ready("print('ready')")


ANSWERS_LATE = """
    import random, select, socket, threading, time
    door = socket.create_server((HOST, PORT))
    conn = door.accept()[0]
    def by_thread(seconds, data):
        threading.Timer(seconds, conn.sendall, [data]).start()
    def by_sleep(seconds, data):
        time.sleep(seconds)
        conn.sendall(data)
    def by_select(seconds, data):
        select.select([door], [], [], seconds)
        conn.sendall(data)
    while data := conn.recv(100):
        how, seconds, word = data.decode().split()
        globals()["by_" + how](float(seconds), word.encode())
"""


@pytest.mark.parametrize("how", ["thread", "sleep", "select"])
def test_a_program_that_answers_late_is_never_taken_for_silent(start: Starter, how: str) -> None:
    chance = random.Random(7)
    server = start.server(ANSWERS_LATE)
    with server.dial() as line:
        for number in range(TRIALS):
            delay = 0.2 if number == 0 else chance.choice([0, chance.expovariate(1000), chance.uniform(0, 0.03)])
            line.send(f"{how} {delay:.6f} word{number}".encode())
            line.expect(b"word%d" % number)


def test_what_was_typed_is_never_left_unread_in_silence(start_anywhere: Starter) -> None:
    program = start_anywhere.ready("import sys\nprint('ready')\nfor line in sys.stdin: print('echo', line)")
    for number in range(TRIALS):
        program.type(str(number))
        program.expect_printed(f"echo {number}\n")


def test_what_was_sent_is_never_left_unread_in_silence(start: Starter) -> None:
    server = start.server("""
        import socket
        conn = socket.create_server((HOST, PORT)).accept()[0]
        while data := conn.recv(100):
            conn.sendall(data)
    """)
    with server.dial() as line:
        for number in range(10 * TRIALS):
            line.send(b"%d;" % number)
            line.expect(b"%d;" % number)


def test_a_relay_of_processes_is_never_taken_for_silent(start: Starter) -> None:
    program = start.ready("""
        import os
        ends = [os.pipe() for _ in range(8)]
        for (read, _), (_, write) in zip(ends, ends[1:]):
            if os.fork() == 0:
                while True:
                    os.write(write, os.read(read, 100))
        print("ready")
        while True:
            os.write(ends[0][1], input().encode())
            print("round", os.read(ends[-1][0], 100))
    """)
    for number in range(TRIALS):
        program.type(str(number))
        program.expect_printed(f"round b'{number}'")


# The parts of a proof


@pytest.mark.parametrize(
    ("state", "timer", "sending", "moving"),
    [
        (State.ESTABLISHED, Timer.OFF, 0, False),
        (State.ESTABLISHED, Timer.KEEPALIVE, 0, False),
        (State.ESTABLISHED, Timer.RETRANSMIT, 0, True),
        (State.ESTABLISHED, Timer.RETRANSMIT, 5, True),
        (State.ESTABLISHED, Timer.OFF, 5, True),
        (State.ESTABLISHED, Timer.ZERO_WINDOW_PROBE, 5, False),
        (State.SYN_SENT, Timer.OFF, 0, True),
        (State.SYN_RECV, Timer.OFF, 0, True),
        (State.NEW_SYN_RECV, Timer.OFF, 0, True),
        (State.TIME_WAIT, Timer.TIME_WAIT, 0, False),
        (State.FIN_WAIT1, Timer.RETRANSMIT, 1, True),
        (State.FIN_WAIT2, Timer.OFF, 0, False),
        (State.LISTEN, Timer.OFF, 5, False),
    ],
)
def test_knows_which_connections_are_moving(state: State, timer: Timer, sending: int, moving: bool) -> None:
    assert silence.is_moving(Socket("tcp", state, ("::1", 1), ("::1", 2), 0, sending, 1, timer)) is moving


@pytest.mark.parametrize(
    ("timeout", "of_zero", "of_minus_one"),
    [
        (Timeout.NONE, False, False),
        (Timeout.MILLISECONDS, True, False),
        (Timeout.POINTER, False, True),  # NULL is for ever
        (Timeout.SOCKET, True, True),  # of a process that is gone: it cannot be told
        (Timeout.ALWAYS, True, True),
    ],
)
def test_a_call_is_timed_as_its_arguments_say(timeout: Timeout, of_zero: bool, of_minus_one: bool) -> None:
    kind = Kind("call", timeout, 2)
    gone = 1 << 22
    assert silence.is_timed(gone, processes.SystemCall(kind, (1, 1, 0, 1, 1, 1))) is of_zero
    assert silence.is_timed(gone, processes.SystemCall(kind, (1, 1, 0xFFFFFFFF, 1, 1, 1))) is of_minus_one


def test_tells_for_how_long_a_program_sleeps(start: Starter) -> None:
    program = start.ready(BEGINNING + "time.sleep(3600)")
    [thread] = settled(program, "clock_nanosleep", "nanosleep", "pselect6")
    call = thread.call()
    assert call
    assert 3000 < (silence.asked_seconds(thread.pid, call) or 0) <= 3600


def test_tells_for_how_long_a_poll_waits(start: Starter) -> None:
    program = start.ready(BEGINNING + "p = select.poll(); p.register(a, 1); p.poll(1500000)")
    [thread] = settled(program, "poll", "ppoll")
    call = thread.call()
    assert call
    assert 1400 < (silence.asked_seconds(thread.pid, call) or 0) <= 1500
