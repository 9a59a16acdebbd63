"""Moodle's "Download all submissions": `Full Name_1234567_assignsubmission_file_/…`, or flat, `…_file_server.py`.

So mod/assign/classes/downloader.php names them. The number is the participant number, by which the grading worksheet
calls a student ("Participant 1234567"). A group's hand-in has the group's name and number.
"""

import re
from pathlib import Path

from callbox.grading.claims import Claim, Claims, Listing, Part, left_aside, spoken
from callbox.grading.result import Student

# Of newer Moodles a full name has no underscore; of older ones it has no blank. The default group has no number.
_NAME = re.compile(r"(?s)(?P<name>.*?)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?$")


def claims(top: Listing) -> Claims | None:
    """The hand-ins, when this is such a download."""
    found = {path: match for path in top.entries if (match := _NAME.match(spoken(path.name)))}
    if not found:
        return None
    students: dict[tuple[str, str], dict[Path, re.Match[str]]] = {}
    for path, match in found.items():
        who = match["number"] or "", match["name"].replace("_", " ").strip()
        students.setdefault(who, {})[path] = match
    notes = ("read as a Moodle download", *left_aside(top, found, "Moodle"))
    return Claims(tuple(_claim(*who, these) for who, these in students.items()), notes)


def _claim(number: str, name: str, found: dict[Path, re.Match[str]]) -> Claim:
    fields = {"Full name": name} | ({"Identifier": f"Participant {number}"} if number else {})
    student = Student(name or f"Participant {number}", number or name, "moodle", fields)
    parts = tuple(Part(path, match["file"] or path.name) for path, match in found.items() if match["kind"] == "file")
    others = sorted({match["kind"] for match in found.values()} - {"file"})
    if not parts:
        return Claim(student, (), f"handed in as {' and '.join(map(_said, others))}: there is no file to judge")
    return Claim(student, parts, notes=tuple(f"{_said(kind)}: left aside, the files count" for kind in others))


def _said(kind: str) -> str:
    return {"onlinetext": "text typed into the page", "comments": "comments"}.get(kind, kind)
