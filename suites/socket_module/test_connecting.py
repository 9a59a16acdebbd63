"""Who has to be there first."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

import pytest

from suites.socket_module.ends import DOOR, HOST

if TYPE_CHECKING:
    from suites.socket_module.ends import Ends


def test_refuses_a_call_to_nobody(ends: Ends) -> None:
    with pytest.raises(ConnectionRefusedError):
        ends.caller()


def test_returns_the_error_of_connect_ex(ends: Ends) -> None:
    assert ends.tcp().connect_ex(DOOR) == errno.ECONNREFUSED
    ends.door()
    assert ends.tcp().connect_ex(DOOR) == 0


def test_raises_from_connect_ex_for_an_address_that_is_none(ends: Ends) -> None:
    with pytest.raises(OverflowError):
        ends.tcp().connect_ex((HOST, 65536))


def test_lets_datagrams_go_to_nobody(ends: Ends) -> None:
    client, word = ends.udp(), b"hello"
    assert client.sendto(b"lost", DOOR) == 4
    server = ends.port()
    client.sendto(word, DOOR)
    assert server.recvfrom(1024)[0] == word
    server.sendto(word.upper(), (HOST, client.getsockname()[1]))
    assert client.recvfrom(1024)[0] == b"HELLO"  # and no error of the first datagram


def test_tells_a_connected_udp_socket_that_nobody_is_there(ends: Ends) -> None:
    client = ends.udp()
    client.connect(DOOR)  # sends nothing: it notes whom to talk to
    client.send(b"hello")
    with pytest.raises(ConnectionRefusedError):
        client.recv(1024)


def test_lets_a_udp_client_leave_unnoticed(ends: Ends) -> None:
    server = ends.port()
    for word in (b"one", b"two"):
        with ends.udp() as client:
            client.sendto(word, DOOR)
            heard, address = server.recvfrom(1024)
        assert heard == word
        assert server.sendto(word, address) == 3  # to a client that has left
    assert server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
