"""What a program is doing instead of what it should: the calls in which its threads are blocked, as the kernel has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox import silence
from callbox.kernel import processes
from callbox.saying import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from callbox.kernel.processes import SystemCall, Thread
    from callbox.kernel.sockets import Socket
    from callbox.program import Program
    from callbox.saying import Saying

RECEIVING = {"read", "readv", "recvfrom", "recvmsg", "recvmmsg"}
SENDING = {"write", "writev", "sendto", "sendmsg"}
SLEEPING = {"nanosleep", "clock_nanosleep"}
WAITING = {"poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2"}
MOMENT = 0.1
"""Seconds: what is found in a shorter sleep, has slept before."""
ACCEPTING = say("waits in accept for another client")
OTHERS = {
    "accept": (2, ACCEPTING),
    "accept4": (2, ACCEPTING),
    "connect": (1, say("waits in connect")),
    "pause": (3, say("waits for a signal")),
    "wait4": (4, say("waits for a child process")),
    "waitid": (4, say("waits for a child process")),
    "futex": (5, say("waits for one of its own threads")),
}


def of(program: Program) -> Saying:
    """What it is doing, as what follows `it`; empty when the kernel's facts say nothing."""
    sockets = {end.inode: end for end in program.sockets()}
    found = [of_thread(program, thread, sockets) for thread in processes.threads(program.processes())]
    return min(filter(None, found), key=lambda phrase: phrase[0], default=(0, say("")))[1]


def of_thread(program: Program, thread: Thread, sockets: Mapping[int, Socket]) -> tuple[int, Saying] | None:
    """What one thread does; the number says how telling that is (0 most)."""
    if thread.state == "R":
        return 0, say("is running in circles")
    if thread.state == "T":
        return 0, say("is stopped (SIGSTOP)")
    call = thread.call()
    return of_call(program, thread, call, sockets) if call else None


def of_call(
    program: Program, thread: Thread, call: SystemCall, sockets: Mapping[int, Socket]
) -> tuple[int, Saying] | None:
    """What being blocked in a call means."""
    file = processes.open_files(thread.pid).get(call.arguments[0] & 0xFFFFFFFF, "")
    end = sockets.get(int(file[8:-1])) if file.startswith("socket:[") else None
    if call.name in RECEIVING:
        return of_receiving(program, thread, call, file, end)
    if call.name in SENDING:
        return (1, of_sending(program, end)) if end else None
    if call.name in SLEEPING:
        return 1, of_sleeping(thread, call)
    if call.name in WAITING:
        return 3, say("waits in {call} for something to happen", call=call.name)
    return OTHERS.get(call.name)


def of_receiving(
    program: Program, thread: Thread, call: SystemCall, file: str, end: Socket | None
) -> tuple[int, Saying] | None:
    """What being blocked in a receiving call means."""
    if end:
        what = say("a datagram") if end.kind == "udp" else say("more bytes")
        if whom := program.wire.partner(end):
            what = say("{what} from {whom}", what=what, whom=whom)
        if asked := processes.asked_length(thread.pid, call):
            what = say("{what} ({number} at most)", what=what, number=asked)
        return 1, say("waits in {call} for {what}", call=call.name, what=what)
    if file.startswith("socket:"):  # which the kernel lists only when it has an address
        return 1, say("waits in {call} on a socket that is bound to no address", call=call.name)
    if file.startswith(("/dev/pts/", "pipe:")):
        return 1, say("waits for a line to be typed")
    return None


def of_sending(program: Program, end: Socket) -> Saying:
    """What being blocked in a sending call means."""
    if whom := program.wire.partner(end):
        return say("is blocked in send: {whom} does not read what it has sent", whom=whom)
    return say("is blocked in send: nobody reads what it has sent")


def of_sleeping(thread: Thread, call: SystemCall) -> Saying:
    """For how long it sleeps, where that can be read."""
    if (seconds := silence.asked_seconds(thread.pid, call)) is None:
        return say("sleeps")
    if seconds < MOMENT:
        return say("sleeps again and again, for a moment each time")
    return say("sleeps (for {seconds} s)", seconds=f"{seconds:.{0 if seconds >= 10 else 1}f}")
