"""Which language's own library a process runs on, where that decides what its program has a say in."""

from __future__ import annotations

import mmap
from contextlib import suppress
from pathlib import Path

MARKS = {"Go": b"\xff Go buildinf:", "Rust": b"/rustc/"}
"""What every program has in it that is made by Go (debug/buildinfo), and by rustc: the paths of its library's sources,
which tell where a program panicked."""


def without_a_backlog(pid: int) -> str:
    """The language of a process's program, if its library listens without asking for a backlog; else empty."""
    with suppress(OSError, ValueError):
        program = Path(f"/proc/{pid}/exe")
        if program.readlink().name.startswith(("tclsh", "wish")):
            return "Tcl"
        with program.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return next((language for language, mark in MARKS.items() if data.find(mark) >= 0), "")
    return ""
