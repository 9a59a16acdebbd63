"""Packs callbox, an assignment and a rubric into the zip file that Gradescope makes an autograder of."""

from __future__ import annotations

import tomllib
import zipfile
from typing import TYPE_CHECKING

from callbox import assignment as assignments
from callbox.assignment import ROLES
from callbox.home import HOUSE
from callbox.strict import meant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCRIPTS = HOUSE / "docs" / "gradescope"
"""setup.sh and run_autograder (gradescope-autograders.readthedocs.io/en/latest/specs)"""
# What judges programs. Neither the tests of the bench nor the specimens: among these are right answers.
PARTS = (
    *("LICENSE", "README.md", "conftest.py", "constraints.txt", "pyproject.toml", "pytest.ini"),
    *("callbox/**/*", "reference/**/*", "fixtures/*.py", "suites/**/*"),
)
LEFT_OUT = {"__pycache__", "bench"}
PLAIN, EXECUTABLE = 0o100644, 0o100755
EPOCH = (1980, 1, 1, 0, 0, 0)
"""of every file in it: the same checkout gives the same zip file"""


class AutograderError(ValueError):
    """The autograder cannot be packed: a line that says why."""


def build_autograder(
    out: Path, *, role: str | None = None, assignment: Path | None = None, rubric: Path | None = None, lang: str = "en"
) -> Path:
    """Write the zip file `out`, whole or not at all, and return it.

    Programs are judged in `role`, or in the one that their name tells, by the `assignment`, and get points by the `rubric`: TOML
    files, the tutorial's numbers and all points alike without them. Raises ValueError with a line for each mistake.
    """
    if out.exists():
        raise AutograderError(f"{out}: is there already; remove it, or choose another name")
    if role is not None and role not in ROLES:
        raise AutograderError(f"{role!r} is no role; {meant(role, ROLES)}")
    if assignment is not None:
        assignments.load(assignment)
    given = {name: file for name, file in (("assignment", assignment), ("rubric", rubric)) if file}
    files = {f"{name}.toml": read_toml(file) for name, file in given.items()}
    words = [word for name in given for word in (f"--{name}", f"{name}.toml")]
    words += ["--role", role] if role else []
    files["arguments"] = "".join(f"{word}\n" for word in (*words, "--lang", lang)).encode()
    files |= dict(house())
    files |= {name: (SCRIPTS / name).read_bytes() for name in ("setup.sh", "run_autograder")}
    return pack(out, files)


def read_toml(file: Path) -> bytes:
    """A file's bytes, which are TOML."""
    try:
        data = file.read_bytes()
        tomllib.loads(data.decode())
    except OSError as error:
        raise AutograderError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise AutograderError(f"{file}: is not TOML: {error}") from None
    return data


def house() -> Iterator[tuple[str, bytes]]:
    """The files of this checkout that grading takes, below callbox/."""
    if not SCRIPTS.is_dir():
        raise AutograderError(f"{HOUSE}: is no checkout of callbox; install it with `pip install -e` from one")
    for path in sorted(path for part in PARTS for path in HOUSE.glob(part) if path.is_file()):
        name = path.relative_to(HOUSE)
        if LEFT_OUT.isdisjoint(name.parts):
            yield f"callbox/{name.as_posix()}", path.read_bytes()


def pack(out: Path, files: dict[str, bytes]) -> Path:
    """Write a zip file."""
    part = out.with_name(f"{out.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in sorted(files.items()):
                entry = zipfile.ZipInfo(name, EPOCH)
                entry.external_attr = (EXECUTABLE if data.startswith(b"#!") else PLAIN) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, data)
        return part.rename(out)
    except OSError as error:
        raise AutograderError(f"{error.filename or part}: cannot be written: {error.strerror}") from None
