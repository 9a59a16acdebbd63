"""How a program is started."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from callbox.limits import Limits


@dataclass(frozen=True)
class Launch:
    """A command, and what it finds in its work folder."""

    name: str
    argv: tuple[str, ...]
    files: Mapping[str, tuple[bytes, int]] = field(default_factory=dict)
    """its work folder: bytes and mode by path"""
    folders: tuple[Path, ...] = ()
    """what of the host it can read beside the system"""
    env: Mapping[str, str] = field(default_factory=dict)
    limits: Limits | None = None
    """the usual ones, unless given"""
    traced: bool = False
    """is what it asks for in receiving calls written down?"""

    def __str__(self) -> str:
        return self.name
