"""The attendant does what it is asked, tells the errno of what the kernel refused, and is led nowhere by a student's files."""

from __future__ import annotations

import errno
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from callbox.intake import MOST_ENTRIES
from callbox.kernel import processes
from callbox.launch import Launch
from callbox.program import Program
from callbox.verdict import BoothError
from suites.bench.starting import PATIENCE, Starter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from callbox.booth import Booth, Lobby

pytestmark = pytest.mark.timeout(120)

PLAIN = 0o644


def left_by(start: Starter, source: str) -> Booth:
    """The box of a program that has come to print `ready`."""
    return start.ready(f"import os, socket\n{source}\nprint('ready')\ninput()").booth


def errno_of(act: Callable[[], object]) -> int | None:
    """How the kernel refused it; None when it did not."""
    try:
        act()
    except OSError as error:
        return error.errno
    return None


# Files in and out


def test_files_go_in_and_come_out_as_they_were(booth: Booth) -> None:
    files = {"a.py": (b"print()\n", PLAIN), "deep/er/b": (bytes(range(256)), 0o755), "empty": (b"", 0o600)}
    booth.write(files)
    assert booth.read() == files


@pytest.mark.parametrize("name", ["with space", "服务端.py", "new\nline", "caf\udce9", "-rf", "quote\"'"])
def test_a_file_may_have_any_name(booth: Booth, name: str) -> None:
    booth.write({name: (b"x", PLAIN)})
    assert booth.read() == {name: (b"x", PLAIN)}


def test_as_many_files_as_a_submission_may_have_fit(booth: Booth) -> None:
    files = {f"{'long_name_' * 20}{number}": (b"%d" % number, PLAIN) for number in range(MOST_ENTRIES)}
    booth.write(files)
    assert booth.read() == files


def test_only_regular_files_are_taken_out(start: Starter) -> None:
    booth = left_by(
        start,
        "os.remove('program.py'); open('kept', 'w').write('yes'); os.mkfifo('pipe'); os.symlink('/etc/passwd', 'link')\n"
        "os.symlink('/usr', 'folder'); os.mkdir('real'); os.link('kept', 'real/too'); socket.socket(socket.AF_UNIX).bind('sock')",
    )
    assert {path: data for path, (data, _) in booth.read().items()} == {"kept": b"yes", "real/too": b"yes"}


def test_no_more_is_taken_out_than_asked_for(booth: Booth) -> None:
    booth.write({"a": (bytes(600), PLAIN), "b": (bytes(600), PLAIN)})
    assert len(booth.read(1200)) == 2
    with pytest.raises(OSError, match="holds more than can be taken out"):
        booth.read(1199)
    assert len(booth.read()) == 2, "and the attendant goes on"


def test_a_file_that_is_all_hole_counts_as_long_as_it_is(start: Starter) -> None:
    booth = left_by(start, "os.truncate(os.open('big', os.O_CREAT | os.O_RDWR), 60 << 20)")
    with pytest.raises(OSError, match="holds more than can be taken out"):
        booth.read(1 << 20)


def test_a_locked_file_does_not_stop_the_attendant(start: Starter) -> None:
    booth = left_by(start, "open('secret', 'w').write('x'); os.chmod('secret', 0); os.mkdir('d'); os.chmod('d', 0)")
    assert booth.read()["secret"] == (b"x", 0)


# Unix sockets


def test_a_socket_of_the_work_folder_is_reached(start: Starter) -> None:
    booth = left_by(start, "s = socket.socket(socket.AF_UNIX); s.bind('server.sock'); s.listen()")
    with booth.unix_socket("server.sock") as end:
        assert str(end.getpeername()).endswith("server.sock")


def test_our_own_socket_stands_in_the_work_folder(booth: Booth) -> None:
    with booth.unix_socket("server.sock", listen=1) as door, booth.unix_socket("server.sock") as end:
        door.accept()[0].close()
        assert end.recv(1) == b""


@pytest.fixture
def host_socket() -> Iterator[Path]:
    """A socket of this machine where an attendant could see it: not in /tmp, which in a box is another."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, socket.socket(socket.AF_UNIX) as ours:
        path = Path(folder, "host.sock")
        ours.bind(str(path))
        ours.listen()
        path.parent.chmod(0o777)
        path.chmod(0o777)
        yield path


@pytest.mark.parametrize(
    ("given", "path", "number"),
    [
        ("os.symlink('{host}', 'server.sock')", "server.sock", errno.ECONNREFUSED),
        ("os.symlink('{host.parent}', 'run')", "run/host.sock", errno.ENOTDIR),
        ("os.mkdir('a'); os.symlink('{host.parent.parent}', 'a/b')", "a/b/{host.parent.name}/host.sock", errno.ENOTDIR),
    ],
    ids=["the socket", "its folder", "further up"],
)
def test_a_link_leads_to_no_socket_of_this_machine(
    start: Starter, host_socket: Path, given: str, path: str, number: int
) -> None:
    booth = left_by(start, given.format(host=host_socket))
    assert errno_of(lambda: booth.unix_socket(path.format(host=host_socket))) == number


def test_a_socket_deeper_in_the_work_folder_is_reached(start: Starter) -> None:
    booth = left_by(start, "os.makedirs('a/b'); s = socket.socket(socket.AF_UNIX); s.bind('a/b/sock'); s.listen()")
    booth.unix_socket("a/b/sock").close()


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("", errno.ENOENT),
        ("open('server.sock', 'w')", errno.ECONNREFUSED),
        ("s = socket.socket(socket.AF_UNIX); s.bind('server.sock')", errno.ECONNREFUSED),
        ("s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind('server.sock')", errno.EPROTOTYPE),
        ("os.mkfifo('server.sock')", errno.ECONNREFUSED),
    ],
    ids=["nothing", "a file", "nobody listens", "datagrams", "a pipe"],
)
def test_a_refused_call_tells_its_errno(start: Starter, given: str, number: int) -> None:
    booth = left_by(start, given)
    assert errno_of(lambda: booth.unix_socket("server.sock")) == number


# Requests


def test_a_refused_request_tells_its_errno_and_the_attendant_goes_on(booth: Booth) -> None:
    assert errno_of(lambda: booth.make_socket(12345, socket.SOCK_STREAM)) == errno.EAFNOSUPPORT
    booth.make_socket(socket.AF_INET, socket.SOCK_STREAM).close()


def test_an_unknown_request_is_the_fault_of_the_bench(booth: Booth) -> None:
    with pytest.raises(BoothError, match="AttributeError"):
        booth.ask("dance")


def test_an_exit_status_is_told_once_the_program_has_ended(start_anywhere: Starter) -> None:
    program = start_anywhere("raise SystemExit(7)")
    program.expect_exit()
    assert program.status == 7


def test_the_signal_that_ended_a_program_is_told(start_anywhere: Starter) -> None:
    program = start_anywhere("import os; os.kill(os.getpid(), 9)")
    program.expect_exit(128 + 9)


def test_a_command_that_is_not_there_is_told_on_its_output(any_lobby: Lobby) -> None:
    with Program(any_lobby, Launch("none", ("/nowhere/none",)), patience=PATIENCE) as program:
        program.start()
        program.expect_printed("/nowhere/none")
        program.expect_exit()
        assert program.status != 0


def test_the_attendant_keeps_no_file_open(booth: Booth) -> None:
    booth.write({"a": (b"", PLAIN)})  # after which it has closed what it sent with its first message
    before = processes.open_files(booth.pid)
    booth.write({"a": (b"x", PLAIN)})
    booth.read()
    booth.make_socket(socket.AF_INET, socket.SOCK_STREAM).close()
    assert errno_of(lambda: booth.unix_socket("nowhere")) == errno.ENOENT
    assert processes.open_files(booth.pid) == before
