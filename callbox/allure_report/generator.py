"""Allure 3, installed once for a user: in the versions that our package-lock.json names, whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from callbox.allure_report import node
from callbox.allure_report.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Iterator

PINNED = Path(__file__).parent / "npm"
FILES = ("package.json", "package-lock.json")
# Nothing of a package is run when it is installed; a registry that is out of reach is found out within a minute.
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--fetch-retries=1")


def cache() -> Path:
    """The folder of the user's in which it is kept (XDG Base Directory Specification)."""
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (given if given.is_absolute() else Path.home() / ".cache") / "callbox"


def installed() -> Path:
    """Allure's command, which is installed when it is asked for the first time. Raises ReportError where that fails."""
    name = f"allure-{digest()}"
    place = cache() / name
    try:
        if not place.exists():
            with only_one(cache() / "allure.lock"):
                if not place.exists():  # while we waited, somebody else was at it
                    install(place)
    except OSError as error:
        raise ReportError(f"{error.filename or place}: Allure cannot be installed here: {error.strerror}") from None
    return place / "node_modules" / "allure" / "cli.js"


def install(place: Path) -> None:
    """Install beside `place`, and move it there when it is whole. What an interrupted run left is removed first."""
    part = place.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for name in FILES:
        shutil.copy(PINNED / name, part / name)
    ran = node.run(INSTALL, part)
    if ran.returncode:
        shutil.rmtree(part, ignore_errors=True)
        why = node.last_words(ran, "npm error")
        raise ReportError(f"Allure cannot be installed (npm ci): {why}; is the npm registry within reach?")
    part.rename(place)


def digest() -> str:
    """Of the versions that are pinned: others are installed elsewhere."""
    return hashlib.sha256(b"".join((PINNED / name).read_bytes() for name in FILES)).hexdigest()[:12]


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Wait until no other process is within; the kernel lets go of the lock of one that dies."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
