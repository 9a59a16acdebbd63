"""Stories of a whole class in little room: those of one behaviour lie together, for they are alike, and are unpacked when one
is read."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any, TypeAlias

from callbox.shown import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NOTHING = "{}"
"""What is left of a story for which there is no room at all."""


Story: TypeAlias = "Callable[[], Sequence[str]]"
"""Gives a story as JSON, at its fullest first, and then with less and less."""


def pack(stacks: Sequence[Sequence[Story]], size: int) -> tuple[list[str], int]:
    """Each stack compressed (zlib, as base64, a line of JSON a story), all below `size` bytes, and how many stories have less
    than all. Each gets an equal share of the room that is left, so one that is large takes none from the others."""
    room, waiting, less = size * 3 // 4, sum(len(stack) for stack in stacks), 0  # base64 has 4 bytes for 3
    packed = []
    for stack in stacks:
        stream, data = zlib.compressobj(9), b""
        for story in stack:
            versions = [*story(), NOTHING]
            for version in versions:
                trial = stream.copy()
                block = trial.compress(version.encode() + b"\n") + trial.flush(zlib.Z_SYNC_FLUSH)
                if len(block) <= room / waiting:
                    break
            stream, data, room, waiting = trial, data + block, room - len(block), waiting - 1
            less += version != versions[0]
        packed.append(base64.b64encode(data + stream.flush()).decode())
    return packed, less


def as_json(value: Any) -> str:
    """JSON on one line; what cannot be seen is written out."""
    return json.dumps(seen(value), ensure_ascii=False, separators=(",", ":"))


def as_script(value: Any) -> str:
    """JSON that is as safe inside <script> as out of it: what a browser could take for markup, or an old one for a line's
    end, is escaped (HTML, 4.12.1.3, restrictions for contents of script elements)."""
    text = as_json(value)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def seen(value: Any) -> Any:
    """The same, every text in it as a page shows it."""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, dict):
        return {harmless(name): seen(each) for name, each in value.items()}
    return [seen(each) for each in value] if isinstance(value, (list, tuple)) else value
