"""Whose turn it is, where programs run on the host's network: two that want the same port there would be in each other's way."""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import suppress
from pathlib import Path

LOCK = Path(tempfile.gettempdir(), "callbox-host.lock")
"""The same file for all benches of a machine, whoever runs them."""


class Turn:
    """That of one process, for as long as anybody in it holds it. The kernel ends the turn of a process that dies."""

    def __init__(self, lock: Path = LOCK) -> None:
        self.lock = lock
        self._file: int | None = None
        self._holders: set[object] = set()

    def take(self, holder: object) -> None:
        """Wait until no other process has its turn. Raises OSError where the lock cannot be used."""
        if self._file is None:
            file = self._open()
            fcntl.flock(file, fcntl.LOCK_EX)
            self._file = file
        self._holders.add(holder)

    def give(self, holder: object) -> None:
        """Let others have it, when the last who held it gives it back."""
        self._holders.discard(holder)
        if not self._holders and self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self) -> int:
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW  # reading is enough to lock it, and harms nobody
        with suppress(FileNotFoundError):
            return os.open(self.lock, flags)
        file = os.open(self.lock, flags | os.O_CREAT, 0o644)
        with suppress(PermissionError):  # somebody else was faster, and it is theirs
            os.fchmod(file, 0o644)  # whatever the umask is
        return file
