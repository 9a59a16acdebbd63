"""One student's hand-in made ready to be judged: unpacked, put together and looked at; or the reason why it is not."""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from callbox.grading.archives import OURS, archive_suffix, unpack
from callbox.grading.claims import Claim, Part, listing
from callbox.grading.entries import safe_parts
from callbox.grading.result import Student
from callbox.hints import hint, plain_words, programs
from callbox.intake import Intake, SourceFile, SubmissionError, plain, take_in
from callbox.listing import LISTING
from callbox.submission import why_none


@dataclass(frozen=True, slots=True)
class HandIn:
    """What one student handed in."""

    student: Student
    path: Path | None
    """for callbox.submission.find; None when there is a problem"""
    problem: str = ""
    """why it cannot be judged, "" when it can"""
    late: bool | None = None
    """None when nothing tells"""
    handed_in: datetime | None = None
    """with its time zone"""
    notes: tuple[str, ...] = ()
    content_hash: str = ""
    """SHA-256 over the names and bytes of what is judged, in hexadecimal; "" when it cannot be read"""

    @property
    def folder(self) -> str:
        """The words in the name of its folder, by which a program without a telling name may have its role."""
        path = self.path or Path()
        return plain_words((path.parent if path.is_file() else path).name)


def settled(claim: Claim, into: Path) -> HandIn:
    """The hand-in of a claim; what is unpacked or put together goes into the new folder `into`.

    Whether a language can be run here is not asked: that is this machine's affair, no student's.
    """
    path, problem, notes, content = None, claim.problem, claim.notes, ""
    if not problem:
        try:
            path, more = _laid_out(claim.parts, into)
            notes = (*notes, *more)
            intake = _read(path)
            content = content_hash(intake.files)
            problem = _unfit(intake)
        except SubmissionError as wrong:
            problem = str(wrong)
        except OSError as wrong:  # a name too long for a file of ours, say
            if wrong.errno in OURS:
                raise
            problem = f"cannot be read: {wrong.strerror}"
    whole = None if problem else path
    return HandIn(claim.student, whole, problem, claim.late, claim.handed_in, notes, content)


def content_hash(files: Mapping[str, SourceFile]) -> str:
    """SHA-256 over names and bytes; the same on a Mac, which writes é as two letters."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for data in (unicodedata.normalize("NFC", name).encode(errors="surrogateescape"), files[name].data):
            digest.update(f"{len(data)}:".encode())
            digest.update(data)
    return digest.hexdigest()


def _laid_out(parts: tuple[Part, ...], into: Path) -> tuple[Path, tuple[str, ...]]:
    """Where all parts are, together and unpacked, and notes on that."""
    if not parts:
        raise SubmissionError("missing: nothing was handed in")
    first = parts[0]
    if len(parts) == 1 and archive_suffix(first.name):
        return _unpacked([first.path], [first.name], into)
    alone = len(parts) == 1 and (first.name == first.path.name or first.path.is_dir())
    # The folder's name may say a role: it is kept.
    path = first.path if alone else _together(parts, into / first.path.absolute().parent.name)
    if path.is_symlink() or not path.is_dir():
        return path, ()
    intake = _read(path)
    archives = [name for name in intake.files if archive_suffix(name)]
    if _has_program(intake) or not archives:
        return _inner(path), tuple(f"{plain(name)}: left aside, the programs beside it count" for name in archives)
    return _unpacked([path / name for name in archives], archives, into / "unpacked")


def _together(parts: tuple[Part, ...], folder: Path) -> Path:
    """The parts in a new folder, each under its name."""
    for part in parts:
        intake = _read(part.path)
        base = folder.joinpath(*safe_parts(part.name))
        for name, file in intake.files.items():
            _write(base if intake.single else base / name, file)
    return folder


def _write(path: Path, file: SourceFile) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.data)
    path.chmod(0o755 if file.executable else 0o644)


def _unpacked(archives: list[Path], names: list[str], into: Path) -> tuple[Path, tuple[str, ...]]:
    """Archives, each in a folder of its own, and one folder with all of these if there are several."""
    stems = [PurePosixPath(name.removesuffix(archive_suffix(name))).name or "archive" for name in names]
    folders = [into / (stem if stems.count(stem) == 1 else f"{stem}-{n}") for n, stem in enumerate(stems, 1)]
    notes = [note for archive, folder in zip(archives, folders, strict=True) for note in unpack(archive, folder)]
    return _inner(folders[0] if len(folders) == 1 else into), tuple(notes)


def _inner(folder: Path) -> Path:
    """The folder that others only wrap; but a name that says a role (tcp-once/src) is kept."""
    top = listing(folder)
    while len(top.entries) == len(top.folders) == 1 and (_speaks(top.folders[0]) or not _speaks(top.folder)):
        top = listing(top.folders[0])
    return top.folder


def _speaks(folder: Path) -> bool:
    said = hint("-", folder.name)
    return bool(said.side or said.family)


def _read(path: Path) -> Intake:
    """Its files. What is wrong with them is said with the names that the student gave them."""
    try:
        return take_in(path)
    except SubmissionError as wrong:
        shown = plain(str(path))
        told = str(wrong).replace(f"{shown}/", "").removeprefix(f"{shown}: ")
        raise SubmissionError(told.replace(shown, plain(path.name))) from None


def _has_program(intake: Intake) -> bool:
    listed = any(PurePosixPath(name).name == LISTING for name in intake.files)
    return listed or any(programs(intake.files, intake.folder))


def _unfit(intake: Intake) -> str:
    """Why there is nothing in it to judge."""
    if not any(file.data.strip() for file in intake.files.values()):
        return f"empty: there is nothing in {' or '.join(map(plain, sorted(intake.files)[:3]))}"
    return "" if _has_program(intake) else why_none(intake)
