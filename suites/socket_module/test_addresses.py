"""What an address names, and who tells it."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

import pytest

from suites.socket_module.ends import DOOR, HOST

if TYPE_CHECKING:
    from suites.socket_module.ends import Ends


def test_lets_tcp_and_udp_share_a_number(ends: Ends) -> None:
    door, port = ends.door(), ends.port()
    assert door.getsockname() == port.getsockname() == DOOR


def test_refuses_a_second_listener_at_an_address(ends: Ends) -> None:
    ends.door()
    with pytest.raises(OSError, match="in use") as caught:
        ends.tcp().bind(DOOR)
    assert caught.value.errno == errno.EADDRINUSE


def test_tells_hosts_apart_that_share_a_number(ends: Ends) -> None:
    here, there = ends.door(), ends.door(address=("127.0.0.2", DOOR[1]))
    first, second = ends.caller(here.getsockname()), ends.caller(there.getsockname())
    assert ends.answer(there).getpeername() == second.getsockname()
    assert ends.answer(here).getpeername() == first.getsockname()


def test_lets_listeners_share_an_address_that_agree_to(ends: Ends) -> None:
    doors = [ends.tcp(), ends.tcp()]
    for door in doors:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        door.bind(DOOR)
        door.listen()
    assert [door.getsockname() for door in doors] == [DOOR, DOOR]


def test_names_a_conversation_by_both_its_ends(ends: Ends) -> None:
    door = ends.door()
    callers = [ends.caller(), ends.caller()]
    answers = [ends.answer(door), ends.answer(door)]
    assert {conn.getsockname() for conn in answers} == {DOOR}  # no new port for the conversation
    assert {conn.getpeername() for conn in answers} == {caller.getsockname() for caller in callers}


def test_binds_to_the_address_given(ends: Ends) -> None:
    end = ends.tcp()
    assert end.getsockname() == ("0.0.0.0", 0)
    end.bind(DOOR)
    assert end.getsockname() == DOOR


def test_picks_a_port_for_who_calls(ends: Ends) -> None:
    ends.door()
    host, port = ends.caller().getsockname()
    assert host == HOST
    assert port not in {0, DOOR[1]}


def test_mirrors_the_names_of_both_ends(ends: Ends) -> None:
    near, far = ends.pair()
    assert near.getpeername() == far.getsockname() == DOOR
    assert far.getpeername() == near.getsockname()


def test_has_no_peer_without_a_connection(ends: Ends) -> None:
    for end in (ends.port(), ends.tcp()):
        with pytest.raises(OSError, match="not connected") as caught:
            end.getpeername()
        assert caught.value.errno == errno.ENOTCONN
