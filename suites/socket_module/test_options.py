"""What is set with `setsockopt`, and what `close` lets go of."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from suites.socket_module.ends import Ends

SIZE = 20_000


def test_returns_the_option_that_was_set(ends: Ends) -> None:
    end = ends.tcp()
    before = end.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    assert (before, end.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)) == (0, 1)


def test_returns_a_buffer_of_twice_the_size(ends: Ends) -> None:
    end = ends.tcp()
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        end.setsockopt(socket.SOL_SOCKET, option, SIZE)
        assert end.getsockopt(socket.SOL_SOCKET, option) == 2 * SIZE


def test_hangs_up_when_the_last_copy_closes(ends: Ends) -> None:
    near, far = ends.pair()
    copy = near.dup()
    near.close()
    copy.send(b"hello")
    assert far.recv(1024) == b"hello"
    copy.close()
    assert far.recv(1024) == b""


def test_is_of_no_use_once_closed(ends: Ends) -> None:
    near, _ = ends.pair()
    near.close()
    assert near.fileno() == -1
    with pytest.raises(OSError, match="Bad file descriptor") as caught:
        near.send(b"hello")
    assert caught.value.errno == errno.EBADF
