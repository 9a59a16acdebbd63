"""Proof that nothing more will come: nothing in the box runs, is under way, or can wake by itself.

Two looks at every thread, back to back, that are equal in state, blocked call and context switches, say that none ran in
between. If then no packet is under way, and no blocked call or timer ends of itself, nothing can move again unless we do.
Where that cannot be told (a sleep, a timeout, a call we do not know), it is not proven, and the bench has to wait.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from callbox.kernel import processes
from callbox.kernel.calls import Timeout
from callbox.kernel.sockets import Socket, State, Timer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from callbox.kernel.processes import SystemCall, Thread

SYS_PIDFD_GETFD = 438  # on every machine
SIGALRM_BIT = 1 << 13
TIMER_ABSTIME = 1
STILL_TIMERS = {Timer.OFF, Timer.KEEPALIVE, Timer.TIME_WAIT, Timer.ZERO_WINDOW_PROBE}

libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Silence:
    """What was seen when nothing could move. Two that are equal: nothing has moved in between either."""

    threads: list[Thread]
    sockets: list[Socket]


def proven(
    pids: Callable[[], list[int]], sockets: Callable[[], Sequence[Socket]], held: Collection[int] = ()
) -> Silence | None:
    """Can nothing in the box move again unless we do? None means that it cannot be told now.

    Who is stopped may be continued by whoever stopped it, at any moment; but not the processes that are `held`.
    `sockets` are those of the program and ours. Whoever waits for bytes must look for them once more after a proof, and
    to take some is to do something: only an equal proof after it says that none will follow.
    """
    first = processes.threads(pids())
    if not all(is_still(thread, held) for thread in first):
        return None
    ends = list(sockets())
    if any(is_moving(end) or finds_room_again(end, ends) for end in ends) or packets_wait_for_the_kernel():
        return None
    if any(has_a_timer(pid) for pid in {thread.pid for thread in first}):
        return None
    return Silence(first, ends) if first == processes.threads(pids()) else None


def is_still(thread: Thread, held: Collection[int]) -> bool:
    """Blocked in a call that does not end of itself, held, or dead."""
    if thread.state in "ZX" or (thread.state == "T" and thread.pid in held):
        return True
    call = thread.call()
    return thread.state == "S" and call is not None and not is_timed(thread.pid, call)


def is_timed(pid: int, call: SystemCall) -> bool:
    """Does the call end of itself?"""
    value = call.arguments[call.kind.argument]
    match call.kind.timeout:
        case Timeout.NONE:
            return False
        case Timeout.MILLISECONDS:
            return value & 0xFFFFFFFF < 0x80000000  # an int: negative waits for ever
        case Timeout.POINTER:
            return value != 0
        case Timeout.SOCKET:
            return has_a_timeout(pid, value & 0xFFFFFFFF)
        case Timeout.ALWAYS:
            return True


def has_a_timeout(pid: int, fd: int) -> bool:
    """Is SO_RCVTIMEO or SO_SNDTIMEO set on a program's socket? What cannot be looked at counts as set."""
    try:
        process = os.pidfd_open(pid)
    except OSError:
        return True
    copy = libc.syscall(SYS_PIDFD_GETFD, process, fd, 0)
    os.close(process)
    if copy < 0:
        return True
    try:
        with socket.socket(fileno=os.dup(copy)) as end:
            return any(
                any(end.getsockopt(socket.SOL_SOCKET, option, 16))
                for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO)
            )
    except OSError:  # no socket: a pipe, a terminal
        return False
    finally:
        os.close(copy)


def is_moving(end: Socket) -> bool:
    """Are bytes or a handshake of this socket under way, or will a timer of its send something?"""
    if end.state in {State.SYN_SENT, State.SYN_RECV, State.NEW_SYN_RECV}:
        return True
    if end.kind == "unix" or end.state is State.LISTEN:
        return False
    return end.timer not in STILL_TIMERS or (end.sending > 0 and end.timer is Timer.OFF and end.kind == "tcp")


def finds_room_again(end: Socket, ends: Sequence[Socket]) -> bool:
    """Does it hold bytes for which there was no room, though the other end has read everything since? Then the next
    probe (after 200 ms at least) moves them. While the other end leaves something unread, probes move nothing."""
    if end.timer is not Timer.ZERO_WINDOW_PROBE:
        return False
    tcp = [other for other in ends if other.kind == "tcp"]
    others = [other for other in tcp if (other.port, other.remote[1]) == (end.remote[1], end.port)]
    return not others or any(other.receiving == 0 for other in others)


def packets_wait_for_the_kernel() -> bool:
    """Is a packet in a processor's backlog: sent, and not yet in anybody's queue? (column 12 of
    softnet_stat, there since Linux 5.10)"""
    lines = Path("/proc/net/softnet_stat").read_text().splitlines()
    return any(int(count, 16) for line in lines for count in line.split()[11:12])


def has_a_timer(pid: int) -> bool:
    """May a process wake by itself though its threads are blocked: an alarm it catches, a POSIX timer, a timerfd, io_uring?
    What cannot be read counts as a timer. (An alarm that it does not catch, and that will end it, cannot be seen.)"""
    with suppress(*processes.GONE):
        try:
            status = Path(f"/proc/{pid}/status").read_text(errors="replace")
            caught = next((int(line[7:], 16) for line in status.splitlines() if line.startswith("SigCgt:")), 0)
            if caught & SIGALRM_BIT or Path(f"/proc/{pid}/timers").read_text():
                return True
            return any(
                name in {"anon_inode:[timerfd]", "anon_inode:[io_uring]"} for name in processes.open_files(pid).values()
            )
        except PermissionError:
            return True
    return False


def asked_seconds(pid: int, call: SystemCall) -> float | None:
    """For how long a blocked call was asked to wait at most (a sleep until a moment: what is left of it); None for ever,
    or where it cannot be read."""
    value = call.arguments[call.kind.argument]
    if call.kind.timeout is Timeout.MILLISECONDS:
        return (value & 0xFFFFFFFF) / 1000 if value & 0xFFFFFFFF < 0x80000000 else None
    address = {"nanosleep": call.arguments[0], "clock_nanosleep": call.arguments[2]}.get(call.name, value)
    if call.kind.timeout in {Timeout.POINTER, Timeout.ALWAYS} and address:
        with suppress(OSError, struct.error):
            seconds, fraction = struct.unpack("qq", processes.memory(pid, address, 16))
            asked: float = seconds + fraction / 1e9
            until = call.name == "clock_nanosleep" and call.arguments[1] & TIMER_ABSTIME
            return max(0.0, asked - time.clock_gettime(call.arguments[0] & 0xF)) if until else asked
    return None
