"""The gradebook: a row a student, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from callbox.grading.exports.points import total, written
from callbox.grading.exports.safe import cell
from callbox.grading.exports.saving import save
from callbox.grading.exports.telling import first_to_mend, rows_of
from callbox.saying import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from callbox.grading.exports.telling import Row, Teller
    from callbox.grading.result import Result

_HEADS = (
    *(say("key"), say("name"), say("score"), say("out of"), say("bonus"), say("penalty"), say("by hand")),
    *(say("late"), say("handed in"), say("problem"), say("notes"), say("first thing to mend")),
)


def write(results: Sequence[Result], out: Path, teller: Teller) -> None:
    """Write it as UTF-8 with a byte order mark.

    Without the mark Excel takes a file for the country's old code page and garbles every name that is not ASCII; with
    it Excel, LibreOffice and Python's utf-8-sig read the same.
    """
    save(out, text(results, teller).encode("utf-8-sig"))


def text(results: Sequence[Result], teller: Teller) -> str:
    """The file as text: lines end as RFC 4180 has them."""
    roles = list(dict.fromkeys(item.role for result in results for item in result.marks.items))
    file = io.StringIO(newline="")
    rows = csv.writer(file, lineterminator="\r\n")
    columns = [column for role in roles for column in (role, teller.say(say("{role} out of", role=role)))]
    rows.writerow([cell(head) for head in (*map(teller.say, _HEADS), *columns)])
    for result in results:
        rows.writerow(_line(result, teller) + _by_role(result, roles))
    return file.getvalue()


def _line(result: Result, teller: Teller) -> list[str]:
    marks = result.marks
    return [
        cell(result.student.key),
        cell(result.student.name),
        written(marks.final) if result.is_graded else "",
        *(written(points) for points in (marks.out_of, marks.bonus, marks.penalty)),
        "" if marks.by_hand is None else written(marks.by_hand),
        teller.say(say("late")) if result.late else "",
        result.handed_in.isoformat(sep=" ", timespec="seconds") if result.handed_in else "",
        cell(teller.say(result.problem)),
        cell("; ".join(map(teller.say, filter(None, (*result.notes, marks.note))))),
        cell(_to_mend(rows_of(result), teller)),
    ]


def _to_mend(rows: list[Row], teller: Teller) -> str:
    row = first_to_mend(rows)
    return teller.title(row) if row else ""


def _by_role(result: Result, roles: Sequence[str]) -> list[str]:
    cells: list[str] = []
    for role in roles:
        items = [item for item in result.marks.items if item.role == role]
        sums = total(item.got for item in items), total(item.possible for item in items)
        cells += map(written, sums) if items else ["", ""]
    return cells
