"""What `socket.socket()` makes."""

from __future__ import annotations

import inspect
import socket
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from suites.socket_module.ends import Ends


def test_makes_a_tcp_socket_by_default() -> None:
    with socket.socket() as made:
        assert (made.family, made.type) == (socket.AF_INET, socket.SOCK_STREAM)
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL) == socket.IPPROTO_TCP


def test_takes_family_type_and_proto() -> None:
    parameters = inspect.signature(socket.socket).parameters
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    assert defaults == {"family": -1, "type": -1, "proto": -1, "fileno": None}


def test_makes_a_udp_socket_of_the_datagram_type() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL) == socket.IPPROTO_UDP


def test_speaks_ipv6(ends: Ends) -> None:
    door, caller = (ends.make(socket.AF_INET6, socket.SOCK_STREAM) for _ in range(2))
    door.bind(("::1", 6666))
    door.listen()
    caller.connect(("::1", 6666))
    caller.send(b"hello")
    assert ends.answer(door).recv(5) == b"hello"


def test_joins_unix_sockets_by_a_path(ends: Ends, tmp_path: Path) -> None:
    door, caller = (ends.make(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(2))
    door.bind(str(tmp_path / "door"))
    door.listen()
    assert stat.S_ISSOCK((tmp_path / "door").stat().st_mode)
    caller.connect(str(tmp_path / "door"))
    caller.send(b"hello")
    assert ends.answer(door).recv(5) == b"hello"


def test_keeps_unix_data_out_of_the_file(ends: Ends, tmp_path: Path) -> None:
    door, caller = (ends.make(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(2))
    door.bind(str(tmp_path / "door"))
    door.listen()
    caller.connect(str(tmp_path / "door"))
    caller.send(b"hello")
    assert (tmp_path / "door").stat().st_size == 0  # while five bytes are on their way
    (tmp_path / "door").unlink()
    assert ends.answer(door).recv(5) == b"hello"
