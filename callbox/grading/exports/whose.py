"""Which row of a platform's file is about which student. Never by name: two of a class may share one."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from callbox.grading.exports.safe import line
from callbox.grading.exports.saving import ExportError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from callbox.grading.exports.table import Table
    from callbox.grading.result import Result


class Whose:
    """Finds the rows of students by the columns that tell them apart."""

    def __init__(self, table: Table, columns: Sequence[int]) -> None:
        self.table, self.columns = table, columns
        self.by_name: dict[int, dict[str, set[int]]] = {column: {} for column in columns}
        """rows by what stands in each column"""
        for row in range(1, len(table.rows)):
            for column, rows in self.by_name.items():
                if name := _name(table.value(row, column)):
                    rows.setdefault(name, set()).add(row)
        self.students = {row for rows in self.by_name.values() for those in rows.values() for row in those}
        """rows of students: headings and totals name nobody"""

    def rows(self, results: Sequence[Result]) -> dict[str, list[int]]:
        """The rows that may be each student's, by key; ExportError where two students have the same row."""
        found = {result.student.key: self._rows(result) for result in results}
        if len(found) < len(results):
            twice = [key for key, count in Counter(result.student.key for result in results).items() if count > 1]
            raise ExportError(f"students who are in the results more than once: {line(', '.join(twice))}")
        counts = Counter(rows[0] for rows in found.values() if len(rows) == 1)
        for row, count in counts.items():
            if count > 1:
                keys = line(", ".join(key for key, rows in found.items() if rows == [row]))
                raise ExportError(f"{self.table.file}: row {row + 1} fits several students: {keys}")
        return found

    def _rows(self, result: Result) -> list[int]:
        """By the columns that the platform named when it said who the student is; else by anything that it said."""
        fields, key = result.student.fields, result.student.key
        named = [(column, [fields[head]]) for column in self.columns if fields.get(head := self.table.heads[column])]
        return self._with(named or [(column, [key, *fields.values()]) for column in self.columns])

    def _with(self, wanted: Iterable[tuple[int, Sequence[str]]]) -> list[int]:
        return sorted({row for column, values in wanted for name in values for row in self._called(column, name)})

    def _called(self, column: int, name: str) -> Collection[int]:
        return self.by_name[column].get(_name(name), ())

    def name(self, row: int) -> str:
        """What the file says of who it is about."""
        return next(filter(None, (self.table.value(row, column) for column in self.columns)))


def _name(text: str) -> str:
    """One form of the ways to write an identifier: Moodle's "Participant 123", in any language, is 123; "s123" is not."""
    return re.sub(r"^(?:\D+\s+|[^\x00-\x7f\d]+)(?=\d+$)", "", text.strip().casefold())


def introduced(results: Sequence[Result], roster: Table, keys: Collection[str]) -> list[Result]:
    """The results, their students known by all that stands in their row of a roster; `keys` are columns that tell them
    apart, as far as it has them."""
    rows = Whose(roster, [at for at, head in enumerate(roster.heads) if head in keys]).rows(results)
    known = []
    for result in results:
        fields = dict(result.student.fields)
        for row in rows[result.student.key] if len(rows[result.student.key]) == 1 else ():
            fields |= {head: roster.value(row, at) for at, head in enumerate(roster.heads) if head}
        known.append(replace(result, student=replace(result.student, fields=fields)))
    return known
