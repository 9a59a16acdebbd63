"""Classroom 50's result.json (classroom50/result/v1), as an autograder.py leaves it for the runner.

The shape: schemas/result-v1.schema.json of foundation50/classroom50; the variables: its runner.py.
"""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

from callbox.grading.exports.saving import ExportError, save_json
from callbox.grading.exports.shown import shown_of
from callbox.saying import say
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from callbox.grading.exports.telling import Row, Teller
    from callbox.grading.result import Result

MESSAGE = 2_000
"""Characters told of one test: the collector refuses a file of more than 10 MiB."""
_FROM = {
    "classroom": ("CLASSROOM",),
    "assignment": ("ASSIGNMENT",),
    "assignment_type": ("ASSIGNMENT_TYPE",),
    "owner": ("OWNER", "USERNAME"),
    "submission": ("SUBMISSION_TAG",),
    "commit": ("COMMIT_URL",),
    "release": ("RELEASE_URL",),
    "review": ("REVIEW_URL", "COMMIT_URL"),
}
"""Whose and what it is, by the variables that the runner sets: the first that is set counts."""


def write(result: Result, out: Path, teller: Teller, environ: Mapping[str, str]) -> None:
    """Write one student's file. Raises ExportError when the runner has not said whose it is."""
    save_json(out, document(result, teller, environ))


def document(result: Result, teller: Teller, environ: Mapping[str, str]) -> dict[str, Any]:
    """The file as data. It knows whole points only: where some are not whole, all are hundredths. A score beyond full
    marks, which it refuses, is full marks."""
    shown = shown_of(result)
    marks = result.marks
    points = [marks.final, marks.out_of, *(each for row in shown.rows for each in (row.got, row.possible))]
    scale = 1 if all(each.denominator == 1 for each in (*points, shown.got, shown.possible)) else 100
    tests = [_test(row, teller, scale) for row in shown.rows]
    if shown.hidden:
        name = teller.say(say("{count} more, which are not shown", count=shown.hidden))
        tests.append(_points(name, shown.got, shown.possible, scale))
    out_of = _whole(marks.out_of, scale)
    return {
        "schema": "classroom50/result/v1",
        **{field: _said(environ, names) for field, names in _FROM.items()},
        "datetime": (result.handed_in or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": min(_whole(marks.final, scale), out_of),
        "max-score": out_of,
        "tests": tests,
    }


def _said(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    if found := next(filter(None, map(environ.get, names)), None):
        return found
    raise ExportError(f"{names[0]} is not set in the environment; Classroom 50's runner sets it")


def _test(row: Row, teller: Teller, scale: int) -> dict[str, Any]:
    test = _points(teller.title(row), row.got, row.possible, scale)
    told = [teller.verdict(row.verdict), teller.text(row)]
    passed = row.verdict in {Verdict.PASSED, Verdict.ADVISED}
    return test | {"passed": passed, "message": teller.capped("\n".join(filter(None, told)), MESSAGE)}


def _points(name: str, got: Fraction, possible: Fraction, scale: int) -> dict[str, Any]:
    score, most = _whole(got, scale), _whole(possible, scale)
    return {"test-name": name, "passed": got >= possible, "score": min(score, most), "max-score": most}


def _whole(points: Fraction, scale: int) -> int:
    """Never below zero."""
    return max(0, floor(points * scale + Fraction(1, 2)))
