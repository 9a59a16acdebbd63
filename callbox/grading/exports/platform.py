"""A platform's own file, as it was exported, with our points filled in: Moodle's and Canvas's gradebooks and worksheets."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from callbox.grading.exports.points import written
from callbox.grading.exports.safe import html, line
from callbox.grading.exports.saving import ExportError, save
from callbox.grading.exports.table import Table
from callbox.grading.exports.telling import rows_of
from callbox.grading.exports.whose import Whose, introduced
from callbox.saying import say
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from callbox.grading.exports.telling import Teller
    from callbox.grading.result import Result

MOST_TO_MEND = 5
"""Behaviours that a comment names."""


@dataclass(frozen=True)
class Platform:
    """How a platform writes its file. Moodle translates the names of its columns: then they have to be said."""

    name: str
    keys: tuple[str, ...]
    """columns that tell who a row is about: as many of them as the file has"""
    grade: str = ""
    """the column of points, where it always has the same name"""
    comments: str = ""
    """the column of words for the student (as HTML), where there is one"""
    worth: str = ""
    """the column of the points that can be reached, where there is one"""
    worth_row: str = ""
    """a row of the points that can be reached: how its first cell begins"""
    excused: str = ""
    """what stands in the column of points of somebody who needs none"""


MOODLE_GRADEBOOK = Platform("moodle-gradebook", keys=("ID number", "Email address", "Username", "学号", "电子邮件地址"))
"""Grades → Export → Plain text file; it is read again by Import → CSV file, where any column can be mapped."""
MOODLE_WORKSHEET = Platform(
    "moodle-worksheet",
    keys=("Identifier", "ID number", "Email address"),
    grade="Grade",
    comments="Feedback comments",
    worth="Maximum Grade",
)
"""Assignment → Download grading worksheet (mod/assign/feedback/offline/importgradeslib.php reads it again)."""
CANVAS = Platform(
    "canvas",
    keys=("ID", "SIS User ID", "SIS Login ID", "Integration ID"),
    worth_row="Points Possible",
    excused="EX",
)
"""Grades → Export; a column a assignment, `Title (number)` (lib/gradebook_importer.rb reads it again)."""
PLATFORMS: Mapping[str, Platform] = {each.name: each for each in (MOODLE_GRADEBOOK, MOODLE_WORKSHEET, CANVAS)}
_ALL_KEYS = {key for platform in PLATFORMS.values() for key in platform.keys}


@dataclass(frozen=True)
class Filled:
    """What became of a file."""

    data: bytes
    count: int
    """students who have their points in it"""
    notes: tuple[str, ...]
    """what a teacher has to know, a sentence each: who is in one of both only, what was replaced, what was left alone"""


def write(
    results: Sequence[Result],
    out: Path,
    teller: Teller,
    *,
    export: Path,
    platform: Platform,
    column: str = "",
    keys: Sequence[str] = (),
    comments: str = "",
    worth: Fraction | None = None,
    decimal: str = ".",
    encoding: str = "utf-8",
    roster: Path | None = None,
) -> Filled:
    """Fill in the file at `export`, and write it to `out`. Raises ExportError.

    `worth` is what full marks are on the platform, in its points; `decimal` its decimal sign. Where a name of a column is
    not given, it is the platform's. `roster` is a file that knows students by more names than their hand-ins do: Moodle's
    worksheet has the participant's number beside the e-mail address that its gradebook goes by.
    """
    filling = _Filling(_table(export, encoding), platform, teller, decimal)
    known = results if roster is None else introduced(results, _table(roster, encoding), _ALL_KEYS)
    filled = filling.fill(known, column, keys, comments, worth)
    save(out, filled.data)
    return filled


def _table(path: Path, encoding: str) -> Table:
    try:
        return Table(path.read_bytes(), str(path), encoding)
    except OSError as wrong:
        raise ExportError(f"{path}: cannot be read: {wrong.strerror}") from None


class _Filling:
    def __init__(self, table: Table, platform: Platform, teller: Teller, decimal: str) -> None:
        self.table, self.platform, self.teller, self.decimal = table, platform, teller, decimal
        self.notes: list[str] = []

    def fill(
        self, results: Sequence[Result], column: str, keys: Sequence[str], comments: str, worth: Fraction | None
    ) -> Filled:
        grade = self._grade_column(column)
        whose = Whose(self.table, self._key_columns(keys))
        beside = self._comment_column(comments)
        rows = whose.rows(results)
        self._worth_is_agreed(grade, results, worth)
        count = 0
        for result in results:
            row = self._row_of(result, rows[result.student.key])
            if row is not None and self._may_fill(result, row, grade):
                count += 1
                self._put(row, grade, self._points(result, worth))
                self._comment(result, row, beside)
        self._strangers(whose, rows)
        return Filled(self.table.data(), count, tuple(self.notes))

    def _note(self, template: str, **values: object) -> None:
        self.notes.append(line(self.teller.say(say(template, **values))))

    def _grade_column(self, word: str) -> int:
        if not word and not self.platform.grade:
            heads = ", ".join(filter(None, self.table.heads))
            raise ExportError(f"{self.table.file}: say which column has the points; there is {heads}")
        return self.table.column(word or self.platform.grade)

    def _key_columns(self, words: Sequence[str]) -> list[int]:
        if words:
            return [self.table.column(word) for word in words]
        if found := [self.table.heads.index(word) for word in self.platform.keys if word in self.table.heads]:
            return found
        heads = ", ".join(filter(None, self.table.heads))
        wanted = ", ".join(self.platform.keys)
        raise ExportError(
            f"{self.table.file}: has none of the columns {wanted} that tell students apart; say which does: {heads}"
        )

    def _comment_column(self, word: str) -> int | None:
        if word:
            return self.table.column(word)
        return self._head(self.platform.comments)

    def _worth_is_agreed(self, grade: int, results: Sequence[Result], worth: Fraction | None) -> None:
        """Points out of 15 in a column out of 100 would be wrong for a whole class, and look right."""
        its, ours = self._worth_of_platform(grade), {result.marks.out_of for result in results}
        if worth is None and its is not None and ours - {its}:
            told = " or ".join(map(written, sorted(ours)))
            raise ExportError(
                f"{self.table.file}: {self.table.heads[grade]!r} is out of {written(its)} points, the marks out of {told}; "
                f"say what full marks are worth there (as {written(its)})"
            )

    def _worth_of_platform(self, grade: int) -> Fraction | None:
        numbered = range(1, len(self.table.rows))
        beginning = self.platform.worth_row
        if beginning:
            row = next((row for row in numbered if self.table.value(row, 0).startswith(beginning)), None)
            return _points_in(self.table.value(row, grade)) if row else None
        column = self._head(self.platform.worth)
        said = set() if column is None else {self.table.value(row, column) for row in numbered} - {""}
        return _points_in(said.pop()) if len(said) == 1 else None

    def _head(self, word: str) -> int | None:
        """The column that a platform calls so, where it has one and the file has it."""
        names = [head.casefold() for head in self.table.heads]
        return names.index(word.casefold()) if word and word.casefold() in names else None

    def _row_of(self, result: Result, rows: Sequence[int]) -> int | None:
        key = result.student.key
        if not rows:
            self._note("{student} is not in the file of the platform", student=key)
        elif len(rows) > 1:
            several = ", ".join(str(row + 1) for row in rows)
            self._note("{student} may be any of rows {rows}, and is left out", student=key, rows=several)
        return rows[0] if len(rows) == 1 else None

    def _may_fill(self, result: Result, row: int, grade: int) -> bool:
        key = result.student.key
        if not result.is_graded:
            self._note("{student} has no mark: {problem}", student=key, problem=result.problem)
            return False
        if self.platform.excused and self.table.value(row, grade).upper() == self.platform.excused:
            self._note("{student} is excused, and is left so", student=key)
            return False
        return True

    def _points(self, result: Result, worth: Fraction | None) -> str:
        marks = result.marks
        scale = worth / marks.out_of if worth is not None and marks.out_of else Fraction(1)
        return written(marks.final * scale, self.decimal)

    def _put(self, row: int, grade: int, points: str) -> None:
        before = self.table.value(row, grade)
        if before not in {"", "-"} and _points_in(before) != _points_in(points):
            self._note("row {row}: {before} is replaced by {points}", row=row + 1, before=before, points=points)
        self.table.put(row, grade, points)

    def _comment(self, result: Result, row: int, column: int | None) -> None:
        if column is None:
            return
        if self.table.value(row, column):
            self._note("row {row} has a comment already, which stays", row=row + 1)
        else:
            self.table.put(row, column, comment(result, self.teller))

    def _strangers(self, whose: Whose, rows: Mapping[str, Sequence[int]]) -> None:
        known = {row for found in rows.values() for row in found}
        for row in sorted(whose.students - known):
            self._note("row {row} ({who}) has handed in nothing that was graded", row=row + 1, who=whose.name(row))


def comment(result: Result, teller: Teller) -> str:
    """For the student, as HTML: the score, what has to be known of it, and what to mend first. What is hidden stays so."""
    failed = [row for row in rows_of(result) if row.verdict is Verdict.FAILED and row.is_visible]
    told = [teller.score(result), *teller.circumstances(result)]
    listed = "".join(f"<li>{html(teller.title(row))}</li>" for row in failed[:MOST_TO_MEND])
    if failed:
        told.append(teller.say(say("to mend:")))
    return "".join(f"<p>{html(each)}</p>" for each in told) + (f"<ul>{listed}</ul>" if listed else "")


def _points_in(text: str) -> Fraction | None:
    try:
        return Fraction(text.replace(",", "."))
    except (ValueError, ZeroDivisionError):
        return None
