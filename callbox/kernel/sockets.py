"""Every socket the kernel has in a network namespace: address, state, queues, owner's inode, by NETLINK_SOCK_DIAG.

Source: sock_diag(7), linux/inet_diag.h, linux/unix_diag.h. A look at one family costs about 0.03 ms.
"""

from __future__ import annotations

import enum
import errno
import os
import socket
import struct
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY, NLMSG_ERROR, NLMSG_DONE = 20, 2, 3
NLM_F_REQUEST_DUMP = 0x301
INET_DIAG_SKMEMINFO, UNIX_DIAG_NAME, UNIX_DIAG_VFS, UNIX_DIAG_PEER, UNIX_DIAG_RQLEN = 7, 0, 1, 2, 4
SK_MEMINFO_RCVBUF, SK_MEMINFO_DROPS = 1, 8
UDIAG_SHOW_NAME_FILE_PEER_RQLEN = 0x1 | 0x2 | 0x4 | 0x10
ANSWER_BYTES = 1 << 18


class State(enum.IntEnum):
    """States of a connection (linux/tcp_states.h). A bound UDP socket is CLOSE, a connected one ESTABLISHED."""

    ESTABLISHED = 1
    SYN_SENT = 2
    SYN_RECV = 3
    FIN_WAIT1 = 4
    FIN_WAIT2 = 5
    TIME_WAIT = 6
    CLOSE = 7
    CLOSE_WAIT = 8
    LAST_ACK = 9
    LISTEN = 10
    CLOSING = 11
    NEW_SYN_RECV = 12


class Timer(enum.IntEnum):
    """Which timer of a TCP socket runs (idiag_timer)."""

    OFF = 0
    RETRANSMIT = 1
    KEEPALIVE = 2
    TIME_WAIT = 3
    ZERO_WINDOW_PROBE = 4


@dataclass(frozen=True, slots=True)
class Socket:
    """One socket as the kernel sees it. `receiving` and `sending` are bytes in its queues; of a listener they are the
    connections waiting for accept and the longest queue allowed (the argument of listen)."""

    kind: str
    """tcp, udp or unix"""
    state: State
    local: tuple[str, int] | str
    remote: tuple[str, int] | str
    receiving: int
    sending: int
    inode: int
    timer: Timer = Timer.OFF
    drops: int = 0
    """datagrams dropped because its receive buffer was full"""
    peer: int = 0
    """inode of the other end (unix only)"""
    file: int = 0
    """inode of the file that it was bound to, wherever that has been moved since; its low 32 bits (unix only)"""
    room: int = 0
    """bytes that its receive buffer holds (SO_RCVBUF); 0 for AF_UNIX"""

    @property
    def host(self) -> str:
        """The local host; empty for AF_UNIX."""
        return self.local[0] if isinstance(self.local, tuple) else ""

    @property
    def port(self) -> int:
        """The local port; 0 for AF_UNIX."""
        return self.local[1] if isinstance(self.local, tuple) else 0

    @property
    def name(self) -> str:
        """The path of an AF_UNIX socket as its program gave it; empty for others."""
        return self.local if isinstance(self.local, str) else ""

    @property
    def address(self) -> str:
        """The local address as it is written."""
        return self.name.replace("\0", "@") or f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def reaches(self, host: str) -> bool:
        """Is a socket bound like this reached at `host`?"""
        bound, asked = plain(self.host), plain(host)
        return bound in {asked, "::"} or (bound == "0.0.0.0" and ":" not in asked)

    @property
    def is_on_loopback(self) -> bool:
        """Nobody outside the machine reaches it."""
        return ip_address(plain(self.host)).is_loopback


def plain(host: str) -> str:
    """`::ffff:127.0.0.1` is 127.0.0.1: how Java and other dual-stack programs listen."""
    address = ip_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)


class SocketTable:
    """Looks at the sockets of the namespace that `diag`, a NETLINK_SOCK_DIAG socket, was made in."""

    def __init__(self, diag: socket.socket) -> None:
        self.diag = diag

    def tcp(self) -> list[Socket]:
        """TCP sockets of both families."""
        return [*self._inet(socket.AF_INET, socket.IPPROTO_TCP), *self._inet(socket.AF_INET6, socket.IPPROTO_TCP)]

    def udp(self) -> list[Socket]:
        """UDP sockets of both families."""
        return [*self._inet(socket.AF_INET, socket.IPPROTO_UDP), *self._inet(socket.AF_INET6, socket.IPPROTO_UDP)]

    def unix(self) -> list[Socket]:
        """AF_UNIX sockets, stream and datagram."""
        body = struct.pack("=BBHIIIII", socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, UDIAG_SHOW_NAME_FILE_PEER_RQLEN, 0, 0)
        return [parse_unix(message) for message in self._dump(body)]

    def all(self) -> list[Socket]:
        """Every socket."""
        return [*self.tcp(), *self.udp(), *self.unix()]

    def of(self, kind: str) -> list[Socket]:
        """Sockets of a kind: tcp, udp or unix."""
        looks: dict[str, Callable[[], list[Socket]]] = {"tcp": self.tcp, "udp": self.udp, "unix": self.unix}
        return looks[kind]()

    def _inet(self, family: int, protocol: int) -> list[Socket]:
        extension = 1 << (INET_DIAG_SKMEMINFO - 1)
        body = struct.pack("=BBBBI48x", family, protocol, extension, 0, 0xFFFFFFFF)
        kind = "tcp" if protocol == socket.IPPROTO_TCP else "udp"
        return [parse_inet(message, kind) for message in self._dump(body)]

    def _dump(self, body: bytes) -> Iterator[memoryview]:
        """The messages of one dump; nothing where the kernel lacks the family's diagnosis (no IPv6, say)."""
        self.diag.send(struct.pack("=IHHII", 16 + len(body), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST_DUMP, 1, 0) + body)
        while True:
            data = memoryview(self.diag.recv(ANSWER_BYTES))
            while data:
                length, kind = struct.unpack_from("=IH", data)
                if kind == NLMSG_DONE:
                    return
                if kind == NLMSG_ERROR:
                    (number,) = struct.unpack_from("=i", data, 16)
                    if -number == errno.ENOENT:
                        return
                    raise OSError(-number, f"sock_diag: {os.strerror(-number)}")
                yield data[16:length]
                data = data[(length + 3) & ~3 :]


def attributes(data: memoryview) -> dict[int, memoryview]:
    """Netlink attributes by type."""
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind] = data[4:length]
        data = data[(length + 3) & ~3 :]
    return found


def parse_inet(message: memoryview, kind: str) -> Socket:
    """One inet_diag_msg."""
    family, state, timer = struct.unpack_from("=BBB", message)
    local_port, remote_port = struct.unpack_from("!HH", message, 4)
    width = 4 if family == socket.AF_INET else 16
    local, remote = (socket.inet_ntop(family, message[start : start + width]) for start in (8, 24))
    _, receiving, sending, _, inode = struct.unpack_from("=IIIII", message, 52)
    memory = attributes(message[72:]).get(INET_DIAG_SKMEMINFO, memoryview(b""))
    room, drops = (
        struct.unpack_from("=I", memory, 4 * word)[0] if len(memory) > 4 * word else 0
        for word in (SK_MEMINFO_RCVBUF, SK_MEMINFO_DROPS)
    )
    ends = (local, local_port), (remote, remote_port)
    return Socket(kind, State(state), *ends, receiving, sending, inode, Timer(timer), drops, room=room)


def parse_unix(message: memoryview) -> Socket:
    """One unix_diag_msg."""
    _, _, state, _, inode = struct.unpack_from("=BBBBI", message)
    more = attributes(message[16:])
    name = bytes(more.get(UNIX_DIAG_NAME, b"")).rstrip(b"\0").decode(errors="backslashreplace")
    (file,) = struct.unpack_from("=I", more.get(UNIX_DIAG_VFS, b"\0" * 4))
    (peer,) = struct.unpack("=I", more.get(UNIX_DIAG_PEER, b"\0" * 4))
    receiving, sending = struct.unpack("=II", more.get(UNIX_DIAG_RQLEN, b"\0" * 8))
    return Socket("unix", State(state), name, "", receiving, sending, inode, peer=peer, file=file)
