"""Processes and threads as the kernel sees them: state, the call each is blocked in and its arguments, by /proc (proc(5))."""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from callbox.kernel.calls import KINDS, NUMBERS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

GONE = (FileNotFoundError, ProcessLookupError)
CLOSED = (*GONE, PermissionError)
"""What an ordinary user meets where a process is ending: some of its files are root's from then on (proc(5))."""


@dataclass(frozen=True, slots=True)
class SystemCall:
    """A system call in which a thread is blocked."""

    kind: Kind
    arguments: tuple[int, ...]

    @property
    def name(self) -> str:
        """Its name, as in the manual."""
        return self.kind.name


@dataclass(frozen=True, slots=True)
class Thread:
    """One look at a thread. Two equal looks: it did not run in between."""

    pid: int
    tid: int
    state: str
    """R running, S sleeping, D disk, T stopped, Z zombie, …"""
    blocked_in: str
    """the line of /proc/PID/task/TID/syscall: number, arguments, stack and instruction pointer; or `running`; empty where it
    cannot be read"""
    switches: tuple[int, int]
    """voluntary and nonvoluntary context switches so far"""

    def call(self) -> SystemCall | None:
        """The call it is blocked in; None when it is running, or the call is one that we do not know."""
        words = self.blocked_in.split()
        if len(words) < 7:
            return None
        name = NUMBERS.get(machine(self.pid), {}).get(int(words[0]))
        return SystemCall(KINDS[name], tuple(int(word, 16) for word in words[1:7])) if name else None


def machine(pid: int) -> int:
    """The machine a process's program was made for (e_machine of its ELF header, elf(5)); 0 when it cannot be told.
    A 32-bit program on a 64-bit kernel has other call numbers."""
    with suppress(OSError), Path(f"/proc/{pid}/exe").open("rb") as program:
        head = program.read(20)
        if len(head) == 20 and head[4] == 2:  # ELFCLASS64: x32 programs are class 32
            return int.from_bytes(head[18:20], "little")
    return 0


def children(pid: int) -> list[int]:
    """Direct children of a process."""
    found: list[int] = []
    with suppress(*GONE):
        for tid in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - names are wanted, not paths
            with suppress(*GONE):
                found += map(int, Path(f"/proc/{pid}/task/{tid}/children").read_text().split())
    return found


def descendants(pid: int) -> list[int]:
    """Children, their children, and so on: parents first."""
    found = children(pid)
    for child in found:
        found += children(child)
    return found


def own_pid(pid: int) -> int | None:
    """What a process is called in its own pid namespace (NSpid); None when it is gone."""
    with suppress(*GONE):
        for line in Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines():
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return None


def threads(pids: list[int]) -> list[Thread]:
    """A look at every thread of these processes."""
    return [thread for pid in pids for thread in _threads(pid)]


def _threads(pid: int) -> Iterator[Thread]:
    with suppress(*GONE):
        for tid in sorted(map(int, os.listdir(f"/proc/{pid}/task"))):  # noqa: PTH208
            with suppress(*GONE):
                folder = f"/proc/{pid}/task/{tid}"
                status = Path(folder, "status").read_text(errors="replace")
                # Read after the status: a thread that was waking up then shows `running` here.
                blocked_in = ""
                with suppress(PermissionError):
                    blocked_in = Path(folder, "syscall").read_text().strip()
                facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
                switches = int(facts["voluntary_ctxt_switches"]), int(facts["nonvoluntary_ctxt_switches"])
                yield Thread(pid, tid, facts["State"][0], blocked_in, switches)


def schedule(pids: list[int]) -> tuple[float, float]:
    """Seconds that the living threads of these processes have run, and have waited for a processor (schedstat)."""
    ran = waited = 0
    for pid in pids:
        with suppress(*GONE):
            for tid in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
                with suppress(*GONE):
                    words = Path(f"/proc/{pid}/task/{tid}/schedstat").read_text().split()
                    ran, waited = ran + int(words[0]), waited + int(words[1])
    return ran / 1e9, waited / 1e9


def stopped(pids: list[int]) -> set[int]:
    """Those of these processes of which a thread is stopped, by a signal (T) or by who traces it (t)."""
    return {pid for pid, state in states(pids) if state in "Tt"}


def states(pids: list[int]) -> set[tuple[int, str]]:
    """Each of these processes, with each state that a thread of it is in."""
    found = set()
    for pid in pids:
        with suppress(*GONE):
            for tid in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
                with suppress(*GONE):
                    # After the name, in brackets, which may hold anything (proc(5)).
                    found.add(
                        (pid, Path(f"/proc/{pid}/task/{tid}/stat").read_bytes().rpartition(b") ")[2][:1].decode())
                    )
    return found


def open_files(pid: int) -> dict[int, str]:
    """What each fd of a process is: a path, or such as `socket:[123]`, `anon_inode:[timerfd]`."""
    found = {}
    with suppress(*CLOSED):
        for fd in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208
            with suppress(*CLOSED):
                found[int(fd)] = str(Path(f"/proc/{pid}/fd/{fd}").readlink())
    return found


def sockets(pids: list[int]) -> dict[int, tuple[int, int]]:
    """Inodes of the sockets that these processes hold, each with a process and its fd."""
    return {
        int(name[len("socket:[") : -1]): (pid, fd)
        for pid in pids
        for fd, name in open_files(pid).items()
        if name.startswith("socket:[")
    }


def memory(pid: int, address: int, size: int) -> bytes:
    """Bytes of a process's memory."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as source:
        source.seek(address)
        return source.read(size)


def asked_length(pid: int, call: SystemCall) -> int | None:
    """How many bytes a blocked receiving call asks for; None when it is no such call, or cannot be read."""
    if call.name in {"read", "recvfrom"}:
        return call.arguments[2]
    with suppress(OSError, struct.error):
        if call.name == "readv":
            return vector_length(pid, call.arguments[1], call.arguments[2])
        if call.name in {"recvmsg", "recvmmsg"}:  # struct msghdr: name, namelen, iov, iovlen
            iov, count = struct.unpack("QQ", memory(pid, call.arguments[1] + 16, 16))
            return vector_length(pid, iov, count)
    return None


def vector_length(pid: int, address: int, count: int) -> int:
    """The bytes that an array of struct iovec has room for."""
    words = struct.unpack(f"{2 * count}Q", memory(pid, address, 16 * count))
    return sum(words[1::2])
