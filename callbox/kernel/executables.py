"""Which runtime or library a process runs on, where that decides what its program has a say in."""

from __future__ import annotations

import mmap
from contextlib import suppress
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Receiver:
    """A runtime or library that receives on its own, and hands the program what came."""

    name: str
    begins: str
    """how the name of its program, or of its library, begins"""
    lengths: frozenset[int]
    """bytes that it asks for; none where it varies"""


RECEIVERS = [
    Receiver("Node", "node", frozenset({1 << 16})),
    Receiver("libuv", "libuv.", frozenset({1 << 16})),  # uv__read in unix/stream.c, UV__UDP_DGRAM_MAXSIZE in unix/udp.c
    Receiver("asyncio", "python", frozenset({256 << 10})),  # max_size in asyncio/selector_events.py
    Receiver("uvloop", "python", frozenset({256_000})),  # UV_STREAM_RECV_BUF_SIZE in uvloop/includes/consts.pxi
    Receiver("Twisted", "python", frozenset({1 << 16})),  # bufferSize in twisted/internet/abstract.py
    Receiver("Tcl", "libtcl", frozenset({4096})),  # CHANNELBUFFER_DEFAULT_SIZE in generic/tclIO.h
    Receiver("PHP", "php", frozenset({8192})),  # PHP_SOCK_CHUNK_SIZE in main/php_network.h
    Receiver("libevent", "libevent", frozenset()),  # evbuffer_read in buffer.c: EVBUFFER_MAX_READ, or what is there
]
"""Who asks, never blocking, for a length that the program has not chosen: from their sources. A Python program that asks for
64 KiB by hand is taken for Twisted: no program is failed for what may be its library's choice."""


def chooser_of(pid: int, length: int) -> str:
    """The runtime or library that asks for so many bytes of its own accord; empty when none is known."""
    names: set[str] = set()
    with suppress(OSError):
        names.add(Path(f"/proc/{pid}/exe").readlink().name)
        mapped = Path(f"/proc/{pid}/maps").read_text(errors="replace")
        names |= {line.rpartition("/")[2] for line in mapped.splitlines() if "/" in line}
    for receiver in RECEIVERS:
        may_ask = length in receiver.lengths or not receiver.lengths
        if may_ask and any(name.startswith(receiver.begins) for name in names):
            return receiver.name
    return ""
