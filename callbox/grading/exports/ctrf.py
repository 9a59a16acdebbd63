"""A Common Test Report (CTRF): https://ctrf.io/docs/specification/overview"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from callbox.grading.exports.points import number
from callbox.grading.exports.safe import line
from callbox.grading.exports.saving import save_json
from callbox.grading.exports.telling import rows_of
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from callbox.grading.exports.telling import Row, Teller
    from callbox.grading.result import Result

_STATUS = {
    Verdict.PASSED: "passed",
    Verdict.ADVISED: "passed",
    Verdict.FAILED: "failed",
    Verdict.NOT_JUDGED: "skipped",
    Verdict.INCONCLUSIVE: "other",
}
"""A SHOULD is advice: nothing failed. What the bench could not finish is neither the program's success nor its failure."""


def write(results: Sequence[Result], out: Path, teller: Teller, ended: datetime | None = None) -> None:
    """Write the report of a class, or of one student. `ended` is when grading ended (with a time zone): now, if not given."""
    save_json(out, document(results, teller, ended or datetime.now(UTC)))


def document(results: Sequence[Result], teller: Teller, ended: datetime) -> dict[str, Any]:
    """The report as data; times are milliseconds."""
    tests = [test for result in results for test in _tests(result, teller)]
    counts = Counter(test["status"] for test in tests)
    stop, took = round(ended.timestamp() * 1000), sum(_milliseconds(result.seconds) for result in results)
    return {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "generatedBy": "callbox",
        "results": {
            "tool": {"name": "callbox", "version": version("callbox")},
            "summary": {
                "tests": len(tests),
                **{status: counts[status] for status in ("passed", "failed", "skipped", "pending", "other")},
                "start": stop - took,
                "stop": stop,
            },
            "tests": tests,
            "extra": {"students": [_student(result, teller) for result in results]},
        },
    }


def _student(result: Result, teller: Teller) -> dict[str, Any]:
    marks = result.marks
    return {
        "key": line(result.student.key),
        "name": line(result.student.name),
        "score": number(marks.final),
        "outOf": number(marks.out_of),
        "notes": teller.circumstances(result),
        "seed": result.seed,
        "tier": result.tier,
        "contentHash": result.content_hash,
    }


def _tests(result: Result, teller: Teller) -> list[dict[str, Any]]:
    if result.problem and not result.records:
        student = line(result.student.key) or "?"
        return [
            {
                "name": student,
                "status": "other",
                "duration": 0,
                "message": teller.say(result.problem),
                "suite": [student],
            }
        ]
    return [_test(result, row, teller) for row in rows_of(result)]


def _test(result: Result, row: Row, teller: Teller) -> dict[str, Any]:
    student = line(result.student.key)
    test = {
        "testId": f"{student}/{row.role}/{row.behaviour}",
        "name": teller.title(row),
        "status": _STATUS[row.verdict],
        "rawStatus": row.verdict.value,
        "duration": _milliseconds(row.seconds),
        "suite": [student, row.role],
        "message": teller.headline(row),
        "trace": teller.text(row),
        "tags": [teller.behaviour(row).level.value],
        "extra": {
            "behaviour": row.behaviour,
            "score": number(row.got),
            "outOf": number(row.possible),
            "visibility": row.item.visibility if row.item else "visible",
        },
    }
    return {name: value for name, value in test.items() if value != ""}


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
