"""Runs pytest as its users do, in a process of its own, and reads what it left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

HOUSE = Path(__file__).parents[2]
SPECIMENS = HOUSE / "fixtures" / "specimens"


@dataclass(frozen=True)
class Ran:
    """A finished run."""

    status: int
    text: str
    folder: Path

    def results(self) -> list[dict[str, Any]]:
        """Allure's results."""
        return [json.loads(path.read_text()) for path in (self.folder / "allure").glob("*-result.json")]

    def verdicts(self) -> dict[str, str]:
        """The verdict of each check, by its function's name, from the JUnit XML."""
        cases = ET.parse(self.folder / "junit.xml").iter("testcase")
        named = (
            (case.attrib["name"].split("[")[0], case.find("properties/property[@name='verdict']")) for case in cases
        )
        return {name.removeprefix("test_"): verdict.attrib["value"] for name, verdict in named if verdict is not None}


def run_pytest(folder: Path, *arguments: str, cwd: Path = HOUSE, plugin: str = "") -> Ran:
    """Run pytest; `plugin` is the source of one more plugin, for sabotage."""
    (folder / "saboteur.py").write_text(plugin)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    pytest = str(Path(sys.executable).with_name("pytest"))
    command = [pytest, "-p", "no:cacheprovider", "-p", "saboteur", f"--junitxml={folder / 'junit.xml'}", *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False)
    return Ran(done.returncode, (done.stdout + done.stderr).decode(errors="backslashreplace"), folder)
