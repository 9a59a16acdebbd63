"""What is in a zip or tar archive, entry by entry, read as far as it can be believed."""

import io
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import IO, Protocol

from callbox.intake import SubmissionError, plain

# What Windows and the tools of China, Europe and America write into a zip that does not say UTF-8.
ENCODINGS = ("utf-8", "gbk", "cp437")
_RECORD = b"PK\x01\x02"  # begins each entry of a zip's central directory
_HEADER = 30  # bytes before the name in an entry's local header
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in an archive. `kind` is "file", "folder", or what it is instead."""

    name: str
    kind: str
    executable: bool
    open: Callable[[], IO[bytes]]

    @property
    def is_folder(self) -> bool:
        """Is it a folder?"""
        return self.kind == "folder"

    @property
    def is_plain(self) -> bool:
        """Is it a file or a folder: the only things that are unpacked?"""
        return self.kind in {"file", "folder"}

    @property
    def mode(self) -> int:
        """The permissions that its file gets."""
        return 0o755 if self.executable else 0o644


def safe_parts(name: str) -> tuple[str, ...]:
    r"""The folders and the file that a name in an archive stands for. Windows' `\` separates, as `/` does.

    What leads out of the folder, or out of any, is a SubmissionError: no honest archive has it.
    """
    whole = name.replace("\\", "/")
    if whole.startswith("/") or re.match(r"[A-Za-z]:", whole):
        raise SubmissionError(f"holds {plain(name)}, an absolute path")
    parts = tuple(part for part in whole.split("/") if part not in {"", "."})
    if ".." in parts:
        raise SubmissionError(f"holds {plain(name)}, which leads out of it")
    return parts


def readable(names: Sequence[bytes]) -> list[str]:
    """Names of one archive as text, in the first encoding that all of them are in (every byte is something in cp437)."""
    for encoding in ENCODINGS:
        try:
            return [name.decode(encoding) for name in names]
        except UnicodeDecodeError:
            continue
    raise AssertionError("cp437 has all bytes")


def zip_entries(file: IO[bytes], most: int) -> Iterator[Entry]:
    """The entries of a zip archive; `most` is far fewer than would fill the memory."""
    if _records(file) > 2 * most:
        raise SubmissionError(f"holds too many files: more than {most}")
    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
        _apart(infos)
        unsaid = [info for info in infos if not info.flag_bits & 0x800]  # bit 11: the name is UTF-8
        said = dict(zip(map(id, unsaid), readable([info.filename.encode("cp437") for info in unsaid]), strict=True))
        for info in infos:
            yield _zip_entry(archive, info, said.get(id(info), info.filename))


def _records(file: IO[bytes]) -> int:
    """How many entries its directory can have at most: zipfile would make an object of each before we could count."""
    file.seek(0)
    count, tail = 0, b""
    while data := file.read(1 << 20):
        count += (tail + data).count(_RECORD)
        tail = data[-len(_RECORD) + 1 :]
    return count


def _apart(infos: Sequence[zipfile.ZipInfo]) -> None:
    """Entries that share their bytes are how a small archive holds a petabyte (Fifield, A better zip bomb, 2019)."""
    infos = sorted(infos, key=lambda info: info.header_offset)
    for info, following in pairwise(infos):
        if info.header_offset + _HEADER + info.compress_size > following.header_offset:
            raise SubmissionError("has entries that overlap, as no honest archive has")


def _zip_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Entry:
    mode = info.external_attr >> 16  # 0 when it was packed on Windows
    kinds = {0: "file", stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "a link"}
    kind = "folder" if name.replace("\\", "/").endswith("/") else kinds.get(stat.S_IFMT(mode), "no plain file")
    if kind == "file":
        if info.flag_bits & 0x1:
            raise SubmissionError("is encrypted; hand it in without a password")
        if info.compress_type not in _METHODS:  # the others would be expanded without a limit
            raise SubmissionError(f"packs {plain(name)} in a way that is rare; use an ordinary zip")
    return Entry(name, kind, bool(mode & stat.S_IXUSR), partial(archive.open, info))


class Stream(Protocol):
    """What can be read."""

    def read(self, size: int = ..., /) -> bytes:
        """Up to `size` bytes; none at the end."""


class Limited(io.RawIOBase):
    """A stream of which only so much is read: headers of a tar archive can claim any size, and are read whole."""

    def __init__(self, file: Stream, most: int) -> None:
        self.file = file
        self.left = most

    def readable(self) -> bool:
        """It can be read, and nothing else."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; SubmissionError when there have been too many."""
        data = self.file.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self.left -= len(data)
        if self.left < 0:
            raise SubmissionError("too large: too much comes out of it")
        return data


def tar_entries(stream: Limited) -> Iterator[Entry]:
    """The entries of an expanded tar archive, each to be read before the next is asked for."""
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        while (member := archive.next()) is not None:
            kind = "file" if member.isreg() else "folder" if member.isdir() else _tar_kind(member)
            [name] = readable([member.name.encode("utf-8", "surrogateescape")])
            yield Entry(name, kind, bool(member.mode & stat.S_IXUSR), partial(_content, archive, member))


def _tar_kind(member: tarfile.TarInfo) -> str:
    kinds = {"a link": member.islnk() or member.issym(), "a FIFO": member.isfifo(), "a device": member.isdev()}
    return next((words for words, holds in kinds.items() if holds), "no plain file")


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member)
    if content is None:
        raise SubmissionError(f"holds {plain(member.name)}, which has no content")
    return content
