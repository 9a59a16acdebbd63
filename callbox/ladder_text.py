"""A ladder drawn for a terminal: a column for each who takes part, an arrow for each step."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from callbox.ladder import Fold
from callbox.saying import in_language, say
from callbox.shown import cut, on_one_line, width, wrapped
from callbox.steps import NAMES, named, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from callbox.ladder import Ladder
    from callbox.steps import Step

BESIDE = 3
"""Columns between two ladders."""
ROOM = 20
"""Columns that an arrow needs, at least, for ladders to stand beside each other."""
NOTE_LINES = 5
"""Lines of a note."""
MARGIN = 2
"""Columns on the left, for the sign of the first difference."""


@dataclass(frozen=True, slots=True)
class Pen:
    """The characters that a ladder is drawn with."""

    line: str
    life: str
    left: str
    right: str
    note: str
    more: str
    wrong: str
    good: str


FINE = Pen("─", "│", "←", "→", "●", "…", "✗", "✓")
PLAIN = Pen("-", "|", "<", ">", "*", "...", "x", "+")
"""For a terminal or a file that has no others."""


def as_text(ladders: Sequence[Ladder], lang: str = "en", columns: int = 80, encoding: str = "utf-8") -> str:
    """Ladders beside each other, or one below the other where they are too wide for that, `columns` wide at most; what
    the encoding does not have is escaped."""
    if not _has(
        "".join(in_language(each, lang) for ladder in ladders for each in (ladder.title, *NAMES.values())), encoding
    ):
        lang = "en"
    half = (columns - BESIDE) // 2
    beside = len(ladders) == 2 and all(_room(ladder, half) >= ROOM for ladder in ladders)
    drawn = [Drawing(ladder, lang, half if beside else columns, encoding).lines() for ladder in ladders]
    titles = [in_language(ladder.title, lang) if len(ladders) > 1 else "" for ladder in ladders]
    if not beside:
        parts = ["\n".join(filter(None, [title, *lines])) for title, lines in zip(titles, drawn, strict=True)]
        return "\n\n".join(parts)
    longest = max(map(len, drawn))
    left, right = ([title, *lines, *[""] * (longest - len(lines))] for title, lines in zip(titles, drawn, strict=True))
    return "\n".join((padded(one, half + BESIDE) + other).rstrip() for one, other in zip(left, right, strict=True))


def _room(ladder: Ladder, columns: int) -> int:
    """Columns between two who take part."""
    return (columns - MARGIN - 8) // max(1, len(ladder.columns) - 1)


class Drawing:
    """One ladder, a line at a time."""

    def __init__(self, ladder: Ladder, lang: str, columns: int, encoding: str) -> None:
        self.ladder = ladder
        self.lang = lang
        self.encoding = encoding
        self.columns = columns
        self.pen = FINE if _has("".join(astuple(FINE)), encoding) else PLAIN
        names = ladder.columns
        self.labels = {name: self.written(in_language(named(name), lang)) for name in names}
        first, last = (width(self.labels[name]) for name in (names[0], names[-1])) if names else (0, 0)
        start = MARGIN + max(1, (first + 1) // 2)
        room = max(4, columns - start - 1 - last // 2) if len(names) > 1 else 0
        self.places = {name: start + room * at // max(1, len(names) - 1) for at, name in enumerate(names)}

    def written(self, text: str) -> str:
        """A text as it can be written here, on one line."""
        return on_one_line(text).encode(self.encoding, "backslashreplace").decode(self.encoding)

    def lines(self) -> list[str]:
        """The whole ladder."""
        later = self.ladder.later()
        lines = [self._header()]
        for at, step in enumerate(self.ladder.steps):
            if at in later:
                lines += self._across(say("{seconds} s later", seconds=f"{later[at]:.1f}"))
            first, *rest = self._step(step)
            sign = self.pen.good if self.ladder.right else self.pen.wrong
            lines += [sign + first[1:] if at == self.ladder.mark else first, *rest]
        return [line.rstrip() for line in lines]

    def _header(self) -> str:
        cells = [" "] * self.columns
        gap = min((after - before for before, after in pairwise(self.places.values())), default=self.columns)
        for name, place in self.places.items():
            text = cut(self.labels[name], max(3, gap - 1), self.pen.more)
            _put(cells, max(0, min(place - width(text) // 2, self.columns - width(text))), text)
        return "".join(cells)

    def _step(self, step: Step | Fold) -> list[str]:
        if isinstance(step, Fold):
            return self._across(say("{count} more", count=step.count))
        return [self._arrow(step)] if step.whom else list(self._note(step))

    def _lives(self) -> list[str]:
        cells = [" "] * self.columns
        for place in self.places.values():
            cells[place] = self.pen.life
        return cells

    def _across(self, words: str) -> list[str]:
        cells = self._lives()
        text = f" {self.pen.more} {self.written(in_language(words, self.lang))} {self.pen.more} "
        _put(cells, max(MARGIN, (min(self.places.values()) + max(self.places.values()) - width(text)) // 2), text)
        return ["".join(cells)]

    def _arrow(self, step: Step) -> str:
        here, there = self.places[step.who], self.places[step.whom]
        low, high = min(here, there), max(here, there)
        inner = high - low - 1
        told = words(step, self.lang, inner - 4, self.written, self.pen.more)
        bare = inner - 1 - width(told) - 2
        line = self.pen.line * (bare // 2) + f" {told} " + self.pen.line * (bare - bare // 2)
        cells = self._lives()
        _put(cells, low + 1, line + self.pen.right if there > here else self.pen.left + line)
        return "".join(cells)

    def _note(self, step: Step) -> Iterator[str]:
        """Words beside a column, on the side where there is more room."""
        place = self.places[step.who]
        leftwards = place > self.columns // 2
        room = place - MARGIN - 2 if leftwards else self.columns - place - 2
        for number, text in enumerate(
            wrapped(words(step, self.lang, NOTE_LINES * room, self.written, self.pen.more), room)
        ):
            cells = self._lives()
            cells[place] = self.pen.life if number else self.pen.note
            _put(cells, place - 1 - width(text) if leftwards else place + 2, text)
            yield "".join(cells)


def _has(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _put(cells: list[str], at: int, text: str) -> None:
    """Write over what stands in a line; a wide character takes two cells."""
    for letter in text:
        cells[at : at + width(letter)] = [letter, ""][: width(letter)]
        at += width(letter)


def padded(text: str, columns: int) -> str:
    """A text with blanks after it."""
    return text + " " * (columns - width(text))
