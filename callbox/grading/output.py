"""Everything that grading writes into its folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from callbox.grading.exports import classroom, ctrf, github, gradebook, gradescope, junit
from callbox.grading.exports.saving import save
from callbox.grading.pages.classroom import class_html
from callbox.grading.pages.feedback import feedback_html, feedback_text
from callbox.grading.pages.telling import Telling
from callbox.ladder import ladders
from callbox.ladder_svg import as_svg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from callbox.grading.exports.telling import Teller
    from callbox.grading.result import Result
    from callbox.record import Record

NAME_BYTES = 100
"""Of a student's name in a file's name."""


def write_all(out: Path, results: Sequence[Result], teller: Teller) -> None:
    """Write marks, pages, and what other programs read. Raises ExportError where that cannot be written."""
    lang = teller.lang
    telling = Telling(teller.catalogue, teller.assignment, lang, lambda record: picture(record, lang), script)
    gradebook.write(results, out / "gradebook.csv", teller)
    ctrf.write(results, out / "ctrf.json", teller)
    junit.write(results, out / "junit.xml", teller)
    save(out / "class.html", class_html(results, telling).encode())
    for result, name in zip(results, names(results), strict=True):
        save(out / "feedback" / f"{name}.html", feedback_html(result, telling).encode())
        save(out / "feedback" / f"{name}.txt", feedback_text(result, telling).encode())
        gradescope.write(result, out / "gradescope" / name / "results.json", teller)


def write_for_actions(
    out: Path, results: Sequence[Result], teller: Teller, environ: Mapping[str, str]
) -> Iterator[str]:
    """Write what GitHub shows of a job, where this is one, and Classroom 50's file where it is its job; gives the lines that
    the job has to print. Raises ExportError."""
    for result in results if "GITHUB_STEP_SUMMARY" in environ else ():
        github.write(result, Path(environ["GITHUB_STEP_SUMMARY"]), teller)
        yield from github.annotation_lines(result, teller)
    if "SUBMISSION_TAG" in environ and len(results) == 1:
        classroom.write(results[0], out / "result.json", teller, environ)


def names(results: Sequence[Result]) -> list[str]:
    """A file's name for each student, by key: whatever cannot be in one is a line, and no two are the same."""
    taken: set[str] = set()
    found = []
    for result in results:
        letters = (letter if letter.isalnum() or letter in "-_.@" else "-" for letter in result.student.key)
        base = "".join(letters).lstrip(".").encode()[:NAME_BYTES].decode(errors="ignore") or "student"
        name, number = base, 1
        while name.casefold() in taken:  # some file systems take A and a for the same
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        found.append(name)
    return found


def picture(record: Record, lang: str) -> str:
    """What passed on the wire, beside how it should go; empty where nothing did."""
    story = record.outcome.story
    return as_svg(ladders(story, record.model), lang, story.headline) if story else ""


def script(record: Record) -> str:
    """What repeats a failure by hand."""
    return record.repeat.script if record.repeat else ""
