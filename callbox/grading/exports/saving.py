"""Puts an export where it belongs: the whole of it, or nothing."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExportError(ValueError):
    """An export that cannot be made; a line for each reason, which says what to do."""


def save(out: Path, data: bytes) -> None:
    """Write a file, and its folder where there is none. An earlier file stays as it was until the new one is complete."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as file:
            try:
                file.write(data)
                file.flush()
                Path(file.name).chmod(0o666 & ~_umask())
                os.replace(file.name, out)  # noqa: PTH105 - named for what it does
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as wrong:
        raise ExportError(f"{out}: cannot be written: {wrong.strerror or wrong}") from None


def _umask() -> int:
    """Which permissions this process withholds; it can only be asked by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def save_json(out: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON document as UTF-8."""
    save(out, json.dumps(document, ensure_ascii=False, allow_nan=False).encode() + b"\n")
