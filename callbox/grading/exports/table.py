"""A CSV file of somebody else's, in which single cells are changed and every other byte stays as it is."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from callbox.grading.exports.saving import ExportError
from callbox.strict import meant

_MARK = "\ufeff"


@dataclass
class _Cell:
    raw: str
    """as it stands in the file, with its quotation marks"""
    after: str
    """the delimiter or line end behind it; nothing at the end of the file"""


class Table:
    """The rows of a file, by number from 0; the first one names the columns."""

    def __init__(self, data: bytes, file: str, encoding: str = "utf-8") -> None:
        """Raise ExportError where the file is no such text, or no CSV that can be kept byte for byte."""
        self.file, self.encoding = file, encoding
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            raise ExportError(f"{file}: is not {encoding} text; save it as CSV UTF-8, or say its encoding") from None
        self.mark = _MARK if text.startswith(_MARK) else ""
        text = text.removeprefix(_MARK)
        self.delimiter = max(",;\t", key=lambda each: len(_split(text, each, rows=1)[0]))
        self._rows = _split(text, self.delimiter)
        self.rows = self._read(text)
        self.heads = [head.strip() for head in self.rows[0]]

    def _read(self, text: str) -> list[list[str]]:
        """The values, as the csv module reads them: where it sees other cells than we do, nothing is touched."""
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter, strict=True))
        except csv.Error as wrong:
            raise ExportError(f"{self.file}: is not CSV: {wrong}") from None
        widths = [max(len(row), 1) for row in rows] or [1]
        if widths != [len(row) for row in self._rows]:
            raise ExportError(f"{self.file}: is not CSV: a quotation mark is open or in the wrong place")
        return rows or [[]]

    def column(self, word: str) -> int:
        """The column of this name. A part of it will do, as whole words, where it fits one column only."""
        fits = (
            lambda head: head == word,
            lambda head: re.sub(r"\s*\([^()]*\)$", "", head).casefold() == word.casefold(),
            lambda head: re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", head.casefold()) is not None,
        )
        for fit in fits:
            found = [at for at, head in enumerate(self.heads) if fit(head)]
            if len(found) == 1:
                return found[0]
            if found:
                names = ", ".join(repr(self.heads[at]) for at in found)
                raise ExportError(f"{self.file}: {word!r} may be any of the columns {names}; say which")
        raise ExportError(f"{self.file}: there is no column {word!r}; {meant(word, filter(None, self.heads))}")

    def value(self, row: int, column: int) -> str:
        """What stands in a cell; nothing where the row ends before it."""
        cells = self.rows[row]
        return cells[column].strip() if column < len(cells) else ""

    def put(self, row: int, column: int, value: str) -> None:
        """Change a cell. It has quotation marks where it had some, or needs them."""
        cells = self._rows[row]
        while len(cells) <= column:  # a row that ends early, as some spreadsheets write them
            cells.append(_Cell("", cells[-1].after))
            cells[-2].after = self.delimiter
        needs = cells[column].raw.startswith('"') or any(sign in value for sign in (self.delimiter, '"', "\r", "\n"))
        cells[column].raw = '"' + value.replace('"', '""') + '"' if needs else value

    def data(self) -> bytes:
        """The file."""
        try:
            text = "".join(cell.raw + cell.after for row in self._rows for cell in row)
            return (self.mark + text).encode(self.encoding)
        except UnicodeEncodeError as wrong:
            sign = wrong.object[wrong.start]
            raise ExportError(f"{self.file}: {self.encoding} has no {sign!r}; save it as CSV UTF-8") from None


def _split(text: str, delimiter: str, rows: int | None = None) -> list[list[_Cell]]:
    """The cells of all rows, or of the first ones, as they stand in the file."""
    one = re.compile(rf'("(?:[^"]|"")*+"|[^{delimiter}\r\n]*)({delimiter}|\r\n|\n|\r|\Z)')
    found: list[list[_Cell]] = [[]]
    at = 0
    while rows is None or len(found) <= rows:
        match = one.match(text, at)
        if match is None:  # cannot be: the second way to write a cell takes anything up to the next sign
            raise AssertionError(at)
        found[-1].append(_Cell(*match.groups()))
        at = match.end()
        if match[2] != delimiter:
            if at == len(text):
                break
            found.append([])
    return found[:rows]
