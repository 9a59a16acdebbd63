"""What `recv` and `recvfrom` give, and what is left for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suites.socket_module.ends import DOOR

if TYPE_CHECKING:
    from suites.socket_module.ends import Ends


def test_gives_at_most_what_was_asked_for(ends: Ends) -> None:
    near, far = ends.pair()
    near.send(b"hello, world")
    assert far.recv(5) == b"hello"
    assert far.recv(1024) == b", world"


def test_gives_nothing_at_the_end_of_a_stream(ends: Ends) -> None:
    near, far = ends.pair()
    near.send(b"hello")
    near.close()
    assert [far.recv(1024) for _ in range(3)] == [b"hello", b"", b""]


def test_keeps_datagrams_apart(ends: Ends) -> None:
    server, client = ends.port(), ends.udp()
    for word in (b"one", b"", b"three"):
        client.sendto(word, DOOR)
    assert [server.recvfrom(1024)[0] for _ in range(3)] == [b"one", b"", b"three"]


def test_forgets_the_rest_of_a_datagram(ends: Ends) -> None:
    server, client = ends.port(), ends.udp()
    client.sendto(b"hello, world", DOOR)
    client.sendto(b"next", DOOR)
    assert [server.recvfrom(5)[0] for _ in range(2)] == [b"hello", b"next"]


def test_tells_who_sent_a_datagram(ends: Ends) -> None:
    server, client = ends.port(), ends.port(("127.0.0.1", 0))
    client.sendto(b"hello", DOOR)
    assert server.recvfrom(1024) == (b"hello", client.getsockname())


def test_tells_nobody_for_a_stream(ends: Ends) -> None:
    near, far = ends.pair()
    near.send(b"hello")
    assert far.recvfrom(1024) == (b"hello", None)


def test_receives_datagrams_with_recv_too(ends: Ends) -> None:
    server, client = ends.port(), ends.udp()
    client.connect(DOOR)
    client.send(b"hello")
    assert server.recv(1024) == b"hello"
