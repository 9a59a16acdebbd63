"""Why a program failed is told in one sentence, from what the kernel knows of it and from how it ended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from callbox import causes, tracebacks
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from suites.bench.starting import Starter

pytestmark = pytest.mark.timeout(120)

BEGINNING = (
    "import os, select, signal, socket, struct, sys, threading, time\na, b = socket.socketpair()\nprint('ready')\n"
)


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        ("socket.create_server(('127.0.0.1', 0)).accept()", "it waits in accept for another client"),
        ("a.recv(1024)", "it waits in recvfrom for more bytes (1024 at most)"),
        ("a.recvmsg(77)", "it waits in recvmsg for more bytes (77 at most)"),
        (
            "s = socket.socket(type=2); s.bind(('', 0)); s.recvfrom(9)",
            "it waits in recvfrom for a datagram (9 at most)",
        ),
        ("input()", "it waits for a line to be typed"),
        ("os.read(os.pipe()[0], 1)", "it waits for a line to be typed"),
        ("os.fork() == 0 and time.sleep(3600) or os.wait()", "it sleeps"),
        ("while True: pass", "it is running in circles"),
        ("a.sendall(bytes(1 << 26))", "it is blocked in send: nobody reads what it has sent"),
        ("signal.pause()", "it waits for a signal"),
        ("threading.Event().wait()", "it waits for one of its own threads"),
        ("threading.Thread(target=a.recv, args=[5]).start()", "it waits in recvfrom for more bytes (5 at most)"),
        ("p = select.poll(); p.register(a, 1); p.poll()", "it waits in poll for something to happen"),
    ],
)
def test_what_it_is_doing_has_its_sentence(start_anywhere: Starter, act: str, sentence: str) -> None:
    program = start_anywhere.ready(BEGINNING + act)
    found = re.sub(r" \(for .+ s\)", "", causes.of(program)).replace("ppoll", "poll")
    assert found == sentence


def test_the_time_that_it_sleeps_is_told(start: Starter) -> None:
    program = start.ready(BEGINNING + "time.sleep(500)")
    seconds = re.fullmatch(r"it sleeps \(for ([\d.]+) s\)", causes.of(program))
    assert seconds
    assert 400 < float(seconds[1]) <= 500


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        ("", "it ended with exit status 0"),
        ("sys.exit(7)", "it ended with exit status 7"),
        (
            "print('usage: give me a port'); sys.exit(2)",
            "it ended with exit status 2, having said: usage: give me a port",
        ),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "it was ended by SIGSEGV, having said: ready"),
        ("sys.exit(250)", "it ended with exit status 250, having said: ready"),
        ("print('bye'); sys.exit(0)", "it ended with exit status 0"),
        ("1 / 0", "it ended with exit status 1: ZeroDivisionError: division by zero, in line 4: `1 / 0`"),
        (
            "socket.create_connection(('127.0.0.1', 9))",
            "ConnectionRefusedError: [Errno 111] Connection refused, in line 4: `socket.create_connection(",
        ),
        (
            "def f():\n  raise KeyError('x')\nf()",
            "it ended with exit status 1: KeyError: 'x', in line 5: `raise KeyError('x')`",
        ),
        ("raise type('Odd', (Exception,), {})", "it ended with exit status 1: Odd, in line 4: `raise type("),
        ("raise OSError('x' * 9000)", "OSError: " + "x" * 100),
        ("print('\\x1b[31m')\nsys.exit(3)", "it ended with exit status 3"),
    ],
)
def test_how_it_ended_has_its_sentence(start: Starter, act: str, sentence: str) -> None:
    program = start(BEGINNING + act)
    assert sentence.removesuffix(", having said: ready") in causes.of(program)


def test_a_traceback_names_the_students_own_line(start_anywhere: Starter) -> None:
    program = start_anywhere("import json\nprint('ready')\n\n\njson.loads('{')\n")
    assert causes.of(program).endswith("in line 5: `json.loads('{')`"), "not the line of the library"


def test_what_it_never_read_is_told_with_what_it_does_instead(start: Starter) -> None:
    server = start.server("import socket\nd = socket.create_server((HOST, PORT))\nc = d.accept()\nd.accept()")
    with server.dial() as line:
        line.send(b"hello")
        line.expect_silence()
        assert causes.of(server) == "it never read client 1's 5 bytes: it waits in accept for another client"


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ("Traceback (most recent call last):\n  File", True),
        ("Exception in thread Thread-1:", True),
        ("fine\n\tat Server.main(Server.java:12)", True),
        ("thread 'main' panicked at src/main.rs", True),
        ("goroutine 1 [running]:", True),
        ("all is well", False),
        ("the word Traceback in a sentence", False),
    ],
)
def test_a_trace_is_known_in_every_language(printed: str, found: bool) -> None:
    assert bool(tracebacks.TRACEBACK.search(printed)) is found


# After what


LOOP = "import socket\ndoor = socket.create_server((HOST, PORT))\nwhile True:\n  conn, _ = door.accept()\n"


def test_an_end_is_told_with_what_came_before_it(start: Starter) -> None:
    server = start.server(LOOP + "  while data := conn.recv(1024):\n    conn.sendall(data)\n")
    with server.dial() as line:
        line.send(b"hello")
        line.expect(b"hello")
        line.reset()
    server.wait_for(lambda: server.ended() or None)
    with pytest.raises(Mismatch) as caught:
        server.dial()
    assert caught.value.story.cause == (
        "it ended with exit status 1 right after client 1 left with a reset (RST): "
        "ConnectionResetError: [Errno 104] Connection reset by peer, in line 6: `while data := conn.recv(1024):`"
    )


def test_an_end_that_leaves_somebody_unanswered_is_told_so(start: Starter) -> None:
    server = start.server(LOOP + "  conn.recv(1024)\n  raise SystemExit(3)\n")
    with server.dial() as line:
        line.send(b"hello")
        line.expect_end()
    assert causes.of(server) == "it ended with exit status 3 and did not answer client 1's 5 bytes"


def test_circles_are_told_since_when(start: Starter) -> None:
    server = start.server(LOOP + "  while True: conn.recv(1024)\n")
    with server.dial():
        pass
    assert causes.of(server) == "it is running in circles since client 1 hung up"


def test_what_waits_in_the_queue_was_never_read(start: Starter) -> None:
    server = start.server(LOOP + "  while conn.recv(7): pass\n")
    with server.dial() as first, server.dial() as second:
        server.accepts(first)
        second.send(b"hello")
        assert causes.of(server) == (
            "it never read client 2's 5 bytes: it waits in recvfrom for more bytes from client 1 (7 at most)"
        )


def test_an_answer_that_went_to_somebody_else_is_told(start: Starter) -> None:
    server = start.server(LOOP + "  other, _ = door.accept()\n  other.sendall(conn.recv(9).upper())\n  conn.recv(9)\n")
    with server.dial() as first, server.dial() as second:
        first.send(b"hello")
        server.wait_for(lambda: second.speaks or None, second.socket)
        assert causes.of(server) == (
            "it sent the answer to client 1's 5 bytes to client 2: it waits in recvfrom for more bytes from client 1 (9 at most)"
        )


def test_a_story_never_fails(start: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    def vanish(_: object) -> None:
        raise ProcessLookupError

    program = start.ready(BEGINNING + "input()")
    monkeypatch.setattr("callbox.doing.of", vanish)
    assert causes.of(program) == ""
