"""Folders of Allure results, and machines with other Nodes, for the tests of the report."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from callbox.allure_report import node

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

WIDGET = re.compile(r'd\("([^"]+)","([^"]*)"\)')


def write_result(folder: Path, name: str, status: str, **more: Any) -> None:
    """One result, of a test that is told apart by its name."""
    folder.mkdir(parents=True, exist_ok=True)
    number = len(list(folder.iterdir()))
    result = {
        "uuid": f"{name}-{number}", "name": name, "fullName": name, "status": status, "stage": "finished",
        "start": number, "stop": number + 1, "parameters": [], "labels": [{"name": "epic", "value": "TCP server"}],
    }  # fmt: skip
    (folder / f"{number}-result.json").write_text(json.dumps(result | more))


def widgets(page: Path) -> dict[str, Any]:
    """The data in a report, by name."""
    packed = {name: data for name, data in WIDGET.findall(page.read_text("utf-8")) if name.endswith(".json")}
    return {name: json.loads(base64.b64decode(data)) for name, data in packed.items()}


@dataclass
class Machine:
    """One on which `node` and `npm` are what a test writes."""

    folder: Path

    def has(self, name: str, script: str) -> None:
        """There is a program of this name: a shell script."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        (self.folder / name).chmod(0o755)

    @classmethod
    def at(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
        """A machine with neither; its user's cache is empty."""
        monkeypatch.setattr(node, "brought", lambda: None)
        monkeypatch.setenv("PATH", str(folder / "bin"))
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        return cls(folder / "bin")
