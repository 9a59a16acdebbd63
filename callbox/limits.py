"""What one run of a program may use."""

from __future__ import annotations

import os
from dataclasses import dataclass

ROOM_BYTES = 64 << 20


@dataclass(frozen=True)
class Limits:
    """What one run of a program may use."""

    processes: int = 256
    files: int = 1024
    file_bytes: int = 64 << 20
    data_bytes: int = 2 << 30
    """private writable memory of one process (RLIMIT_DATA): RLIMIT_AS would refuse a JVM, which reserves more than it uses"""
    memory_bytes: int = 3 << 30
    """of all its processes together, where cgroups are ours to make"""
    room_bytes: int = ROOM_BYTES

    def for_attendant(self, isolated: bool) -> dict[str, int]:
        """As rlimits. Before Linux 5.14, and outside a user namespace, RLIMIT_NPROC counts all processes of the user."""
        limits = {"nofile": self.files, "fsize": self.file_bytes, "core": 0, "data": self.data_bytes}
        if isolated and kernel_version() >= (5, 14):
            limits["nproc"] = self.processes
        return limits


def kernel_version() -> tuple[int, int]:
    """Major and minor number of the running kernel."""
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(digit for digit in minor if digit.isdigit()))
