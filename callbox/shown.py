"""Bytes as a person reads them: in quotation marks, shortened, cut around what is wrong."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from callbox.saying import say

if TYPE_CHECKING:
    from callbox.saying import Saying

AROUND = 24
"""Bytes shown on each side of the first wrong one."""
SHORT = 60
"""Bytes of a message shown in a line."""


def text_of(data: bytes) -> str:
    """Bytes as a person reads them, on one line: text where they are printable text, escapes for the rest."""
    shown = []
    for character in data.decode("utf-8", "surrogateescape"):
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:
            shown.append(f"\\x{code - 0xDC00:02x}")
        elif character in '"\\':
            shown.append("\\" + character)
        else:
            shown.append(character if character.isprintable() else repr(character)[1:-1])
    return "".join(shown)


def harmless(text: str) -> str:
    """A text for a terminal or a report, its lines kept: what is not seen, and could steer a terminal, is escaped."""
    return "\n".join(line if line.isprintable() else _seen(line) for line in text.split("\n"))


def _seen(line: str) -> str:
    return "".join(letter if letter.isprintable() or letter == "\t" else repr(letter)[1:-1] for letter in line)


def on_one_line(text: str) -> str:
    """A text without what could steer a terminal, and every run of blanks in it a single one."""
    return " ".join(harmless(text).split())


def show(data: bytes) -> Saying:
    """Bytes in quotation marks with their number, shortened in the middle when they are many."""
    if len(data) <= SHORT:
        return say('"{text}" ({size})', text=text_of(data), size=count(data))
    beginning, end = (
        text_of(data[: boundary(data, SHORT // 2)]),
        text_of(data[boundary(data, len(data) - SHORT // 2) :]),
    )
    return say('"{beginning}" … "{end}" ({size})', beginning=beginning, end=end, size=count(data))


def boundary(data: bytes, at: int) -> int:
    """The place at `at` or just before it where no character is cut in two. In UTF-8 one has at most four bytes, all but the
    first of which are 80 to BF; where there is no such first byte, it is `at`."""
    places = range(at, max(at - 4, -1), -1)
    return next((place for place in places if not 0x80 <= int.from_bytes(data[place : place + 1]) < 0xC0), at)


def count(data: bytes) -> Saying:
    """How many bytes."""
    return size_of(len(data))


def size_of(number: int) -> Saying:
    """A number of bytes."""
    return say("1 byte") if number == 1 else say("{number} bytes", number=number)


def compare(wanted: bytes, got: bytes) -> tuple[Saying, Saying]:
    """Both, cut around the first byte that differs, with a caret under it."""
    if not got:
        return show(wanted), say("nothing")
    first = next((at for at, pair in enumerate(zip(wanted, got, strict=False)) if pair[0] != pair[1]), None)
    first = min(len(wanted), len(got)) if first is None else first
    start = boundary(wanted, max(0, first - AROUND))
    lead = say("…{start} bytes… ", start=start) if start else say("")
    parts = [data[start : boundary(data, first + AROUND)] for data in (wanted, got)]
    lines = []
    for data, shown in zip((wanted, got), parts, strict=True):
        left = len(data) - start - len(shown)
        rest = say(" …{left} more", left=left) if left > 0 else say("")
        lines.append(say('{lead}"{text}"{rest} ({size})', lead=lead, text=text_of(shown), rest=rest, size=count(data)))
    # Where the first wrong byte is not the first of its character, the character is what is shown, and pointed at.
    before = [text_of(got[start:at]) for at in range(first, start - 1, -1)]
    blank = " " * width(lead + '"' + next(filter(text_of(parts[1]).startswith, before)))
    pointer = say("{blank}^ byte {first}", blank=blank, first=first)
    return lines[0], say("{line}\n{pointer}", line=lines[1], pointer=pointer)


def width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def cut(text: str, room: int, more: str = "…") -> str:
    """A text that takes `room` columns at most, cut in the middle."""
    if width(text) <= room:
        return text
    left = max(0, room - width(more))
    head = _fitting(text, left - left // 2)
    tail = _fitting(text[::-1], left // 2)[::-1]
    return (head + more + tail) if room > 0 else ""


def _fitting(text: str, room: int) -> str:
    """As much of the beginning as takes `room` columns."""
    taken = 0
    for at, letter in enumerate(text):
        taken += width(letter)
        if taken > room:
            return text[:at]
    return text


def wrapped(text: str, room: int) -> list[str]:
    """A text in lines of `room` columns at most, broken at blanks where that is possible."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined) <= room:
            lines[-1] = joined
            continue
        rest = word
        while width(rest) > room > 1:
            lines.append(_fitting(rest, room))
            rest = rest[len(lines[-1]) :]
        lines.append(rest)
    return [line for line in lines if line]
