"""The small trusted process inside the box, and the lobby it is forked from: does what `booth` asks and ends with it.

Run by path with nothing but the standard library, so that it starts fast and stays small. A request is one SOCK_SEQPACKET
message of JSON with its file descriptors (SCM_RIGHTS); so is its answer, after which, if it had some, `{}` tells that the
attendant has closed its own copies. What goes wrong is told as `{"error", "errno"}`.
The end of the control socket is the end of the attendant, and as it is pid 1 of its pid namespace the kernel then ends
everything in the box (pid_namespaces(7)).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import resource
import shutil
import signal
import socket
import stat
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER = 0x20000, 0x4000000, 0x8000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x8, 0x4000, 0x40000
SYS_OPEN_TREE, SYS_MOVE_MOUNT = 428, 429  # on every machine
AT_FDCWD, AT_RECURSIVE, OPEN_TREE_CLONE, MOVE_MOUNT_F_EMPTY_PATH = -100, 0x8000, 0x1, 0x4
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 4, 36
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
RTM_NEWROUTE, RTM_DELROUTE, RTN_LOCAL, RT_TABLE_LOCAL, RT_SCOPE_HOST = 24, 25, 2, 255, 254
RTA_DST, RTA_OIF, RTA_METRICS, RTAX_QUICKACK = 1, 4, 8, 15
NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE, NLMSG_ERROR = 0x1, 0x4, 0x400, 2
MESSAGE = 1 << 16  # bytes: the longest request, answer
NOBODY = 65534
ROOM = Path("/tmp")
ETH_P_ALL = 0x3
RLIMITS = {name: getattr(resource, f"RLIMIT_{name.upper()}") for name in ("nofile", "nproc", "fsize", "core", "data")}

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> None:
    """Raise OSError when a C call said -1."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def receive(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """One message and its file descriptors; None at the end of the control socket."""
    data, fds, _, _ = socket.recv_fds(control, MESSAGE, 64)
    return (json.loads(data) if data else None), fds


def answer(control: socket.socket, message: dict[str, Any], fds: list[int] = []) -> None:  # noqa: B006 - never changed
    """Send one answer."""
    socket.send_fds(control, [json.dumps(message).encode()], fds)


def close(fds: list[int]) -> None:
    """Close what came with a message or went with an answer."""
    for fd in fds:
        os.close(fd)


# ---- the lobby: one for each worker, forks a guardian and an attendant for each box


def lobby(control: socket.socket, *, isolated: bool) -> None:
    """Fork a box for every request until the bench is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the bench: it closes us
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # and no zombies
    os.setsid()
    if isolated:
        with contextlib.suppress(OSError):  # it is faster, and nothing but that
            keep_tables_small()
    while True:
        request, fds = receive(control)
        if request is None:
            return
        if os.fork() == 0:
            control.close()
            guard(request, fds)
        close(fds)


def keep_tables_small() -> None:
    """Enter a network from which the boxes' descend, with small hash tables: to list the sockets of a namespace the kernel
    walks through its whole table, which otherwise is the machine's, a millisecond long (ip-sysctl, tcp_child_ehash_entries)."""
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        checked(libc.unshare(CLONE_NEWNET), "unshare")
    else:
        checked(libc.unshare(CLONE_NEWUSER | CLONE_NEWNET), "unshare")
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            Path("/proc/self", name).write_text(text)
    for name, slots in (("tcp_child_ehash_entries", 128), ("udp_child_hash_entries", 128)):
        with contextlib.suppress(OSError):  # Linux 6.1 and 6.3 brought them
            Path("/proc/sys/net/ipv4", name).write_text(str(slots))


def guard(request: dict[str, Any], fds: list[int]) -> NoReturn:
    """Enter the namespaces and fork the attendant into them; stay, because a pid namespace is entered by children only."""
    control = socket.socket(fileno=fds[0])
    trees: list[int] = []
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if not request["isolate"]:
            serve(control, request, trees)
        trees = enter_namespaces(request["folders"])
        capture = open_capture()  # our copy is closed last: that takes 10 ms (packet_release), and nobody waits for us
        die_with_parent()
        if os.fork() == 0:
            die_with_parent()
            serve(control, request, trees, capture)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the bench is told
        tell(control, error)
        os._exit(1)
    control.close()
    os.wait()
    os._exit(0)


def open_capture() -> socket.socket | None:
    """A socket that sees every packet in our network from now on; None where the kernel has none (packet(7))."""
    with contextlib.suppress(OSError):
        return socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    return None


def die_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """Be killed when the parent dies. Asked for after each change of credentials, which clears it (prctl(2))."""
    parent = os.getppid()
    checked(libc.prctl(PR_SET_PDEATHSIG, number), "prctl")
    if parent != os.getppid():
        os._exit(1)


def enter_namespaces(folders: list[str]) -> list[int]:
    """Become the root of a user namespace of our own, with every other namespace in it. From root: as nobody first, so that
    the student's program has no claim on root's files, and /proc/sys is not its to write. The folders come along as
    detached mounts, taken while we can still see them."""
    trees: list[int] = []
    if root := os.geteuid() == 0:
        trees = [open_tree(folder) for folder in folders]
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        checked(libc.prctl(PR_SET_DUMPABLE, 1), "prctl")  # or /proc/self would be root's
    uid, gid = os.geteuid(), os.getegid()
    checked(
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS), "unshare"
    )
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        Path("/proc/self", name).write_text(text)
    return trees if root else [open_tree(folder) for folder in folders]


def open_tree(folder: str) -> int:
    """A detached copy of the mounts at a folder (open_tree(2)); glibc before 2.36 has no name for the call."""
    number = libc.syscall(SYS_OPEN_TREE, AT_FDCWD, os.fsencode(folder), OPEN_TREE_CLONE | AT_RECURSIVE)
    checked(number, f"open_tree {folder}")
    return int(number)


# ---- the attendant


def serve(
    control: socket.socket, request: dict[str, Any], trees: list[int], capture: socket.socket | None = None
) -> NoReturn:
    """Furnish the box, say so, with the capture of its packets, and do what is asked until the bench hangs up."""
    attendant = Attendant(request)
    try:
        attendant.furnish(trees)
        answer(control, {"ready": True}, [capture.fileno()] if capture else [])
        if capture:
            capture.close()
        while True:
            message, fds = receive(control)
            if message is None:
                break
            try:
                try:
                    reply, sent = getattr(attendant, "do_" + message.pop("do"))(fds=fds, **message)
                finally:
                    close(fds)  # before the answer: the bench may count on our copies being gone once it has it
                answer(control, reply, sent)
                close(sent)
                if sent:  # a socket is closed when its last copy is: the bench must know that ours is gone
                    answer(control, {})
            except OSError as error:
                tell(control, error)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the bench is told
        tell(control, error)
    attendant.end()
    os._exit(0)


def tell(control: socket.socket, error: BaseException) -> None:
    """Say what went wrong."""
    number = error.errno if isinstance(error, OSError) else None
    with contextlib.suppress(OSError):  # the bench may be gone already
        answer(control, {"error": f"{type(error).__name__}: {error}", "errno": number})


class Attendant:
    """What can be asked for in a box: each `do_NAME` is a request."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.isolated: bool = request["isolate"]
        self.room = ROOM if self.isolated else Path(request["room"])
        self.room_bytes: int = request["room_bytes"]

    @property
    def work(self) -> Path:
        """The program's work folder, seen from the attendant."""
        return self.room / "work"

    def furnish(self, trees: list[int]) -> None:
        """A network that owns every address, and a room: work folder, empty home, and the folders brought along."""
        if self.isolated:
            socket.sethostname("callbox")
            bring_up_loopback()
            checked(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "make / private")
            # Bubblewrap looks up its child in /proc: in the host's, the number may be nobody's.
            checked(libc.mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, None), "mount /proc")
            options = f"size={self.room_bytes},nr_inodes=20000,mode=755".encode()
            checked(libc.mount(b"tmpfs", bytes(self.room), b"tmpfs", MS_NOSUID | MS_NODEV, options), "mount tmpfs")
        else:
            checked(libc.prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl")
            signal.signal(signal.SIGTERM, self.hang_up)
            die_with_parent(signal.SIGTERM)
        self.work.mkdir()
        for number, tree in enumerate(trees):
            place = self.room / f"mount{number}"
            place.mkdir()
            where = ctypes.c_char_p(bytes(place))
            checked(libc.syscall(SYS_MOVE_MOUNT, tree, b"", AT_FDCWD, where, MOVE_MOUNT_F_EMPTY_PATH), "move_mount")
            os.close(tree)

    def do_socket(self, family: int, type: int, proto: int, fds: list[int]) -> tuple[dict[str, Any], list[int]]:  # noqa: A002, ARG002
        """A socket made in the box's network namespace: it stays there, whoever holds it."""
        return {}, [socket.socket(family, type, proto).detach()]

    def do_write(self, table: int, fds: list[int]) -> tuple[dict[str, Any], list[int]]:
        """Fill the room from the one fd: first `table` bytes of JSON, (path, mode, size) of each file, then their bytes; of a
        link, where it leads."""
        with os.fdopen(os.dup(fds[0]), "rb") as source:
            for name, mode, size in json.loads(source.read(table)):
                path = self.room / name
                path.parent.mkdir(parents=True, exist_ok=True)
                if stat.S_ISLNK(mode):
                    path.symlink_to(os.fsdecode(source.read(size)))
                    continue
                path.write_bytes(source.read(size))
                path.chmod(mode)
        return {}, []

    def do_read(self, limit: int, fds: list[int]) -> tuple[dict[str, Any], list[int]]:  # noqa: ARG002
        """What is in the work folder, as `do_write` takes it: regular files only, `limit` bytes at most."""
        files: list[tuple[str, int, int]] = []
        contents: list[bytes] = []
        for folder, _, names in os.walk(self.work):
            for path in (Path(folder, name) for name in sorted(names)):
                status = path.lstat()
                if not stat.S_ISREG(status.st_mode):
                    continue
                # A program that still runs could have put a link or a pipe in its place, or let it grow.
                with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as source:
                    contents.append(source.read(limit + 1))
                limit -= len(contents[-1])
                if limit < 0:
                    raise OSError(errno.EFBIG, "the work folder holds more than can be taken out of the box")
                files.append((str(path.relative_to(self.room)), stat.S_IMODE(status.st_mode), len(contents[-1])))
        table = json.dumps(files).encode()
        with os.fdopen(os.memfd_create("work"), "wb") as target:
            target.writelines([table, *contents])
            target.flush()
            return {"table": len(table)}, [os.dup(target.fileno())]

    def do_run(
        self, argv: list[str], env: dict[str, str], limits: dict[str, int], folder: str, fds: list[int]
    ) -> tuple[dict[str, Any], list[int]]:
        """Start a program in a folder of the work folder, with the three fds as its standard ones; a pidfd comes back."""
        (self.work / folder).mkdir(exist_ok=True)
        pid = os.fork()
        if pid == 0:
            try:
                become(argv, env, limits, self.work / folder, fds)
            except BaseException as error:  # noqa: BLE001 - there is nobody else to tell
                os.write(2, f"cannot start: {error}\n".encode())
            os._exit(127)
        return {"pid": pid}, [os.pidfd_open(pid)]

    def do_wait(self, pid: int, fds: list[int]) -> tuple[dict[str, Any], list[int]]:  # noqa: ARG002
        """The exit status of a program that has ended (minus the signal that ended it); None while it runs."""
        done, status = os.waitpid(pid, os.WNOHANG)
        return {"status": os.waitstatus_to_exitcode(status) if done else None}, []

    def do_unix(self, path: str, listen: int | None, fds: list[int]) -> tuple[dict[str, Any], list[int]]:  # noqa: ARG002
        """A stream socket connected to a path of the work folder, or listening there."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
            if listen is not None:
                end.bind(str(self.work / path))
                end.listen(listen)
            else:
                end.setblocking(False)
                place = open_inside(self.work, path)
                try:
                    end.connect(f"/proc/self/fd/{place}")
                finally:
                    os.close(place)
            return {}, [end.detach()]

    def do_inode(self, path: str, fds: list[int]) -> tuple[dict[str, Any], list[int]]:  # noqa: ARG002
        """The inode of a file of the work folder."""
        place = open_inside(self.work, path)
        try:
            return {"inode": os.fstat(place).st_ino}, []
        finally:
            os.close(place)

    def end(self) -> None:
        """Outside a pid namespace nobody ends the box for us: kill what we started and what fell to us as subreaper, and
        remove the room."""
        if self.isolated:
            return
        while children := own_children():
            for pid in children:
                os.kill(pid, signal.SIGKILL)
            for pid in children:
                os.waitpid(pid, 0)
        remove(self.room)

    def hang_up(self, *_: object) -> NoReturn:
        """The lobby is gone."""
        self.end()
        os._exit(0)


def remove(room: Path) -> None:
    """Remove a folder and what is in it, though its program may have locked parts of it."""
    for place, names, _ in os.walk(room):  # a folder is looked into after it was named here
        for path in (Path(place, name) for name in names):
            if not path.is_symlink():
                path.chmod(stat.S_IRWXU)
    shutil.rmtree(room, ignore_errors=True)


def open_inside(folder: Path, path: str) -> int:
    """An O_PATH fd of what lies at a path in a folder. No link is followed on the way: one of the student's could lead to a
    socket of the host."""
    place = os.open(folder, os.O_PATH)
    for part in Path(path).parts:
        try:
            inner = os.open(part, os.O_PATH | os.O_NOFOLLOW, dir_fd=place)
        finally:
            os.close(place)
        place = inner
    return place


def own_children() -> list[int]:
    """Children of this process, adopted ones too."""
    pid = os.getpid()
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def become(argv: list[str], env: dict[str, str], limits: dict[str, int], folder: Path, fds: list[int]) -> NoReturn:
    """In the child: standard fds only, limits, default signals, exec."""
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
    os.closerange(3, 1 << 20)
    for name, value in limits.items():
        hard = resource.getrlimit(RLIMITS[name])[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(RLIMITS[name], (most, most))
    for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGCHLD, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.chdir(folder)
    os.execve(argv[0], argv, env)


def bring_up_loopback() -> None:
    """Set lo up, and let it own every address: whatever a program dials or binds is here (ip-route(8), type local). Every
    segment is acknowledged at once (quickack): what is not, when a program closes a conversation of which it has not read all,
    its kernel throws away. The routes that the kernel made, which are nearer and know nothing of that, are taken away."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack_from("H", fcntl.ioctl(end, SIOCGIFFLAGS, request), 16)[0]
        fcntl.ioctl(end, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))
    at_once = attribute(RTA_METRICS, attribute(RTAX_QUICKACK, struct.pack("=I", 1)))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as route:
        change_route(route, RTM_NEWROUTE, "0.0.0.0", 0, at_once)
        change_route(route, RTM_DELROUTE, "127.0.0.0", 8)
        change_route(route, RTM_DELROUTE, "127.0.0.1", 32)
        with suppress(OSError):  # a machine may have no IPv6
            change_route(route, RTM_NEWROUTE, "::", 0, at_once)
            change_route(route, RTM_DELROUTE, "::1", 128)


def change_route(route: socket.socket, change: int, address: str, bits: int, more: bytes = b"") -> None:
    """Add a local route by lo to the kernel's table, or take one away (rtnetlink(7)). Raises OSError where the kernel refuses."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    body = struct.pack("=BBBBBBBBI", family, bits, 0, 0, RT_TABLE_LOCAL, 0, RT_SCOPE_HOST, RTN_LOCAL, 0)
    body += attribute(RTA_DST, socket.inet_pton(family, address)) if bits else b""
    body += attribute(RTA_OIF, struct.pack("=I", socket.if_nametoindex("lo"))) + more
    flags = NLM_F_REQUEST | NLM_F_ACK | (NLM_F_CREATE if change == RTM_NEWROUTE else 0)
    route.send(struct.pack("=IHHII", 16 + len(body), change, flags, 1, 0) + body)
    _, kind, _, _, _, error = struct.unpack_from("=IHHIIi", route.recv(4096))
    if kind == NLMSG_ERROR and error:
        raise OSError(-error, f"cannot route {address}/{bits} to lo: {os.strerror(-error)}")


def attribute(kind: int, value: bytes) -> bytes:
    """A netlink attribute (netlink(7), struct rtattr); its value is a multiple of four bytes long."""
    return struct.pack("=HH", 4 + len(value), kind) + value


if __name__ == "__main__":
    lobby(socket.socket(fileno=int(sys.argv[1])), isolated=sys.argv[2] == "booth")
