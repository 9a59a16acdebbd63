"""Why: what the kernel's facts, the program's end and the bytes themselves say, each as one sentence about `it`."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

from callbox import silence
from callbox.kernel import processes
from callbox.patience import QUIET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from callbox.kernel.processes import SystemCall, Thread
    from callbox.kernel.sockets import Socket
    from callbox.program import Program

RECEIVING = {"read", "readv", "recvfrom", "recvmsg", "recvmmsg"}
SENDING = {"write", "writev", "sendto", "sendmsg"}
TRACEBACK = re.compile(
    r"""
    ^Traceback\ \(most\ recent\ call\ last\)  # Python
    | ^Exception\ in\ thread | ^\s+at\ [\w.$/<>]+\(.*\.java:  # Java
    | ^\s+at\ .*\bnode:  # Node
    | ^thread\ '.*\ panicked\ at | ^goroutine\ \d+\ \[ | ^\S+\.rb:\d+:in  # Rust, Go, Ruby
    """,
    re.MULTILINE | re.VERBOSE,
)
"""How an exception that nobody caught looks in what a program printed."""
WAITING = {"poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2"}
OTHERS = {
    "accept": (2, "waits in accept for another client"),
    "accept4": (2, "waits in accept for another client"),
    "connect": (1, "waits in connect"),
    "pause": (3, "waits for a signal"),
    "wait4": (4, "waits for a child process"),
    "waitid": (4, "waits for a child process"),
    "futex": (5, "waits for one of its own threads"),
}


def of(program: Program) -> str:
    """What the program does instead of what it should: how it ended, or what it is blocked in, once it has settled."""
    if program.wait_for(lambda: program.ended() or None, patience=QUIET):
        return ending(program)
    doing = activity(program)
    unread = sum(map(unread_bytes, program.sockets()))
    if unread:
        return f"it never read {unread} of your bytes: it {doing}" if doing else f"it never read {unread} of your bytes"
    return f"it {doing}" if doing else ""


def unread_bytes(end: Socket) -> int:
    """Bytes that came and that it has not read: a FIN that it has not read is counted as one by the kernel (tcp_diag.c)."""
    if end.kind == "unix" or end.state.name == "LISTEN":
        return 0
    return max(0, end.receiving - (end.state.name in {"CLOSE_WAIT", "LAST_ACK", "CLOSING"}))


def ending(program: Program) -> str:
    """How it ended, with the last line of a traceback or message if it printed one."""
    status = program.status
    how = f"ended with exit status {status}"
    if status > 128:
        try:
            how = f"was ended by {signal.Signals(status - 128).name}"
        except ValueError:
            how = f"ended with exit status {status}"
    said = [line.strip() for line in program.output.splitlines() if line.strip()]
    if said and re.match(r"[\w.]*(Error|Exception|Interrupt)\b", said[-1]):
        where = [line for line in said if line.startswith(f'File "{program.booth.home}/')]
        line = re.search(r"line (\d+)", where[-1]) if where else None
        return f"it {how}: {said[-1][:200]}" + (f" (line {line[1]})" if line else "")
    return f"it {how}" + (f", having said: {said[-1][:200]}" if said and status else "")


def activity(program: Program) -> str:
    """What it is doing, as the kernel has it; empty when that says nothing."""
    threads = processes.threads(program.processes())
    sockets = {end.inode: end for end in program.sockets()}
    phrases = [phrase for thread in threads if (phrase := of_thread(thread, sockets))]
    if phrases:
        return min(phrases, key=lambda phrase: phrase[0])[1]
    return ""


def of_thread(thread: Thread, sockets: Mapping[int, Socket]) -> tuple[int, str] | None:
    """What one thread does; the number says how telling that is (0 most)."""
    if thread.state == "R":
        return 0, "is running in circles"
    call = thread.call()
    if call is None:
        return None
    name = processes.open_files(thread.pid).get(call.arguments[0] & 0xFFFFFFFF, "")
    end = sockets.get(int(name[8:-1])) if name.startswith("socket:[") else None
    return phrase(thread, call, name, end)


def phrase(thread: Thread, call: SystemCall, file: str, end: Socket | None) -> tuple[int, str] | None:
    """What being blocked in a call means."""
    if call.name in RECEIVING:
        return of_receiving(thread, call, file, end)
    if call.name in SENDING:
        return (1, "is blocked in send: nobody reads what it has sent") if end else None
    if call.name in {"nanosleep", "clock_nanosleep"}:
        seconds = silence.asked_seconds(thread.pid, call)
        return 1, "sleeps" + (f" (for {seconds:.{0 if seconds >= 10 else 1}f} s)" if seconds is not None else "")
    if call.name in WAITING:
        return 3, f"waits in {call.name} for something to happen"
    return OTHERS.get(call.name)


def of_receiving(thread: Thread, call: SystemCall, file: str, end: Socket | None) -> tuple[int, str] | None:
    """What being blocked in a receiving call means."""
    if end:
        asked = processes.asked_length(thread.pid, call)
        what = "a datagram" if end.kind == "udp" else "more bytes"
        return 1, f"waits in {call.name} for {what}" + (f" ({asked} at most)" if asked else "")
    if file.startswith(("/dev/pts/", "pipe:")):
        return 1, "waits for a line to be typed"
    return None


def of_difference(wanted: bytes, got: bytes) -> str:
    """The usual near misses, told by the bytes alone; empty when it is none of them."""
    stripped = got.rstrip(b"\r\n")
    near_misses = [
        (stripped == wanted != got, "it gave the right bytes, with a newline added"),
        (got.rstrip(b"\0") == wanted, "it gave the right bytes, padded with NUL bytes"),
        (bool(wanted) and got.endswith(wanted), "it gave the right bytes, with something put before them"),
        (got.startswith(wanted), "it gave the right bytes, with something added"),
        (got.startswith((b"b'", b'b"')), "it sent the repr of a bytes object, not the bytes"),
        (got != wanted and got.lower() == wanted.lower(), "it gave the right letters in the wrong case"),
        (bool(wanted) and got == wanted[: len(got)], f"it gave only the first {len(got)} of {len(wanted)} bytes"),
        (differs_as_text_does(wanted, got), "it changed letters outside ASCII: it changes text, not bytes"),
    ]
    return next((told for holds, told in near_misses if holds), "")


def of_surplus(got: bytes) -> str:
    """Why bytes came that nobody had asked for."""
    if not got.strip(b"\r\n"):
        return "it adds a newline to its answer"
    return "it speaks without being spoken to" if got.strip(b"\0") else "it pads its answer with NUL bytes"


def differs_as_text_does(wanted: bytes, got: bytes) -> bool:
    """Is it what str.upper would have given?"""
    return wanted.decode("utf-8", "replace").upper().encode() == got
