"""Gradescope's "Export Submissions": a folder `submission_123456` each, and submission_metadata.yml, which says whose it is.

Its keys are Ruby's symbols (`:submitters:`, `:created_at:`). A group's submission has several submitters. A student who
never handed in is not in it.
"""

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from callbox.grading.claims import Claim, Claims, Listing, Part, left_aside
from callbox.grading.metadata import MetadataError, Node, parse
from callbox.grading.result import Student
from callbox.intake import SubmissionError, plain, take_in

METADATA = "submission_metadata.yml"


def claims(top: Listing) -> Claims | None:
    """The hand-ins, when the file of metadata is here; when that cannot be read, the folders, and why."""
    if METADATA not in {path.name for path in top.files}:
        return None
    try:
        submissions = _submissions(top.folder / METADATA)
    except (SubmissionError, MetadataError) as wrong:
        submissions, notes = {}, [f"{METADATA}: {plain(str(wrong))}; so it is not known whose a submission is"]
    else:
        notes = []
    folders = {path.name: path for path in top.folders}
    found = [claim for name, told in submissions.items() for claim in _claims(name, told, folders.get(name))]
    unknown = [path for name, path in folders.items() if name not in submissions and name.startswith("submission_")]
    found += [_claim(path.name, {}, path, "", ("nothing in the metadata tells whose it is",)) for path in unknown]
    known = {*unknown, *(folders[name] for name in submissions if name in folders), top.folder / METADATA}
    notes += left_aside(top, known, "Gradescope")
    return Claims(tuple(_newest(found)), ("read as a Gradescope export", *notes))


def _submissions(path: Path) -> dict[str, Node]:
    document = parse(take_in(path).files[path.name].data)
    if not isinstance(document, dict):
        raise MetadataError("is no table of submissions")
    return document


def _claims(name: str, told: Node, folder: Path | None) -> list[Claim]:
    """One for each submitter; a group's submission is judged for each of its members."""
    table = told if isinstance(told, dict) else {}
    created = str(table.get(":created_at", ""))
    submitters = table.get(":submitters")
    people = [_text(each) for each in submitters if isinstance(each, dict)] if isinstance(submitters, list) else []
    if not people:
        return [_claim(name, {}, folder, created, ("the metadata names no submitter",))]
    group = [_called(person) or name for person in people]
    together = (f"one hand-in of {len(group)}: {', '.join(group)}",) if len(group) > 1 else ()
    return [_claim(name, person, folder, created, together) for person in people]


def _text(table: dict[str, Node]) -> dict[str, str]:
    """A submitter's name, email and sid, on a line each."""
    return {key.removeprefix(":"): plain(value.strip()) for key, value in table.items() if isinstance(value, str)}


def _called(person: dict[str, str]) -> str:
    return next((person[key] for key in ("name", "email", "sid") if person.get(key)), "")


def _claim(name: str, person: dict[str, str], folder: Path | None, created: str, notes: tuple[str, ...] = ()) -> Claim:
    key = next((person[key] for key in ("email", "sid", "name") if person.get(key)), name)
    fields = {"submission": name.removeprefix("submission_"), **person}
    student = Student(_called(person) or plain(name), plain(key), "gradescope", fields)
    problem = "" if folder else f"missing: {plain(name)} is in {METADATA}, but there is no such folder"
    parts = (Part(folder, name),) if folder else ()
    return Claim(student, parts, problem, handed_in=_time(created), notes=notes)


def _time(text: str) -> datetime | None:
    """`2026-04-26 17:34:00.861687000 Z`, as Ruby writes it; None when it is no time of a known zone."""
    try:
        time = datetime.fromisoformat(re.sub(r"\s+(?=Z$|[+-]\d\d:?\d\d$)", "", text.strip()))
    except ValueError:
        return None
    return time if time.tzinfo else None


def _newest(found: list[Claim]) -> list[Claim]:
    """Of several submissions of a student the newest counts."""
    students: dict[str, list[Claim]] = {}
    for claim in found:
        students.setdefault(claim.student.key, []).append(claim)
    return [_last(claims) for claims in students.values()]


def _last(claims: list[Claim]) -> Claim:
    if len(claims) == 1:
        return claims[0]
    newest = max(claims, key=lambda claim: (claim.handed_in is not None, claim.handed_in, _number(claim)))
    when = f" of {newest.handed_in.isoformat(' ', 'seconds')}" if newest.handed_in else ""
    told = f"{len(claims)} hand-ins; the newest, submission {newest.student.fields['submission']}{when}, counts"
    return replace(newest, notes=(told, *newest.notes))


def _number(claim: Claim) -> int:
    return int("0" + "".join(filter(str.isascii, filter(str.isdigit, claim.student.fields["submission"]))))
