"""Canvas's "Download Submissions": flat, `lastfirst_LATE_12345_67890_name-1.py`, as lib/content_zipper.rb names them.

The first number is the student's id in the gradebook, the second that of the upload. A name that the student had
used before gets -1, -2, …; the upload with the highest number is the newest.
"""

import re
from pathlib import Path, PurePosixPath

from callbox.grading.archives import archive_suffix
from callbox.grading.claims import Claim, Claims, Listing, Part, left_aside, spoken
from callbox.grading.result import Student
from callbox.intake import plain

_NAME = re.compile(
    r"(?s)(?:(?P<name>.*?)_)??(?:(?P<late>late)_)?(?P<id>\d+|anon_[^\W_]+)_"
    r"(?:(?P<upload>\d+)_(?P<file>.+)|(?P<page>text|link)\.html)$",
    re.IGNORECASE,
)
_AGAIN = re.compile(r"(?s)(?P<base>.+)-(?P<number>\d{1,2})$")
_PAGES = {"text": "text typed into the page", "link": "a link"}


def claims(top: Listing) -> Claims | None:
    """The hand-ins, when most of what is here is named as Canvas does."""
    found = {path: match for path in top.files if (match := _NAME.match(spoken(path.name)))}
    if 2 * len(found) <= len(top.entries):
        return None
    students: dict[str, dict[Path, re.Match[str]]] = {}
    for path, match in found.items():
        students.setdefault(match["id"], {})[path] = match
    notes = ("read as a Canvas download", *left_aside(top, found, "Canvas"))
    return Claims(tuple(_claim(*who) for who in students.items()), notes)


def _claim(number: str, found: dict[Path, re.Match[str]]) -> Claim:
    uploads: dict[str, list[tuple[int, str, Path]]] = {}
    for path, match in found.items():
        if match["upload"]:
            uploads.setdefault(_base(match["file"]), []).append((int(match["upload"]), match["file"], path))
    newest = {base: max(these)[2] for base, these in uploads.items()}
    notes = tuple(_repeated(base, sorted(these)) for base, these in uploads.items() if len(these) > 1)
    name = next((match["name"] for match in found.values() if match["name"]), number)
    student = Student(name, number, "canvas", {"ID": number, "Student": name})
    late = any(match["late"] for path, match in found.items() if path in newest.values() or not newest)
    if not newest:
        pages = " and ".join(sorted({_PAGES[match["page"].lower()] for match in found.values()}))
        return Claim(student, (), f"handed in as {pages}: there is no file to judge", late)
    return Claim(student, tuple(Part(path, base) for base, path in newest.items()), "", late, notes=notes)


def _base(file: str) -> str:
    """The name that the file had when it was handed in: `server.py` of `server-2.py`."""
    suffix = archive_suffix(file) or PurePosixPath(file).suffix
    match = _AGAIN.match(file.removesuffix(suffix))
    return f"{match['base']}{suffix}" if match else file


def _repeated(base: str, uploads: list[tuple[int, str, Path]]) -> str:
    return f"{plain(base)} was handed in {len(uploads)} times; the newest, {plain(uploads[-1][1])}, counts"
