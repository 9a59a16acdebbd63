"""Takes a submission in: reads its files once, as bytes, through no link, and refuses what is no plain file."""

import os
import stat
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_ENTRIES = 2000
MOST_BYTES = 50 * 1024 * 1024
DEEPEST = 20  # folders in folders
SCANNED = 1 << 20  # bytes of a source that are looked at for main() and imports

# What tools leave beside a program, and what no program of the standard library needs.
LEFT_BEHIND = frozenset({"__pycache__", "__MACOSX", "node_modules"})


class SubmissionError(ValueError):
    """A submission that cannot be judged as it is; one line for each mistake, which says what to do."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was handed in."""

    data: bytes = field(repr=False)
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Intake:
    """What was found at a path: its files by relative path, and what was left behind."""

    path: Path
    files: "Mapping[str, SourceFile]" = field(repr=False)
    left_behind: tuple[str, ...] = ()
    single: bool = False

    @property
    def shown(self) -> str:
        """The path as messages show it."""
        return plain(str(self.path))

    @property
    def folder(self) -> str:
        """The name of the folder handed in, or of the folder of the file handed in."""
        whole = Path(os.path.normpath(self.path.absolute()))
        return whole.parent.name if self.single else whole.name


def take_in(path: Path) -> Intake:
    """Read the file or folder at `path`; every refusal is a SubmissionError of one line."""
    reader = _Reader()
    with _told(str(path)):
        mode = os.lstat(path).st_mode
    if stat.S_ISDIR(mode):
        reader.folder(str(path), None, f"{path}/", 0)
        files = {name.removeprefix(f"{path}/"): file for name, file in reader.files.items()}
        left = tuple(name.removeprefix(f"{path}/") for name in reader.left_behind)
        if not files:
            raise SubmissionError(f"{plain(str(path))}: there is no file in this folder")
        return Intake(path, files, left)
    if unreadable := _unreadable(path.name):
        raise SubmissionError(f"{plain(str(path))}: {unreadable}")
    reader.file(str(path), None, str(path), mode)
    return Intake(path, {path.name: reader.files[str(path)]}, single=True)


def plain(name: str) -> str:
    """`name` on one line, as UTF-8 takes it: whatever cannot be printed is escaped."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in name)


@dataclass
class _Reader:
    """Walks by descriptors, so that nothing can be swapped for a link between a look and a read."""

    files: dict[str, SourceFile] = field(default_factory=dict)
    left_behind: list[str] = field(default_factory=list)
    entries: int = 0
    size: int = 0

    def folder(self, name: str, parent: int | None, shown: str, depth: int) -> None:
        """Read all that is in a folder; `shown` is its path, with a slash at the end."""
        if depth > DEEPEST:
            raise SubmissionError(f"{plain(shown)}: folders lie more than {DEEPEST} deep in each other here")
        here = _open(name, parent, shown, os.O_DIRECTORY)
        try:
            names = self._names(here, shown)
            if "pyvenv.cfg" in names:  # a virtual environment: thousands of files, and links to an interpreter
                self.left_behind.append(shown)
                return
            for each in names:
                self._entry(each, here, shown, depth)
        finally:
            os.close(here)

    def _names(self, here: int, shown: str) -> list[str]:
        with _told(shown), os.scandir(here) as entries:
            names = [entry.name for entry in islice(entries, MOST_ENTRIES - self.entries + 1)]
        self.entries += len(names)
        if self.entries > MOST_ENTRIES:
            raise SubmissionError(f"{plain(shown)}: holds too many files: more than {MOST_ENTRIES} in the submission")
        return sorted(names)

    def _entry(self, name: str, here: int, shown: str, depth: int) -> None:
        whole = shown + name
        if unreadable := _unreadable(name):
            raise SubmissionError(f"{plain(whole)}: {unreadable}")
        with _told(whole):
            mode = os.stat(name, dir_fd=here, follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            if name in LEFT_BEHIND or name.startswith("."):
                self.left_behind.append(f"{whole}/")
            else:
                self.folder(name, here, f"{whole}/", depth + 1)
        elif stat.S_ISSOCK(mode):  # what an AF_UNIX server leaves where it was tried
            self.left_behind.append(whole)
        else:
            self.file(name, here, whole, mode)

    def file(self, name: str, parent: int | None, shown: str, mode: int) -> None:
        """Read one plain file; `mode` is what lstat said of it."""
        if not stat.S_ISREG(mode):
            raise SubmissionError(f"{plain(shown)}: is {_kind(mode)}; only plain files and folders are taken")
        # Not blocking: by now it may be a FIFO.
        with os.fdopen(_open(name, parent, shown, os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            room = MOST_BYTES - self.size
            data = file.read(room + 1) if stat.S_ISREG(status.st_mode) and status.st_size <= room else None
        if data is None or len(data) > room:
            raise SubmissionError(f"{plain(shown)}: too large: a submission has at most {MOST_BYTES >> 20} MB in all")
        self.size += len(data)
        self.files[shown] = SourceFile(data, bool(status.st_mode & stat.S_IXUSR))


def _open(name: str, parent: int | None, shown: str, flags: int) -> int:
    with _told(shown):
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=parent)


@contextmanager
def _told(shown: str) -> "Iterator[None]":
    """What the system refuses is a SubmissionError with the file's name."""
    try:
        yield
    except FileNotFoundError:
        raise SubmissionError(f"{plain(shown)}: there is nothing here") from None
    except (OSError, ValueError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else wrong
        raise SubmissionError(f"{plain(shown)}: cannot be read: {reason}") from None


def _unreadable(name: str) -> str | None:
    """What is wrong with a file's name, which has to be shown in reports of every kind."""
    kinds = {unicodedata.category(letter) for letter in name}
    if "Cs" in kinds:  # a byte that is no UTF-8, as os.fsdecode keeps it
        return "this name is not UTF-8; rename it (names packed on Windows are often in GBK)"
    if kinds & {"Cc", "Cf", "Zl", "Zp"}:
        return "this name has characters in it that cannot be seen; rename it"
    return None


def _kind(mode: int) -> str:
    kinds = {
        stat.S_ISLNK: "a symbolic link, and none is followed",
        stat.S_ISFIFO: "a FIFO",
        stat.S_ISSOCK: "a socket",
        stat.S_ISCHR: "a device",
        stat.S_ISBLK: "a device",
    }
    return next((words for test, words in kinds.items() if test(mode)), "no plain file")
