"""Text as a page shows it: nothing in it acts, and what cannot be seen is written out."""

from __future__ import annotations

import unicodedata
from typing import TypeVar

LINE = 1000
"""Characters of a line that is shown."""
T = TypeVar("T")


def plain(text: str) -> str:
    """A text with what cannot be seen escaped: control characters, those that turn text round (UAX #9), halves of
    characters. Line ends become those of Unix."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter if is_seen(letter) else ascii(letter)[1:-1] for letter in lines)


def is_seen(letter: str) -> bool:
    """Is it shown as what it is? So are spaces of any width, such as the Chinese one."""
    return letter.isprintable() or letter in "\n\t" or unicodedata.category(letter) == "Zs"


def clip(text: str, most: int) -> str:
    """A text as a page shows it, its middle left out where it is longer than `most` characters."""
    if len(text) > 2 * most:  # before the costly part: a program may print megabytes
        text = text[:most] + text[-most:]
    shown = plain(text)
    return shown if len(shown) <= most else f"{shown[: most // 2]} … {shown[len(shown) - most // 2 :]}"


def last_lines(text: str, lines: int, most: int) -> str:
    """The end of what was printed: so many lines, each of at most so many characters."""
    end = text[-lines * LINE :].splitlines()
    return "\n".join(clip(line, most) for line in end[-lines:])
