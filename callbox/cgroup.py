"""Limits on a whole box, where cgroup v2 is delegated to us: memory and processes of all its programs (cgroups(7)).

Nothing is enabled and nobody is moved but the box: an ancestor of our own cgroup will do if it is ours to write and already
hands both controllers down, as systemd's slices do. Elsewhere the limits on single processes (rlimits) have to do.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
OURS = Path("/proc/self/cgroup")
CONTROLLERS = {"memory", "pids"}
PREFIX = "callbox-"


def find_parent(mount: Path = MOUNT, ours: Path = OURS) -> Path | None:
    """The nearest cgroup, from ours upwards, in which boxes can have their own; None where there is none."""
    with suppress(OSError, StopIteration):
        place = next(line[3:] for line in ours.read_text().splitlines() if line.startswith("0::"))
        folder = mount / place.strip().lstrip("/")
        for parent in (folder, *folder.parents):
            if not parent.is_relative_to(mount):
                break
            handed_down = set((parent / "cgroup.subtree_control").read_text().split())
            if (
                handed_down >= CONTROLLERS
                and os.access(parent, os.W_OK)
                and os.access(parent / "cgroup.procs", os.W_OK)
            ):
                return parent
    return None


def remove_stale(parent: Path) -> None:
    """Remove the cgroups of boxes whose bench is gone: one that was killed could not."""
    for folder in parent.glob(f"{PREFIX}*-*"):
        bench = folder.name.removeprefix(PREFIX).split("-")[0]
        if bench.isdigit() and not Path("/proc", bench).exists():
            with suppress(OSError):  # somebody else was faster
                folder.rmdir()


class CGroup:
    """The cgroup of one box."""

    def __init__(self, parent: Path, pid: int, *, memory_bytes: int, processes: int) -> None:
        """Raises OSError where the kernel refuses it."""
        self.folder = parent / f"{PREFIX}{os.getpid()}-{pid}"
        self.folder.mkdir()
        try:
            (self.folder / "memory.max").write_text(str(memory_bytes))
            (self.folder / "pids.max").write_text(str(processes))
            (self.folder / "cgroup.procs").write_text(str(pid))
        except OSError:
            self.folder.rmdir()
            raise

    def close(self) -> None:
        """Remove it: what was in it is dead."""
        with suppress(OSError):  # then the next run does
            self.folder.rmdir()
