"""What a machine may do to a bench and its programs while they run: other work, few processors, stops at any moment.

Stops are those of SIGSTOP. `strace -e inject=…:delay_enter=` would stop programs at chosen calls, but it is no mere delay: a
process has one tracer, so that the bench could not look at what programs ask recv for; and to be seized in epoll_wait is to see
it fail with EINTR, which a right program need not expect (signal(7)).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from callbox.kernel import processes
from callbox.program import notices_a_stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class Event(Protocol):
        """Between threads or between processes."""

        def wait(self, timeout: float) -> bool:
            """Is it there within so many seconds?"""


LOOP = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"
"""Ends with who started it, however that ends."""
PAUSE, STOP = (
    0.3,
    0.3,
)  # seconds at most, between two stops and for one: some right programs give up after a second or two


@contextmanager
def busy(loops: int) -> Iterator[list[int]]:
    """So many processes run in circles; their ids."""
    with ExitStack() as stack:
        started = [subprocess.Popen([sys.executable, "-c", LOOP]) for _ in range(loops)]
        for one in started:
            stack.callback(one.wait)
            stack.callback(one.kill)
        yield [one.pid for one in started]


@contextmanager
def pinned() -> Iterator[None]:
    """Everything started meanwhile has one processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def stops(seed: int) -> Iterator[None]:
    """Whatever this process has started and starts meanwhile is stopped (SIGSTOP) and continued, at random moments."""
    context = get_context("fork")
    over = context.Event()
    disturber = context.Process(target=stop_and_continue, args=(os.getpid(), over, seed))
    disturber.start()
    try:
        yield
    finally:
        over.set()
        disturber.join()


def stop_and_continue(root: int, over: Event, seed: int) -> None:
    """Stop one process below `root`, continue it, and so on until it is over, or `root` is."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for `root`, which says when it is over
    chance = random.Random(seed)
    while not over.wait(chance.uniform(0, PAUSE)) and os.getppid() == root:
        others = [pid for pid in processes.descendants(root) if pid != os.getpid()]
        if others:
            with suppress(ProcessLookupError):
                stop(chance.choice(others), over, chance.uniform(0, STOP))


def stop(pid: int, over: Event, seconds: float) -> None:
    """Stop a process for a while; but not one that would notice, and none that is stopped: whoever did that relies on it."""
    held = os.pidfd_open(pid)
    try:
        if processes.stopped([pid]) or (not is_python(pid) and any(map(notices_a_stop, processes.threads([pid])))):
            return
        signal.pidfd_send_signal(held, signal.SIGSTOP)
        over.wait(seconds)
        signal.pidfd_send_signal(held, signal.SIGCONT)
    finally:
        os.close(held)


def is_python(pid: int) -> bool:
    """Python calls again what was interrupted (PEP 475)."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/exe").readlink().name.startswith("python")
    return False
