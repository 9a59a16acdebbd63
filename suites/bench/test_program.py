"""A program is started with a terminal, typed to, stopped, waited for and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from callbox.kernel import processes
from callbox.limits import Limits
from callbox.program import Program, signal_all
from callbox.terminal import LINE_LIMIT
from callbox.verdict import Inconclusive, Mismatch
from suites.bench.starting import PATIENCE, Starter, comes_to, python

if TYPE_CHECKING:
    from callbox.booth import Lobby

pytestmark = pytest.mark.timeout(120)

ECHO = "import sys\nprint('ready')\nfor line in sys.stdin: print('got', repr(line))\nprint('end of input')"


# Its terminal


@pytest.mark.parametrize("piped", [False, True], ids=["terminal", "pipe"])
@pytest.mark.parametrize("line", ["hello", "", "  spaces  ", "信息 😀", "tab\there"])
def test_a_typed_line_arrives(start_anywhere: Starter, line: str, piped: bool) -> None:
    program = start_anywhere.ready(ECHO, piped=piped)
    program.type(line)
    program.expect_printed(f"got {line + chr(10)!r}")


@pytest.mark.parametrize("piped", [False, True], ids=["terminal", "pipe"])
def test_the_end_of_input_arrives(start_anywhere: Starter, piped: bool) -> None:
    program = start_anywhere.ready(ECHO, piped=piped)
    program.type("last")
    program.end_input()
    program.expect_printed("end of input")
    program.expect_exit(0)
    assert "got 'last\\n'" in program.output


def test_lines_typed_ahead_arrive_one_by_one(start: Starter) -> None:
    program = start(ECHO)
    for word in ("one", "two", "three"):
        program.type(word)
    program.end_input()
    program.expect_exit(0)
    assert program.output.split("\n")[1:4] == [r"got 'one\n'", r"got 'two\n'", r"got 'three\n'"]


def test_what_is_typed_is_not_echoed_and_what_is_printed_not_changed(start: Starter) -> None:
    program = start.ready("print('ready'); input(); print('a\\nb\\rc\\td')")
    program.type("secret")
    program.expect_exit(0)
    assert program.output == "ready\na\nb\rc\td\n"


def test_the_longest_line_of_a_terminal_arrives(start: Starter) -> None:
    program = start.ready("print('ready'); print(len(input()))")
    program.type("x" * (LINE_LIMIT - 1))
    program.expect_printed(str(LINE_LIMIT - 1))


def test_a_line_longer_than_a_terminal_takes_arrives_through_a_pipe(start: Starter) -> None:
    program = start.ready("print('ready'); print(len(input()))", piped=True)
    program.type("x" * 50000)
    program.expect_printed("50000")


def test_more_than_anybody_reads_cannot_be_typed(start: Starter) -> None:
    program = start.ready("import signal; print('ready'); signal.pause()", piped=True)
    with pytest.raises(Inconclusive, match=r"took \d+ of \d+ bytes"):
        program.type("x" * (8 << 20))


@pytest.mark.parametrize("piped", [False, True], ids=["terminal", "pipe"])
def test_typing_to_a_program_that_has_ended_is_no_error(start_anywhere: Starter, piped: bool) -> None:
    program = start_anywhere("", piped=piped)
    program.expect_exit(0)
    program.type("is anybody there?")
    program.end_input()


def test_ctrl_c_reaches_all_of_a_program(start_anywhere: Starter) -> None:
    program = start_anywhere.ready("""
        import os, signal
        os.fork()
        try:
            print("ready")
            signal.pause()
        except KeyboardInterrupt:
            print("interrupted")
    """)
    program.wait_for(lambda: program.output.count("ready") == 2 or None)
    program.interrupt()
    assert program.wait_for(lambda: program.output.count("interrupted") == 2 or None)


@pytest.mark.parametrize("piped", [False, True], ids=["terminal", "pipe"])
def test_it_may_open_its_input_and_output_by_name(start_anywhere: Starter, piped: bool) -> None:
    source = "with open('/dev/stdin') as typed, open('/dev/stderr', 'w') as screen: screen.write(next(typed))"
    program = start_anywhere(source, piped=piped)
    program.type("hello")
    program.expect_printed("hello")


def test_a_terminal_has_a_size_and_is_in_control(start_anywhere: Starter) -> None:
    program = start_anywhere("import os; print(os.get_terminal_size(), os.ctermid(), os.tcgetpgrp(0) == os.getpgrp())")
    program.expect_exit(0)
    assert program.output.strip() == "os.terminal_size(columns=80, lines=24) /dev/tty True"


# Waiting


def test_waiting_gives_what_is_found(start: Starter) -> None:
    program = start.ready("print('ready'); input()")
    assert program.wait_for(lambda: 0) == 0
    assert program.wait_for(lambda: "found") == "found"


def test_waiting_without_hope_ends_with_a_proof(start: Starter) -> None:
    program = start.ready("print('ready'); input()")
    assert program.wait_for(lambda: None) is None
    assert program.proven


def test_waiting_without_proof_ends_with_patience(start: Starter) -> None:
    program = start.ready("import time; print('ready'); time.sleep(3600)")
    assert program.wait_for(lambda: None, patience=0.05) is None
    assert not program.proven


def test_looks_once_more_after_what_only_we_could_have_done(start: Starter) -> None:
    program = start.ready("print('ready'); input()")
    looks = iter(range(10**9))
    assert program.wait_for(lambda: next(looks) or None) == 1


def test_an_end_is_known_with_its_status(start_anywhere: Starter) -> None:
    program = start_anywhere("raise SystemExit(3)")
    program.expect_exit(3)
    assert program.ended()
    assert program.processes() == []


def test_a_program_that_goes_on_has_not_exited(start_anywhere: Starter) -> None:
    program = start_anywhere.ready("print('ready'); input()")
    with pytest.raises(Mismatch) as caught:
        program.expect_exit()
    assert (caught.value.story.wanted, caught.value.story.got) == ("it ends", "it goes on")
    assert caught.value.story.cause == "it waits for a line to be typed"


def test_another_status_is_told(start: Starter) -> None:
    program = start("raise SystemExit(3)")
    with pytest.raises(Mismatch) as caught:
        program.expect_exit(0, 1)
    assert caught.value.story.wanted == "it ends with exit status 0 or 1"
    assert caught.value.story.got == "exit status 3"


def test_what_is_not_printed_is_told_with_what_was(start: Starter) -> None:
    program = start("print('something else')")
    with pytest.raises(Mismatch) as caught:
        program.expect_printed("hello")
    assert caught.value.story.wanted == 'it prints "hello"'
    assert caught.value.story.got == "something else\n"


def test_silence_and_no_output_are_told(start: Starter) -> None:
    program = start("")
    with pytest.raises(Mismatch) as caught:
        program.expect_printed("hello")
    assert caught.value.story.got == "nothing is printed"


@pytest.mark.parametrize(
    ("source", "rests"),
    [
        ("input()", True),
        ("import time\nwhile True: time.sleep(0.1)", True),
        ("while True: pass", False),
    ],
    ids=["blocked", "by the clock", "busy"],
)
def test_knows_who_rests(start: Starter, source: str, rests: bool) -> None:
    program = start.ready(f"print('ready')\n{source}")
    if rests:
        program.expect_rest()
        return
    with pytest.raises(Mismatch, match="running in circles"):
        program.expect_rest()


# Stopping


def test_a_stopped_program_finds_all_at_once_what_was_sent_meanwhile(start: Starter) -> None:
    server = start.server("""
        import socket
        conn = socket.create_server((HOST, PORT)).accept()[0]
        while data := conn.recv(100):
            print("got", data)
    """)
    with server.dial() as line:
        line.expect_silence()
        with server.stopped() as stopped:
            for word in (b"one", b"two", b"three"):
                line.send(word)
        assert stopped
        server.expect_printed("got b'onetwothree'")


@pytest.mark.parametrize(
    "act",
    [
        "e = select.epoll(); e.register(0, 1); e.poll()",
        "a.settimeout(60); tcp = a; select.epoll().poll(60)",
        "a.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 3600, 0)); a.recv(1)",
        "while True: pass",
    ],
    ids=["epoll", "epoll with a timeout", "SO_RCVTIMEO", "running"],
)
def test_a_program_that_would_notice_is_not_stopped(start: Starter, act: str) -> None:
    program = start.ready(f"import select, socket, struct\na, b = socket.socketpair()\nprint('ready')\n{act}")
    program.wait_for(lambda: None, patience=0.1)
    with program.stopped() as stopped:
        assert not stopped
        assert all(thread.state != "T" for thread in processes.threads(program.processes()))


def test_a_stopped_program_goes_on_though_the_block_failed(start: Starter) -> None:
    program = start.ready("print('ready'); input(); print('went on')")
    program.wait_for(lambda: None)
    with pytest.raises(ZeroDivisionError), program.stopped():
        raise ZeroDivisionError
    program.type("")
    program.expect_printed("went on")


def test_a_program_that_somebody_else_continues_is_nobodys_fault(start_anywhere: Starter) -> None:
    program = start_anywhere.ready("print('ready'); input()")
    program.wait_for(lambda: None)

    def meddle() -> None:
        with program.stopped() as stopped:
            assert stopped
            assert processes.stopped(program.processes())
            os.kill(program.processes()[0], signal.SIGCONT)
            assert comes_to(lambda: bool(processes.stopped(program.processes())), wanted=False)

    with pytest.raises(Inconclusive, match="somebody else"):
        meddle()


def test_who_has_gone_is_signalled_no_more() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
        signal_all([gone.pid], signal.SIGSTOP)


def test_a_program_is_killed(start_anywhere: Starter) -> None:
    program = start_anywhere.ready("import signal; signal.signal(2, signal.SIG_IGN); print('ready'); input()")
    program.kill()
    assert program.status == 128 + signal.SIGKILL


def test_a_program_is_started_again_in_its_box(start_anywhere: Starter) -> None:
    program = start_anywhere("import os; print(sorted(os.listdir())); open('left', 'w').close()")
    program.expect_exit(0)
    program.start_again()
    program.expect_exit(0)
    assert program.output.splitlines() == ["['program.py']", "['left', 'program.py']"]


# How it is started


def test_it_finds_its_files_and_its_environment(any_lobby: Lobby) -> None:
    launch = python("import os, mine; print(mine.word, os.environ['PYTHONUNBUFFERED'])", {"mine.py": b"word = 'yes'"})
    with Program(any_lobby, launch, patience=PATIENCE) as program:
        program.start()
        program.expect_printed("yes 1")


def test_it_is_given_its_arguments(any_lobby: Lobby) -> None:
    with Program(any_lobby, python("import sys; print(sys.argv[1:])"), patience=PATIENCE) as program:
        program.start("--port", "8080", "a b")
        program.expect_printed("['--port', '8080', 'a b']")


def test_its_limits_are_those_that_it_was_given(start: Starter) -> None:
    program = start(
        "import resource as r; print(r.getrlimit(r.RLIMIT_NOFILE), r.getrlimit(r.RLIMIT_CORE))", limits=Limits(files=99)
    )
    program.expect_printed("(99, 99) (0, 0)")


def test_the_processes_of_a_program_are_known_from_its_first_moment(start: Starter) -> None:
    program = start("import os\nif os.fork() == 0: input()\nos.fork() and os.wait()\ninput()")
    counts = set()
    program.wait_for(lambda: counts.add(len(program.processes())))
    assert max(counts) == 3
    assert all(processes.own_pid(pid) != 1 for pid in program.processes()), "bubblewrap is none of them"


def test_a_daemon_that_outlives_its_parent_is_still_one_of_its_processes(start_anywhere: Starter) -> None:
    program = start_anywhere("import os, signal\nif os.fork() == 0:\n    os.setsid()\n    signal.pause()")
    program.expect_exit(0)
    assert len(program.processes()) == 1
