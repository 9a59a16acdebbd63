"""Which lengths a program asks for in receiving calls that do not block: a process of its own traces it (ptrace(2)) and tells.

A program that waits in epoll_wait must not be stopped: that call then fails with EINTR (signal(7)), which right programs need
not expect. So the program is seized where it waits for us, before it is executed, and every stop after that is at the border
of a system call, where nothing is interrupted. It is let go of by ending the tracer: the kernel then detaches every thread,
blocked or not, while PTRACE_DETACH would want it stopped first.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Self

from callbox.kernel import executables, processes
from callbox.kernel.calls import KINDS, NUMBERS
from callbox.kernel.processes import SystemCall

PTRACE_CONT, PTRACE_SYSCALL, PTRACE_SEIZE, PTRACE_LISTEN, PTRACE_GET_SYSCALL_INFO = 7, 24, 0x4206, 0x4208, 0x420E
PTRACE_O_TRACESYSGOOD, PTRACE_O_FORKS, PTRACE_O_TRACEEXEC = 0x01, 0x02 | 0x04 | 0x08, 0x10
PTRACE_EVENT_STOP = 128
WALL = 0x40000000  # threads too (waitpid(2))
SYSCALL_STOP = signal.SIGTRAP | 0x80
STOPPING = {signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
SYSCALL_INFO = struct.Struct("=B3xIQQ7Q")
"""Of struct ptrace_syscall_info on entry, on every machine: op, arch, instruction and stack pointer, number, six arguments"""
ENTRY = 1
FLAGS = {"recvfrom": 3, "recvmsg": 2, "recvmmsg": 3}
"""Which argument holds the flags"""
MSG_PEEK = 0x2
RECEIVING = {"read", "readv", *FLAGS}
TRACING = "tracing"
PATIENCE = 1.0
"""Seconds for which the tracer waits for a thread that runs to make a call, after which it can be let go of."""

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


class Tracer:
    """Traces a process from its next exec on, with all processes and threads that come of it."""

    def __init__(self, pid: int) -> None:
        """Raises PermissionError, which says why, where the kernel refuses it."""
        package = Path(__file__).parents[2]
        self._asked: dict[int, dict[int, str]] = {}
        self._told = b""
        self.refusal = ""
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-m", "callbox.kernel.tracer", str(pid)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env={"PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        if self.process.stdout is None:
            raise RuntimeError("the tracer has no pipe")
        self.pipe = self.process.stdout
        first = self.pipe.readline().decode().strip()
        if first != TRACING:
            self.close()
            raise PermissionError(first or f"the tracer ended with exit status {self.process.returncode}")

    def fileno(self) -> int:
        """Readable when there is something new to be known."""
        return self.pipe.fileno()

    def asked(self, inode: int) -> dict[int, str]:
        """The lengths asked for so far on the socket of this inode, in calls that take what they read, each with the runtime
        that chose it, if one did. What the program did because of what it received, it did after this was told. Raises
        PermissionError where it cannot be known."""
        while select.select([self.pipe], [], [], 0)[0] and (data := self.pipe.read(1 << 16)):
            self._told += data
        *lines, self._told = self._told.split(b"\n")
        for line in lines:
            if not line[:1].isdigit():
                self.refusal = line.decode()
                continue
            where, length, chooser = line.decode().split(" ", 2)
            self._asked.setdefault(int(where), {})[int(length)] = chooser
        if self.refusal:
            raise PermissionError(self.refusal)
        return self._asked.get(inode, {})

    def close(self) -> None:
        """Let go of the program, which goes on as it was."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):  # of a thread that makes no call at all there is nothing to wait for
            self.process.wait(PATIENCE)
        self.process.kill()
        self.process.wait()
        self.pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


# ---- the process that traces


def main(pid: int) -> None:
    """Seize a process and tell of each length that it and its offspring ask for on a socket: once, as `INODE LENGTH RUNTIME`."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it would not be sent
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM})
    try:
        ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_FORKS | PTRACE_O_TRACEEXEC)
        tell(TRACING)
        Tracing().go_on()
    except OSError as error:
        tell(f"{error.strerror or error}")


class Tracing:
    """What is known of the threads that are traced."""

    def __init__(self) -> None:
        self.told: set[tuple[int, int]] = set()
        self.outside: set[int] = set()
        """threads whose next stop is before a call. Who lets go of one that is stopped there makes the call fail with EINTR:
        the kernel wakes it as for a signal (__ptrace_unlink)"""
        self.ending = False

    def go_on(self) -> None:
        """Follow them until they are all gone, or until we are told to end and can."""
        while not (self.ending and not self.outside):
            self.ending |= signal.sigwait({signal.SIGCHLD, signal.SIGTERM}) == signal.SIGTERM
            try:
                while (stop := os.waitpid(-1, WALL | os.WNOHANG))[0]:
                    self.follow(*stop)
            except ChildProcessError:  # nobody is left to be traced
                return

    def follow(self, tid: int, status: int) -> None:
        """Let a thread go on from a stop, having looked at it where it is that of a system call."""
        self.outside.discard(tid)
        if not os.WIFSTOPPED(status):
            return
        number, event = os.WSTOPSIG(status), status >> 16
        is_signal = number != SYSCALL_STOP and not event
        inside = number == SYSCALL_STOP and self.look_at(tid)
        if self.ending:
            request = PTRACE_CONT
        elif event == PTRACE_EVENT_STOP and number in STOPPING:  # it is to stay stopped until SIGCONT comes
            request = PTRACE_LISTEN
        else:
            request = PTRACE_SYSCALL
            if not inside:
                self.outside.add(tid)
        with suppress(ProcessLookupError):  # it was killed meanwhile
            ptrace(request, tid, 0, number if is_signal else 0)

    def look_at(self, tid: int) -> bool:
        """Is a thread that is stopped about to make a call? If that asks for bytes of a socket, tell of it."""
        buffer = ctypes.create_string_buffer(SYSCALL_INFO.size)
        with suppress(ProcessLookupError):
            ptrace(PTRACE_GET_SYSCALL_INFO, tid, len(buffer), ctypes.addressof(buffer))
        arguments: list[int]
        op, arch, _, _, number, *arguments = SYSCALL_INFO.unpack(buffer.raw)
        name = NUMBERS.get(arch & 0xFFFF, {}).get(number)  # an AUDIT_ARCH is the e_machine and two bits
        if op == ENTRY and name in RECEIVING and (asked := asked_at(tid, SystemCall(KINDS[name], tuple(arguments)))):
            if asked not in self.told:
                tell("{} {} {}".format(*asked, executables.chooser_of(tid, asked[1])))
            self.told.add(asked)
        return bool(op == ENTRY)


def asked_at(tid: int, call: SystemCall) -> tuple[int, int] | None:
    """The inode of the socket from which a receiving call takes bytes, and how many at most."""
    if call.name in FLAGS and call.arguments[FLAGS[call.name]] & MSG_PEEK:
        return None
    length = processes.asked_length(tid, call)
    with suppress(OSError):
        file = str(Path(f"/proc/{tid}/fd/{call.arguments[0] & 0xFFFFFFFF}").readlink())
        if length and file.startswith("socket:["):
            return int(file[len("socket:[") : -1]), length
    return None


def ptrace(request: int, tid: int, address: int, data: int) -> None:
    """Raises OSError where the kernel refuses."""
    if libc.ptrace(request, tid, address, data) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"ptrace: {os.strerror(number)}")


def tell(line: str) -> None:
    """Tell the bench."""
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main(int(sys.argv[1]))
