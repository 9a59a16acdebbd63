"""On the host's network one process has its turn at a time, and another gets it when the first lets go or dies."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from callbox import assignment
from callbox.booth import Lobby
from callbox.home import REFERENCE
from callbox.server import Server
from callbox.submission import find
from callbox.turn import Turn
from callbox.verdict import Inconclusive
from callbox.workshop import Workshop

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys
from pathlib import Path
from callbox.turn import Turn
Turn(Path(sys.argv[1])).take(1)
print(1, flush=True)
input()
"""


def is_free(lock: Path) -> bool:
    """Could another process have its turn now?"""
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock that nobody else knows."""
    return tmp_path / "lock"


def test_a_turn_lasts_until_the_last_holder_gives_it(lock: Path) -> None:
    turn = Turn(lock)
    turn.take("one")
    turn.take("two")
    turn.give("one")
    turn.give("one")
    assert not is_free(lock)
    turn.give("two")
    assert is_free(lock)


def test_a_process_that_dies_has_no_turn(lock: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"1\n"
        assert not is_free(lock)
        process.kill()
    assert is_free(lock)


def test_whoever_comes_later_can_use_the_lock(lock: Path) -> None:
    umask = os.umask(0o077)
    try:
        Turn(lock).take("somebody")
    finally:
        os.umask(umask)
    assert lock.stat().st_mode & 0o777 == 0o644


def test_a_lock_that_leads_elsewhere_is_not_followed(lock: Path) -> None:
    lock.symlink_to(lock.parent / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        Turn(lock).take("somebody")


def test_programs_outside_a_box_run_in_turn(lock: Path) -> None:
    lobby = Lobby(isolated=False)
    lobby.turn = Turn(lock)
    with lobby.open():
        assert not is_free(lock)
    assert is_free(lock)
    lobby.close()


def test_boxes_wait_for_nobody(lobby: Lobby) -> None:
    with lobby.open():
        assert not lobby.turn._holders


def test_a_stranger_at_the_assigned_address_is_no_fault_of_the_program(host_lobby: Lobby) -> None:
    (source,) = find(REFERENCE / "tcp-once" / "server.py", role="tcp-once-server").programs
    terms = assignment.load().terms("tcp-once-server")
    launch = Workshop(host_lobby).launch(source)
    with Server(host_lobby, launch, terms, patience=10) as server, socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(terms.address)
        stranger.listen()
        with pytest.raises(Inconclusive, match=r"another program of this machine has 127\.0\.0\.1:6666"):
            server.start()
