"""Whose a hand-in is, and which files are said to be its: what the forms of hand-ins are read into."""

import os
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from callbox.grading.entries import readable
from callbox.grading.result import Student
from callbox.intake import LEFT_BEHIND, SubmissionError, plain

MOST_STUDENTS = 20_000


@dataclass(frozen=True, slots=True)
class Part:
    """A file or folder that was handed in, and the name it has in the hand-in."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said to be one student's; nothing of it has been read."""

    student: Student
    parts: tuple[Part, ...]
    problem: str = ""
    late: bool | None = None
    handed_in: datetime | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claims:
    """All that was found in a folder, and what a person should know of how it was read."""

    claims: tuple[Claim, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """What is directly in a folder, through no link, without what tools leave behind."""

    folder: Path
    folders: tuple[Path, ...]
    files: tuple[Path, ...]
    """and all that is no folder: a link or FIFO shows when it is read"""

    @property
    def entries(self) -> tuple[Path, ...]:
        """Folders and files."""
        return (*self.folders, *self.files)


def listing(folder: Path) -> Listing:
    """Look into a folder; what cannot be looked at is a SubmissionError."""
    folders: list[Path] = []
    files: list[Path] = []
    try:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.startswith(".") or entry.name in LEFT_BEHIND:
                    continue
                (folders if entry.is_dir(follow_symlinks=False) else files).append(Path(entry.path))
    except OSError as wrong:
        raise SubmissionError(f"{plain(str(folder))}: cannot be read: {wrong.strerror}") from None
    if len(folders) + len(files) > MOST_STUDENTS:
        raise SubmissionError(f"{plain(str(folder))}: more than {MOST_STUDENTS} files and folders are no class")
    return Listing(folder, tuple(folders), tuple(files))


def spoken(name: str) -> str:
    """A name on disk as people write it: decoded, composed (a Mac's é is two letters), on one line."""
    [text] = readable([os.fsencode(name)])
    return plain(unicodedata.normalize("NFC", text))


def left_aside(top: Listing, known: Collection[Path], platform: str) -> tuple[str, ...]:
    """What in a platform's download is nobody's, said aloud."""
    others = [path for path in top.entries if path not in known]
    return tuple(f"{plain(path.name)}: left aside, {platform} names no hand-in so" for path in others)
