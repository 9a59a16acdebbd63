"""A program that no name says anything of is taken for what it does; where that says nothing, the bench asks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from callbox.assignment import ROLES
from callbox.detection import find_role, with_roles
from callbox.submission import SubmissionError, find

if TYPE_CHECKING:
    from callbox.assignment import Assignment
    from callbox.booth import Lobby
    from callbox.submission import ProgramSource

pytestmark = pytest.mark.timeout(120)

REFERENCE = Path(__file__).parents[2] / "reference"
NAMELESS = {
    "tcp-once/server.py": "tcp-once-server",
    "tcp-loop/server.py": "tcp-loop-server",
    "tcp-forever/server.py": "tcp-forever-server",
    "tcp-concurrent/threads_server.py": "tcp-forever-server",  # to be told from one by its name alone
    "udp/server.py": "udp-server",
    "tcp-once/client.py": "tcp-once-client",
    "tcp-loop/client.py": "tcp-loop-client",
    "udp/client.py": "udp-client",
}


def nameless(folder: Path, source: str) -> ProgramSource:
    """A program whose name says nothing."""
    top = folder / "hw"
    top.mkdir()
    (top / "main.py").write_text(source)
    [program] = find(top).programs
    assert program.role is None
    return program


@pytest.mark.parametrize(("path", "role"), NAMELESS.items(), ids=NAMELESS.keys())
def test_a_reference_program_is_taken_for_what_it_is(
    lobby: Lobby, material: Assignment, tmp_path: Path, path: str, role: str
) -> None:
    program = nameless(tmp_path, (REFERENCE / path).read_text())
    assert find_role(lobby, material, program) == role


SERVER = "import socket\ns = socket.socket(socket.{family}, socket.{kind})\ns.bind({address})\n{act}\n"


@pytest.mark.parametrize(
    ("source", "role"),
    [
        (
            SERVER.format(family="AF_INET", kind="SOCK_STREAM", address="('', 9999)", act="s.listen(); s.accept()"),
            "tcp-forever-server",
        ),
        (
            SERVER.format(family="AF_INET6", kind="SOCK_STREAM", address="('::1', 9999)", act="s.listen(); s.accept()"),
            "tcp-forever-server",
        ),
        (SERVER.format(family="AF_INET", kind="SOCK_DGRAM", address="('', 9999)", act="s.recv(9)"), "udp-server"),
        (
            SERVER.format(family="AF_UNIX", kind="SOCK_STREAM", address="'server.sock'", act="s.listen(); s.accept()"),
            "unix-server",
        ),
        ("import socket\nsocket.create_connection(('127.0.0.1', 9999))", "tcp-once-client"),
        ("import socket\nsocket.socket(type=2).sendto(input().encode(), ('127.0.0.1', 9999))", "udp-client"),
        (
            "import socket\nwhile True:\n  word = input()\n  socket.create_connection(('127.0.0.1', 9999))",
            "tcp-once-client",
        ),
    ],
    ids=["tcp elsewhere", "ipv6", "udp", "unix", "dials at once", "sends what is typed", "dials when typed to"],
)
def test_a_program_is_taken_for_what_it_does(
    lobby: Lobby, material: Assignment, tmp_path: Path, source: str, role: str
) -> None:
    program = nameless(tmp_path, source)
    assert find_role(lobby, material, program) == role


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("print('hello, world')", "; it ended having said: hello, world"),
        ("pass", ""),
        ("1 / 0", "; it ended having said: ZeroDivisionError: division by zero"),
        ("input(); input()", ""),
        ("import signal\nsignal.pause()", ""),
    ],
    ids=["prints", "empty", "crashes", "only reads", "does nothing"],
)
def test_what_cannot_be_told_is_asked_for_in_one_line(
    lobby: Lobby, material: Assignment, tmp_path: Path, source: str, said: str
) -> None:
    program = nameless(tmp_path, source)
    with pytest.raises(SubmissionError) as caught:
        find_role(lobby, material, program)
    assert str(caught.value) == (
        f"main.py: cannot tell what it is{said}; say --role ROLE, one of {', '.join(program.may_be or ROLES)}"
    )


def test_a_program_that_does_not_compile_is_told_in_one_line(
    lobby: Lobby, material: Assignment, tmp_path: Path
) -> None:
    (tmp_path / "main.c").write_text("int main(void) { return missing; }\n")
    [program] = find(tmp_path).programs
    with pytest.raises(SubmissionError, match=r"main\.c: .*does not compile") as caught:
        find_role(lobby, material, program)
    assert "\n" not in str(caught.value)


def test_only_what_its_names_allow_is_considered(lobby: Lobby, material: Assignment, tmp_path: Path) -> None:
    program = replace(
        nameless(tmp_path, SERVER.format(family="AF_INET", kind="SOCK_DGRAM", address="('', 9999)", act="s.recv(9)")),
        may_be=("tcp-once-server", "tcp-loop-server"),
    )
    with pytest.raises(SubmissionError, match="one of tcp-once-server, tcp-loop-server"):
        find_role(lobby, material, program)


def test_a_guess_is_said_aloud(lobby: Lobby, material: Assignment, tmp_path: Path) -> None:
    program = nameless(tmp_path, (REFERENCE / "udp" / "server.py").read_text())
    [found], notes = with_roles(lobby, material, [program])
    assert found.role == "udp-server"
    assert notes == ["main.py: taken for udp-server, by what it does; if that is wrong, say --role ROLE"]


def test_what_has_a_role_is_not_looked_at(lobby: Lobby, material: Assignment, tmp_path: Path) -> None:
    program = replace(nameless(tmp_path, "1 / 0"), role="udp-server")
    assert with_roles(lobby, material, [program]) == ([program], [])
