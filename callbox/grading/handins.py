"""From what was handed to a teacher to the students in it: whose each program is, or why it cannot be judged."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from callbox.grading import canvas, classroom, gradescope, moodle, plainly
from callbox.grading.archives import WHOLE_CLASS, archive_suffix, unpack
from callbox.grading.claims import Claim, Claims, Listing, Part, listing, spoken
from callbox.grading.result import Student
from callbox.grading.settling import HandIn, settled
from callbox.intake import SubmissionError, plain

__all__ = ["Found", "HandIn", "Student", "find_handins"]


@dataclass(frozen=True, slots=True)
class Found:
    """Everybody's, by name; no two have the same key."""

    handins: tuple[HandIn, ...]
    notes: tuple[str, ...] = ()


def find_handins(path: Path, into: Path) -> Found:
    """The hand-ins in a folder or archive. What has to be unpacked is, below `into`, which the caller deletes when done.

    A hand-in that cannot be judged has a problem and harms no other. A SubmissionError, of one line, says that `path`
    itself cannot be read, that there is no hand-in in it, or that there is no room in `into`.
    """
    try:
        into.mkdir(parents=True, exist_ok=True)
        claims = _without(into, path, _claims(path, into))
        if not claims.claims:
            raise SubmissionError(f"{plain(str(path))}: there is no hand-in here")
        handins = [settled(claim, into / str(number)) for number, claim in enumerate(_told_apart(claims.claims), 1)]
    except OSError as wrong:
        raise SubmissionError(f"{plain(str(into))}: cannot be written: {wrong.strerror}") from None
    return Found(tuple(sorted(handins, key=lambda handin: (handin.student.name, handin.student.key))), claims.notes)


def _claims(path: Path, into: Path) -> Claims:
    if path.is_dir():
        return _of_folder(listing(path), ())
    suffix = archive_suffix(path.name)
    if not suffix:
        if not path.is_file():
            raise SubmissionError(f"{plain(str(path))}: there is no such file or folder")
        student = Student(spoken(path.stem), spoken(path.stem))
        return Claims((Claim(student, (Part(path, path.name),)),))
    folder = into / "all" / path.name.removesuffix(suffix)
    notes = unpack(path, folder, WHOLE_CLASS)
    top = listing(folder)
    while _wraps(top) and _of_platform(top) is None:  # made by "compress this folder"
        top = listing(top.folders[0])
    return _of_folder(top, notes)


def _without(into: Path, path: Path, claims: Claims) -> Claims:
    """Results that are written beside the hand-ins are nobody's hand-in."""
    ours = {*into.resolve().parents} - {path.resolve()}
    mine = {claim.student.key for claim in claims.claims for part in claim.parts if _at(part.path) in ours}
    return replace(claims, claims=tuple(claim for claim in claims.claims if claim.student.key not in mine))


def _at(path: Path) -> Path:
    """Where a thing lies, be it a link to another."""
    return path.parent.resolve() / path.name


def _wraps(top: Listing) -> bool:
    """Is there nothing in it but a folder?"""
    return len(top.entries) == len(top.folders) == 1


def _of_folder(top: Listing, notes: tuple[str, ...]) -> Claims:
    """As the first form that fits. A folder in it that is a class of itself is looked into."""
    found = _of_platform(top)
    if found is None and _wraps(top) and _is_class(inner := listing(top.folders[0])):
        return _of_folder(
            inner, (*notes, f"{spoken(inner.folder.name)}: looked into, for it holds more than one student's")
        )
    found = found or plainly.claims(top)
    return replace(found, notes=(*notes, *found.notes))


def _of_platform(top: Listing) -> Claims | None:
    found = (claims(top) for claims in (gradescope.claims, moodle.claims, canvas.claims, classroom.claims))
    return next(filter(None, found), None)


def _is_class(top: Listing) -> bool:
    """Is it more than one student's?"""
    return _of_platform(top) is not None or plainly.students_in(top) > 1


def _told_apart(claims: tuple[Claim, ...]) -> list[Claim]:
    """A key that is there twice gets a number."""
    seen: Counter[str] = Counter()
    apart = []
    for claim in claims:
        key = claim.student.key
        seen[key] += 1
        student = replace(claim.student, key=f"{key} #{seen[key]}") if seen[key] > 1 else claim.student
        apart.append(replace(claim, student=student))
    return apart
