"""The lines of a script that says a lot: what comes again and again is a loop, and the rest is cut in the middle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callbox.saying import in_language, say

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ALIKE = 8
"""Lines, at most, that are seen to come again and again."""
WORTH = 3
"""Times that they come, at least, for a loop."""


@dataclass(frozen=True)
class Line:
    """A line of the script, with the number of the client or call that it is about; `like` leaves its bytes out."""

    before: str
    number: int | None = None
    after: str = ""
    like: str = ""

    def key(self, *, strict: bool) -> object:
        """The same for lines that are alike."""
        return self.before, self.after if strict or not self.like else self.like

    def code(self, number: str) -> list[str]:
        """The line, about somebody."""
        return [f"{self.before}{number if self.number is not None else ''}{self.after}"]


@dataclass(frozen=True)
class Loop:
    """Lines that come several times, for one or for each of a row of clients."""

    block: tuple[Line | Loop, ...]
    times: int
    step: int

    @property
    def number(self) -> int | None:
        """Of its first client."""
        return next((item.number for item in self.block if item.number is not None), None)

    def key(self, *, strict: bool) -> object:
        """The same for loops that are alike."""
        away = tuple(None if item.number is None else item.number - (self.number or 0) for item in self.block)
        return self.times, self.step, away, tuple(item.key(strict=strict) for item in self.block)

    def code(self, number: str) -> list[str]:
        """The loop, about somebody or, where it is a row of clients, about those."""
        first = self.number or 0
        head = f"for n in range({first}, {first + self.times * self.step}, {self.step}):"
        head, name = (head.replace(", 1)", ")"), "n") if self.step else (f"for _ in range({self.times}):", number)
        lines = [head]
        for item in self.block:
            away = (item.number or first) - first
            lines += [f"    {line}" for line in item.code(_plus(name, away))]
        return lines


Item = Line | Loop


def _plus(name: str, away: int) -> str:
    if not away:
        return name
    return str(int(name) + away) if name.isdigit() else f"{name} {'+' if away > 0 else '-'} {abs(away)}"


def body(items: Sequence[Line], room: int, lang: str) -> list[str]:
    """The lines, those that come again and again in loops; where they are too many, first those that are alike but for their
    bytes too, and then the middle left out."""
    lines: list[str] = []
    for strict in (True, False):
        lines = [
            line for item in looped(looped(items, strict=strict), strict=strict) for line in item.code(str(item.number))
        ]
        if len(lines) <= room:
            return lines
    end = room // 2
    begin = max((at for at in range(room - end) if not lines[at].startswith(" ")), default=0)
    finish = min(
        (at for at in range(len(lines) - end, len(lines)) if not lines[at].startswith(" ")), default=len(lines)
    )
    left_out = in_language(say("{count} lines of this kind are left out", count=finish - begin), lang)
    return [*lines[:begin], f"# {left_out}", *lines[finish:]]


def looped(items: Sequence[Item], *, strict: bool) -> list[Item]:
    """The same, with a loop for what comes at least WORTH times."""
    keys = [item.key(strict=strict) for item in items]
    found: list[Item] = []
    at = 0
    while at < len(items):
        rows = ((size, *_repeated(items, keys, at, size)) for size in range(1, MOST_ALIKE + 1))
        size, times, step = max(rows, key=lambda row: (row[0] * row[1] if row[1] >= WORTH else 0, -row[0]))
        if times < WORTH or (step and any(isinstance(item, Loop) and item.step for item in items[at : at + size])):
            size, times = 1, 1
            found.append(items[at])
        else:
            found.append(Loop(tuple(items[at : at + size]), times, step))
        at += size * times
    return found


def _repeated(items: Sequence[Item], keys: Sequence[object], at: int, size: int) -> tuple[int, int]:
    """How many times the next `size` items come, and by how much the number of their client grows each time."""
    if at + 2 * size > len(items):
        return 1, 0
    block, following = items[at : at + size], items[at + size : at + 2 * size]
    numbers = [(one.number, other.number) for one, other in zip(block, following, strict=True)]
    step = next((other - one for one, other in numbers if one is not None and other is not None), 0)
    times = 1
    while (place := at + times * size) + size <= len(items) and all(
        keys[at + each] == keys[place + each] and _moved(items[at + each], items[place + each], times * step)
        for each in range(size)
    ):
        times += 1
    return times, step


def _moved(one: Item, other: Item, by: int) -> bool:
    if one.number is None or other.number is None:
        return one.number is other.number
    return other.number - one.number == by
