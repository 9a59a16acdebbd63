"""Exceptions that nobody caught, in what a program printed: which one, and the line of the student's own that it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from callbox.saying import Saying, say

if TYPE_CHECKING:
    from collections.abc import Mapping

RAISED = "{error}, in {place}"
LONGEST = 160
"""Letters shown of an error, and of a line of source."""
TRACEBACK = re.compile(
    r"""
    ^Traceback\ \(most\ recent\ call\ last\)  # Python
    | ^Exception\ in\ thread | ^\s+at\ [\w.$/<>]+\(.*\.java:  # Java
    | ^\s+at\ .*\bnode:  # Node
    | ^thread\ '.*\ panicked\ at | ^goroutine\ \d+\ \[ | ^\S+\.rb:\d+:in  # Rust, Go, Ruby
    """,
    re.MULTILINE | re.VERBOSE,
)
"""How an exception that nobody caught looks in what a program printed."""
UNCAUGHT = re.compile(
    r"^Traceback \(most recent call last\)|^Exception in thread|^thread '.*panicked at|terminated with exception",
    re.MULTILINE,
)
"""The same without bare frames: Java and Node programs that caught an exception print them too."""


@dataclass(frozen=True)
class Form:
    """How a language prints an exception: patterns for where that begins, for the error, and for a frame (file, line)."""

    beginning: re.Pattern[str]
    error: re.Pattern[str]
    frame: re.Pattern[str]
    innermost_last: bool = False


def form(beginning: str, error: str, frame: str, *, innermost_last: bool = False) -> Form:
    """A form of these patterns, each of which is for a line."""
    beginning_, error_, frame_ = (re.compile(pattern, re.MULTILINE) for pattern in (beginning, error, frame))
    return Form(beginning_, error_, frame_, innermost_last)


FORMS = [
    form(  # Python; of several that caused each other, the last is the one that nobody caught
        r"^Traceback \(most recent call last\):",
        r"^(?P<error>[A-Za-z_][\w.]*(:.*)?)$(?![\s\S]*^  File )",
        r'^\s+File "(?P<file>[^"]+)", line (?P<line>\d+)',
        innermost_last=True,
    ),
    form(  # Java
        r'^Exception in thread "[^"]*" ',
        r'^(Caused by: |Exception in thread "[^"]*" )(?P<error>.*)$(?![\s\S]*^Caused by: )',
        r"^\s+at .*\((?P<file>\w+\.java):(?P<line>\d+)\)",
    ),
    form(  # Node: the place stands first, then the error and its frames
        r"^(node:\S+:\d+|\S+\.[cm]?js:\d+)$",
        r"^(?P<error>\w*Error\b.*)$",
        r"(?P<file>[^\s():]+\.[cm]?js):(?P<line>\d+)",
    ),
    form(r"^panic: ", r"^panic: (?P<error>.*)$", r"^\t(?P<file>\S+\.go):(?P<line>\d+)"),
    form(  # Rust: since 1.73 the message stands on a line of its own, before that in quotation marks
        r"^thread '[^']*'.* panicked at ",
        r"panicked at (?:\S+\.rs:\d+:\d+:\n(?P<error>.*)|'(?P<quoted>.*)', )",
        r"(?P<file>[^\s']+\.rs):(?P<line>\d+):\d+",
    ),
    form(  # Ruby
        r"^\S+\.rb:\d+:in ", r"^\S+\.rb:\d+:in [`'].*?': (?P<error>.*)$", r"(?P<file>\S+\.rb):(?P<line>\d+):in"
    ),
    form(  # Perl
        r"^.* at \S+\.p[lm] line \d+(, <.*> .*)?\.$",
        r"^(?P<error>.*) at \S+\.p[lm] line \d+(, <.*> .*)?\.$",
        r" at (?P<file>\S+\.p[lm]) line (?P<line>\d+)",
    ),
]


def find(output: str, files: Mapping[str, bytes]) -> Saying:
    """The last exception in an output, with the line of these files in which it arose; empty where there is none."""
    for one in FORMS:
        if beginnings := list(one.beginning.finditer(output)):
            text = output[beginnings[-1].start() :]
            if error := one.error.search(text):
                said = next(filter(None, error.groupdict().values()), "").strip()[:LONGEST]
                place = place_of(one, text, files)
                return say(RAISED, error=said, place=place) if place else say("{error}", error=said)
    return say("")


def place_of(one: Form, text: str, files: Mapping[str, bytes]) -> Saying | None:
    """The innermost frame that is in one of these files."""
    frames = [(found["file"], int(found["line"])) for found in one.frame.finditer(text)]
    for path, line in reversed(frames) if one.innermost_last else frames:
        if own := file_of(path, files):
            source = line_of(files[own], line)
            where = say("line {line}", line=line)
            if len(scripts(files)) > 1:
                where = say("line {line} of {file}", line=line, file=own)
            return say("{where}: {source}", where=where, source=f"`{source}`") if source else where
    return None


def place_in(text: object) -> str:
    """The place that a sentence names in which an exception arose, here or in a sentence within; empty where it names none."""
    if not isinstance(text, Saying):
        return ""
    if text.template == RAISED:
        return str(text.values["place"])
    return next(filter(None, map(place_in, text.values.values())), "")


def scripts(files: Mapping[str, bytes]) -> list[str]:
    """The files that may have frames: a single one need not be named."""
    ends = {PurePosixPath(path).suffix for path in files} & {
        ".py",
        ".java",
        ".js",
        ".mjs",
        ".go",
        ".rs",
        ".rb",
        ".pl",
        ".pm",
    }
    return [path for path in files if PurePosixPath(path).suffix in ends]


def file_of(path: str, files: Mapping[str, bytes]) -> str | None:
    """Which of these files a frame means by a path: of those that end alike, the longest."""
    return max((own for own in files if path == own or path.endswith(f"/{own}")), key=len, default=None)


def line_of(data: bytes, number: int) -> str:
    """A line of a file, without what indents it; empty where it has none of that number."""
    lines = data.decode("utf-8", "replace").splitlines()
    return lines[number - 1].strip()[:LONGEST] if 0 < number <= len(lines) else ""
