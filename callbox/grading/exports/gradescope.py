"""Gradescope's results.json: https://gradescope-autograders.readthedocs.io/en/latest/specs/"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbox.grading.exports.points import number
from callbox.grading.exports.saving import save_json
from callbox.grading.exports.telling import rows_of
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from callbox.grading.exports.telling import Row, Teller
    from callbox.grading.result import Result

_STATUS = {Verdict.PASSED: "passed", Verdict.ADVISED: "passed", Verdict.FAILED: "failed"}


def write(result: Result, out: Path, teller: Teller) -> None:
    """Write one student's file; Gradescope wants it at /autograder/results/results.json."""
    save_json(out, document(result, teller))


def document(result: Result, teller: Teller) -> dict[str, Any]:
    """The file as data.

    Every format is "text": the default, simple_format, would read what a program printed as HTML. The score of the
    whole counts, not the sum of the tests: it has bonus, penalty and a teacher's word in it.
    """
    return {
        "score": number(result.marks.final),
        "execution_time": round(result.seconds, 3),
        "output": "\n".join([teller.score(result), *teller.circumstances(result)]),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(row, teller) for row in rows_of(result)],
        "extra_data": {"seed": result.seed, "tier": result.tier, "content_hash": result.content_hash},
    }


def _test(row: Row, teller: Teller) -> dict[str, Any]:
    """Gradescope knows passed and failed; where neither is true, the points say how it looks, and its text what it is."""
    test: dict[str, Any] = {
        "name": teller.title(row),
        "score": number(row.got),
        "max_score": number(row.possible),
        "output": "\n".join(filter(None, [teller.verdict(row.verdict), teller.text(row)])),
        "output_format": "text",
        "name_format": "text",
        "visibility": row.item.visibility if row.item else "visible",
        "tags": [row.role, row.behaviour, teller.behaviour(row).level.value],
    }
    return test | ({"status": _STATUS[row.verdict]} if row.verdict in _STATUS else {})
