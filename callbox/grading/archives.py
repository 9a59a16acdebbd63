"""Unpacks archives that nobody vouches for: plain files and folders only, below one folder, and only so much of them.

Nothing is believed that an archive says of itself: sizes are counted while bytes are read, and each file is written by
us under a name that we made sure of, so that no link, device or path outside can come of it.
"""

import bz2
import errno
import gzip
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import IO

from callbox.grading.entries import Entry, Limited, Stream, safe_parts, tar_entries, zip_entries
from callbox.intake import DEEPEST, LEFT_BEHIND, MOST_BYTES, MOST_ENTRIES, SubmissionError, plain

SUFFIXES = (".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz", ".tar", ".zip")
OTHER_SUFFIXES = (".rar", ".7z", ".tar.zst", ".gz", ".xz", ".bz2")  # archives all the same, which we do not open
CHUNK = 1 << 16
OURS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENFILE, errno.EMFILE})  # this machine's, no archive's
RATIO = 200  # times its own size: source text packs to a fifth or a tenth, deflate cannot exceed 1032
RATIO_FROM = 1 << 20  # bytes; below, a high ratio harms nobody


@dataclass(frozen=True, slots=True)
class Caps:
    """How much may come out of an archive; `each` student's part of an export has a submission's own limits."""

    entries: int
    size: int
    each: bool


ONE_STUDENT = Caps(10_000, MOST_BYTES, each=False)  # what is judged of it has still to be fewer: a venv is not
WHOLE_CLASS = Caps(100_000, 4 << 30, each=True)


def archive_suffix(name: str) -> str:
    """The end of a name by which it is an archive, "" when it is none."""
    lower = name.lower()
    return next((name[-len(suffix) :] for suffix in (*SUFFIXES, *OTHER_SUFFIXES) if lower.endswith(suffix)), "")


def unpack(archive: Path, into: Path, caps: Caps = ONE_STUDENT) -> tuple[str, ...]:
    """Unpack into the new folder `into`; returns notes on what was left out. A SubmissionError (one line) says why not;
    an OSError is this machine's: a full disk.

    What was unpacked before the error is found stays there: the caller owns the folder. Archives inside are not unpacked.
    """
    shown = plain(archive.name)
    with _told(shown), _opened(archive, caps) as (file, size):
        entries = _reader(file, caps)
        target = _Target(into, caps, size, shown, depth=_depth(entries()) if caps.each else 0)
        into.mkdir(parents=True)
        for entry in entries():
            if caps.each:
                target.take_or_leave(entry)
            else:
                target.take(entry)
        return target.notes()


@contextmanager
def _opened(archive: Path, caps: Caps) -> Iterator[tuple[IO[bytes], int]]:
    """The archive and its size in bytes, when it is a plain file that is not too large."""
    with os.fdopen(os.open(archive, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise SubmissionError("is no plain file")
        if status.st_size > caps.size:
            raise SubmissionError(f"too large: at most {caps.size >> 20} MB are unpacked")
        if not status.st_size:
            raise SubmissionError("is empty")
        yield file, status.st_size


@contextmanager
def _told(shown: str) -> Iterator[None]:
    """Whatever a broken archive does to its reader is one line with its name."""
    try:
        yield
    except SubmissionError as wrong:
        raise SubmissionError(f"{shown}: {wrong}") from None
    except OSError as wrong:
        if wrong.errno in OURS:
            raise
        raise SubmissionError(f"{shown}: cannot be unpacked: {wrong.strerror or plain(str(wrong))}") from None
    except MemoryError:
        raise SubmissionError(f"{shown}: cannot be unpacked: it asks for too much memory") from None
    except (*_BROKEN, EOFError, ValueError, OverflowError, RuntimeError) as wrong:
        raise SubmissionError(f"{shown}: is broken: {plain(str(wrong)) or type(wrong).__name__}") from None


_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error, KeyError, IndexError)
_EXPAND: Mapping[bytes, Callable[[IO[bytes]], Stream]] = MappingProxyType(
    {
        b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
        b"BZh": bz2.BZ2File,
        b"\xfd7zXZ\0": lzma.LZMAFile,
    }
)


def _reader(file: IO[bytes], caps: Caps) -> Callable[[], Iterator[Entry]]:
    """How to go through its entries, from the first one, by what is in the file; its name does not matter."""
    start = file.read(512)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return lambda: zip_entries(file, caps.entries)
    expand = next((expand for magic, expand in _EXPAND.items() if start.startswith(magic)), None)
    if expand is None and start[257:262] != b"ustar":
        named = {b"Rar!": "a RAR archive", b"7z\xbc\xaf": "a 7z archive", b"(\xb5/\xfd": "a Zstandard archive"}
        what = next((words for magic, words in named.items() if start.startswith(magic)), "no archive that we can open")
        raise SubmissionError(f"is {what}; hand in a .zip or .tar.gz")

    def entries() -> Iterator[Entry]:
        file.seek(0)
        # Headers and padding take at most 2 KB an entry, and what is skipped has to be expanded, too.
        yield from tar_entries(Limited(expand(file) if expand else file, 2 * caps.size + 2048 * caps.entries))

    return entries


def _depth(entries: Iterator[Entry]) -> int:
    """How deep a student's part of an export lies: 0, or 1 below the one folder that holds everything."""
    names = ((entry.name.replace("\\", "/").strip("/"), entry.is_folder) for entry in entries)
    tops = {(name.split("/")[0], folder or "/" in name) for name, folder in names if name}
    tops = {(top, folder) for top, folder in tops if top not in LEFT_BEHIND and not top.startswith(".")}
    return 1 if len(tops) == 1 and tops.pop()[1] else 0


class _TooMuchError(SubmissionError):
    """More than may come out of the archive as a whole."""


@dataclass
class _Target:
    """Where it is unpacked to, and how much of it has been."""

    into: Path
    caps: Caps
    archive_size: int
    shown: str
    depth: int
    entries: int = 0
    size: int = 0
    shares: Counter[str] = field(default_factory=Counter)
    """bytes, by a student's part"""
    counts: Counter[str] = field(default_factory=Counter)
    """entries, by a student's part"""
    left_out: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    def take_or_leave(self, entry: Entry) -> None:
        """Unpack one entry of an export. What one student has put in it is no reason to refuse all the others."""
        try:
            self.take(entry)
        except _TooMuchError:
            raise
        except SubmissionError as wrong:
            self.left_out.append(f"{plain(entry.name[:200])} ({wrong})")
        except OSError as wrong:
            if wrong.errno in OURS:
                raise
            self.left_out.append(f"{plain(entry.name[:200])} ({wrong.strerror})")

    def take(self, entry: Entry) -> None:
        """Unpack one entry, or note that it is left out."""
        parts = safe_parts(entry.name)
        folders = parts if entry.is_folder else parts[:-1]
        if not parts or any(folder in LEFT_BEHIND or folder[0] == "." for folder in folders):
            self.leave_behind(folders)
            return
        if len(parts) > DEEPEST + self.depth:
            raise SubmissionError(f"has folders in folders, more than {DEEPEST} deep")
        self.entries += 1
        if self.entries > self.caps.entries:
            raise _TooMuchError(f"holds too many files: more than {self.caps.entries}")
        share = self.share(parts)
        self.counts[share] += 1
        if self.caps.each and self.counts[share] > MOST_ENTRIES + 1:  # one too many is kept, by which it shows
            return
        path = self.into.joinpath(*parts)
        if not entry.is_plain:
            self.left_out.append(f"{plain(str(PurePosixPath(*parts)))} ({entry.kind})")
        elif entry.is_folder:
            path.mkdir(parents=True, exist_ok=True)
        else:
            self.write(path, parts, entry)

    def leave_behind(self, folders: tuple[str, ...]) -> None:
        """No submission's files are read from such folders. But that there is a .git tells where a class comes from."""
        if self.caps.each and ".git" in folders:
            self.into.joinpath(*folders[: folders.index(".git") + 1]).mkdir(parents=True, exist_ok=True)

    def share(self, parts: tuple[str, ...]) -> str:
        """The student's part of an export that this belongs to."""
        return parts[self.depth] if self.depth < len(parts) else ""

    def write(self, path: Path, parts: tuple[str, ...], entry: Entry) -> None:
        """Write one file; of several with the same name the last one counts, as for zip and tar."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            self.twice.append(plain(str(PurePosixPath(*parts))))
            path.unlink()
        share = self.share(parts)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, entry.mode)
        with os.fdopen(descriptor, "wb") as file, entry.open() as source:
            # One byte too many is kept of a student's part that is too large: so its reader will say that it is.
            while (room := self.room(share)) and (data := source.read(min(CHUNK, room))):
                self.count(share, len(data))
                file.write(data)

    def room(self, share: str) -> int:
        """How many bytes may yet come, with one more, by which it is known that there are too many."""
        return max(0, MOST_BYTES + 1 - self.shares[share]) if self.caps.each else CHUNK

    def count(self, share: str, size: int) -> None:
        """Stop where it becomes too large."""
        self.size += size
        self.shares[share] += size
        if self.size > self.caps.size:
            raise _TooMuchError(f"too large: more than {self.caps.size >> 20} MB come out of it")
        if not self.caps.each and self.size > max(RATIO_FROM, RATIO * self.archive_size):
            raise SubmissionError(f"is packed too well to be true: more than {RATIO} times its size comes out of it")

    def notes(self) -> tuple[str, ...]:
        """What a person should know of it."""
        notes = [f"{self.shown}: {name} is left out" for name in _some(self.left_out)]
        return (*notes, *(f"{self.shown}: {name} is in it twice; the last one counts" for name in _some(self.twice)))


def _some(names: list[str]) -> list[str]:
    return names if len(names) <= 5 else [*names[:5], f"… ({len(names) - 5} more)"]
