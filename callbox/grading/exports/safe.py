"""Texts made fit for where they go: whatever a program said, it is text there and nothing else."""

from __future__ import annotations

from html import escape
from unicodedata import normalize

from callbox.shown import harmless

LONGEST = 8_000
"""Characters of one text in a file that people read."""
LONGEST_LINE = 500
"""Characters of one that is told on a line."""
_FORMULA = ("=", "+", "-", "@")


def line(text: str) -> str:
    """The same on one line, which ends with … where it is too long for one."""
    told = " ".join(harmless(text).split())
    return told if len(told) <= LONGEST_LINE else f"{told[: LONGEST_LINE - 1]}…"


def capped(text: str, note: str, most: int = LONGEST) -> str:
    """The beginning of a long text, and how much is left out: `note` says so with `{count}` in it."""
    return text if len(text) <= most else f"{text[:most]}\n{note.format(count=len(text) - most)}"


def cell(text: str) -> str:
    """For a spreadsheet: no formula, on one line.

    An apostrophe says that it is text, where Excel or LibreOffice would see a formula, in full width too.
    https://owasp.org/www-community/attacks/CSV_Injection
    """
    told = line(text)
    return f"'{told}" if normalize("NFKC", told).lstrip().startswith(_FORMULA) else told


def html(text: str) -> str:
    """For HTML, as text or in an attribute."""
    return escape(harmless(text))


def block(text: str) -> str:
    """For Markdown, as a block. What begins with <pre> is HTML up to </pre> (CommonMark 4.6), and no blank line ends it."""
    return f"<pre>{html(text)}</pre>"


def command_data(text: str) -> str:
    """For the message of a GitHub workflow command.

    https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
    """
    return harmless(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """For a property of a GitHub workflow command."""
    return command_data(line(text)).replace(":", "%3A").replace(",", "%2C")
