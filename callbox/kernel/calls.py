"""System calls in which a program may be blocked, by machine: what they are and whether they end of themselves.

Numbers from the kernel's syscall tables (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h).
A call that is not listed, or a machine that is not, means "cannot tell".
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

EM_X86_64, EM_AARCH64 = 62, 183


class Timeout(enum.Enum):
    """Where a call carries the time after which it ends of itself."""

    NONE = "has none"
    SOCKET = "SO_RCVTIMEO or SO_SNDTIMEO of the socket"
    MILLISECONDS = "an int argument, negative for none"
    POINTER = "a pointer to a timespec or timeval, NULL for none"
    ALWAYS = "a sleep"


@dataclass(frozen=True, slots=True)
class Kind:
    """A system call: its name, how it is timed, and by which argument."""

    name: str
    timeout: Timeout
    argument: int = 0
    """of MILLISECONDS and POINTER: which argument; of SOCKET: which is the fd"""


KINDS = {
    kind.name: kind
    for kind in [
        *(Kind(name, Timeout.SOCKET) for name in ("read", "readv", "recvfrom", "recvmsg", "accept", "accept4")),
        *(Kind(name, Timeout.SOCKET) for name in ("write", "writev", "sendto", "sendmsg", "connect")),
        *(Kind(name, Timeout.NONE) for name in ("wait4", "waitid", "pause", "rt_sigsuspend", "flock", "fcntl")),
        *(Kind(name, Timeout.NONE) for name in ("open", "openat", "semop", "msgrcv", "msgsnd", "splice", "sendfile")),
        Kind("poll", Timeout.MILLISECONDS, 2),
        Kind("epoll_wait", Timeout.MILLISECONDS, 3),
        Kind("epoll_pwait", Timeout.MILLISECONDS, 3),
        Kind("ppoll", Timeout.POINTER, 2),
        Kind("select", Timeout.POINTER, 4),
        Kind("pselect6", Timeout.POINTER, 4),
        Kind("epoll_pwait2", Timeout.POINTER, 3),
        Kind("futex", Timeout.POINTER, 3),
        Kind("futex_waitv", Timeout.POINTER, 3),
        Kind("rt_sigtimedwait", Timeout.POINTER, 2),
        Kind("semtimedop", Timeout.POINTER, 3),
        Kind("recvmmsg", Timeout.POINTER, 4),
        Kind("nanosleep", Timeout.ALWAYS),
        Kind("clock_nanosleep", Timeout.ALWAYS),
    ]
}

NUMBERS: dict[int, dict[int, str]] = {
    EM_X86_64: {
        0: "read", 1: "write", 2: "open", 7: "poll", 19: "readv", 20: "writev", 23: "select", 34: "pause",
        35: "nanosleep", 40: "sendfile", 42: "connect", 43: "accept", 44: "sendto", 45: "recvfrom", 46: "sendmsg",
        47: "recvmsg", 61: "wait4", 65: "semop", 69: "msgsnd", 70: "msgrcv", 72: "fcntl", 73: "flock",
        128: "rt_sigtimedwait", 130: "rt_sigsuspend", 202: "futex", 220: "semtimedop", 230: "clock_nanosleep",
        232: "epoll_wait", 247: "waitid", 257: "openat", 270: "pselect6", 271: "ppoll", 275: "splice",
        281: "epoll_pwait", 288: "accept4", 299: "recvmmsg", 441: "epoll_pwait2", 449: "futex_waitv",
    },
    EM_AARCH64: {
        22: "epoll_pwait", 25: "fcntl", 32: "flock", 56: "openat", 63: "read", 64: "write", 65: "readv",
        66: "writev", 71: "sendfile", 72: "pselect6", 73: "ppoll", 76: "splice", 95: "waitid", 98: "futex",
        101: "nanosleep", 115: "clock_nanosleep", 133: "rt_sigsuspend", 137: "rt_sigtimedwait", 188: "msgrcv",
        189: "msgsnd", 192: "semtimedop", 193: "semop", 202: "accept", 203: "connect", 206: "sendto",
        207: "recvfrom", 211: "sendmsg", 212: "recvmsg", 242: "accept4", 243: "recvmmsg", 260: "wait4",
        441: "epoll_pwait2", 449: "futex_waitv",
    },
}  # fmt: skip

# Calls that come back with EINTR when the program is stopped and continued, even without a handler (signal(7)).
INTERRUPTED_BY_STOPPING = frozenset(
    ["epoll_wait", "epoll_pwait", "epoll_pwait2", "semop", "semtimedop", "rt_sigtimedwait", "msgrcv", "msgsnd"]
)
