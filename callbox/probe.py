"""Which isolation this machine gives: found out by using it."""

from __future__ import annotations

import os
import select
from dataclasses import dataclass

from callbox.booth import Isolation, Lobby
from callbox.verdict import BoothError

MEND = (
    "on Ubuntu 23.10 and later: `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0` or `sudo apt install bubblewrap`; "
    "in Docker: `--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined`"
)


@dataclass(frozen=True)
class Tier:
    """The isolation that programs get."""

    isolation: Isolation
    reason: str = ""
    """why it is not the box"""

    def __str__(self) -> str:
        if self.isolation is Isolation.BOOTH:
            return "booth (each program in a box of its own)"
        return f"HOST (programs are NOT kept apart from this machine or each other: {self.reason})"


def choose_isolation(asked: Isolation) -> Tier:
    """The isolation asked for or, for `auto`, the best that works here. Raises BoothError when the box is asked for in vain."""
    if asked is Isolation.HOST:
        return Tier(Isolation.HOST, "asked for with --isolation=host")
    refusal = try_a_box()
    if not refusal:
        return Tier(Isolation.BOOTH)
    if asked is Isolation.BOOTH:
        raise BoothError(f"this machine gives no box: {refusal} ({MEND})")
    return Tier(Isolation.HOST, f"{refusal} ({MEND})")


def try_a_box() -> str:
    """Open a box and run a program in it; why that failed, or nothing."""
    lobby = Lobby(isolated=True)
    reading, writing = os.pipe()
    try:
        with lobby.open() as booth:
            run = booth.run(["/usr/bin/true"], (reading, writing, writing))
            select.select([run.pidfd], [], [])
            if run.status == 0:
                return ""
            os.set_blocking(reading, False)
            return os.read(reading, 400).decode(errors="backslashreplace").strip() or f"exit status {run.status}"
    except (BoothError, OSError) as error:
        return str(error)
    finally:
        lobby.close()
        os.close(reading)
        os.close(writing)
