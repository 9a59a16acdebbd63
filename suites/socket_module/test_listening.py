"""What `bind`, `listen`, `accept` and `close` do to a server's socket, and in which order."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

import pytest

from callbox.kernel.sockets import State
from suites.socket_module.ends import DOOR, until

if TYPE_CHECKING:
    from suites.socket_module.ends import Ends

pytestmark = pytest.mark.timeout(60)


def test_refuses_calls_before_listen(ends: Ends) -> None:
    door = ends.tcp()
    door.bind(DOOR)
    assert ends.tcp().connect_ex(DOOR) == errno.ECONNREFUSED
    door.listen()
    assert ends.tcp().connect_ex(DOOR) == 0


def test_picks_a_port_for_listen_without_bind(ends: Ends) -> None:
    door = ends.tcp()
    door.listen()
    host, port = door.getsockname()
    assert (host, ends.queue().port) == ("0.0.0.0", port)
    assert port != 0


def test_refuses_bind_after_listen(ends: Ends) -> None:
    door = ends.tcp()
    door.listen()
    with pytest.raises(OSError, match="Invalid argument") as caught:
        door.bind(DOOR)
    assert caught.value.errno == errno.EINVAL


def test_listens_on_stream_sockets_only(ends: Ends) -> None:
    with pytest.raises(OSError, match="not supported") as caught:
        ends.port().listen()
    assert caught.value.errno == errno.EOPNOTSUPP


def test_asks_for_a_queue_of_its_own_when_told_no_number(ends: Ends) -> None:
    door = ends.tcp()
    door.listen()
    assert ends.queue().sending == min(socket.SOMAXCONN, 128)  # Python's choice, not the kernel's


def test_admits_one_call_more_than_asked_for(ends: Ends) -> None:
    ends.door(backlog=3)
    for _ in range(4):
        ends.knock()
    until(lambda: ends.queue().receiving == 4 or ends.turned_away() > 0)
    assert ends.turned_away() == 0
    ends.knock()
    until(lambda: ends.queue().receiving == 5 or ends.turned_away() > 0)
    assert ends.queue().receiving == 4


def test_queues_calls_that_are_complete(ends: Ends) -> None:
    ends.door(backlog=3)
    caller = ends.caller()
    until(lambda: ends.queue().receiving == 1)
    caller.send(b"hello")
    states = [row.state for row in ends.network.sockets.tcp() if row.state is not State.LISTEN]
    assert states == [State.ESTABLISHED, State.ESTABLISHED]  # both ends, and nobody has called accept()


def test_accepts_a_conversation_and_who_is_calling(ends: Ends) -> None:
    door = ends.door()
    caller = ends.caller()
    conn, address = door.accept()
    with conn:
        assert address == conn.getpeername() == caller.getsockname()


def test_waits_in_accept_unless_told_not_to(ends: Ends) -> None:
    door = ends.door()
    assert door.getblocking()
    door.setblocking(False)
    with pytest.raises(BlockingIOError):
        door.accept()


def test_talks_on_what_accept_returned_only(ends: Ends) -> None:
    door = ends.door()
    ends.caller().send(b"hello")
    conn = ends.answer(door)
    with pytest.raises(OSError, match="not connected") as caught:
        door.recv(1024)
    assert caught.value.errno == errno.ENOTCONN
    assert conn.recv(1024) == b"hello"


def test_keeps_conversations_when_the_listener_closes(ends: Ends) -> None:
    door = ends.door()
    caller = ends.caller()
    conn = ends.answer(door)
    door.close()
    assert ends.tcp().connect_ex(DOOR) == errno.ECONNREFUSED
    caller.send(b"hello")
    assert conn.recv(1024) == b"hello"


def test_keeps_listening_when_a_conversation_closes(ends: Ends) -> None:
    door = ends.door()
    first = ends.caller()
    ends.answer(door).close()
    assert first.recv(1024) == b""
    ends.caller().send(b"hello")
    assert ends.answer(door).recv(1024) == b"hello"
