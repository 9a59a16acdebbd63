"""Puts faults into a copy of the bench, one at a time, and sees its tests turn red: who tests the suite of the suites.

Run: python suites/bench/mutate.py [PART OF A NAME …]
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from callbox.plugin.guards import INCONCLUSIVE

HOUSE = Path(__file__).parents[2]
MUTATIONS = Path(__file__).with_name("mutations.toml")
RED = {1, INCONCLUSIVE}
"""Exit statuses of a run whose tests failed, or whose bench was found out by its own guards."""


@dataclass(frozen=True)
class Mutation:
    """A fault: `old`, which stands in the file once, becomes `new`; `tests` are pytest's words."""

    name: str
    file: str
    old: str
    new: str
    tests: str

    def put_into(self, house: Path) -> None:
        """Change the file. Raises ValueError where the old text is not found, or more than once."""
        path = house / self.file
        text = path.read_text("utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: its old text stands {text.count(self.old)} times in {self.file}")
        path.write_text(text.replace(self.old, self.new), "utf-8")

    def survives(self, house: Path) -> bool:
        """Do the tests pass all the same?"""
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *shlex.split(self.tests)]
        environment = {**os.environ, "PYTHONPATH": str(house), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, cwd=house, env=environment, capture_output=True, text=True, check=False)
        if done.returncode not in {0, *RED} or "INTERNALERROR" in done.stdout:
            raise RuntimeError(f"{self.name}: its tests could not run:\n{done.stdout}{done.stderr}")
        return done.returncode == 0


def mutations() -> list[Mutation]:
    """All of them."""
    return [Mutation(name, **table) for name, table in tomllib.loads(MUTATIONS.read_text("utf-8")).items()]


def main(names: list[str]) -> int:
    """Try them; the exit status is 1 when one survives."""
    chosen = [one for one in mutations() if not names or any(name in one.name for name in names)]
    survivors = 0
    for number, mutation in enumerate(chosen, 1):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, "house")
            shutil.copytree(HOUSE, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache"))
            mutation.put_into(copy)
            survived = mutation.survives(copy)
        survivors += survived
        print(f"{number:3}/{len(chosen)}  {'SURVIVED' if survived else 'killed  '}  {mutation.name}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} killed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
