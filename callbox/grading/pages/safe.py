"""Text of any length and content, made fit for a page."""

from __future__ import annotations

from callbox.shown import harmless

LINE = 1000
"""Characters of a line of output that are looked at."""


def clip(text: str, most: int) -> str:
    """A text in which nothing acts and all is seen, its middle left out where it is longer than `most` characters."""
    if len(text) > 2 * most:  # before the costly part: a program may print megabytes
        text = text[:most] + text[-most:]
    shown = text if text.isprintable() else harmless(text)
    return shown if len(shown) <= most else f"{shown[: most // 2]} … {shown[len(shown) - most // 2 :]}"


def last_lines(text: str, lines: int, most: int) -> str:
    """The end of what was printed: so many lines, each of at most so many characters."""
    end = text[-lines * LINE :].splitlines()
    return "\n".join(clip(line, most) for line in end[-lines:])
