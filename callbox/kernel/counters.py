"""Counters of a network namespace (proc_pid_net(5), netstat): in a box they are the box's own."""

from __future__ import annotations

from pathlib import Path


def full_queues(pid: int) -> int:
    """How many calls the kernel has turned away because a listener's queue was full (ListenOverflows), where a process is."""
    names, values = (line.split() for line in Path(f"/proc/{pid}/net/netstat").read_text().splitlines()[:2])
    return int(dict(zip(names, values, strict=True))["ListenOverflows"])
