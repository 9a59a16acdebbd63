"""The longest we wait, on a clock that stops while the program waits for a processor, is stopped, or is not watched."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from callbox.kernel import processes
from callbox.saying import say
from callbox.verdict import Inconclusive

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 10.0
"""Seconds for which a program may do nothing that we can see, where silence cannot be proven."""
QUIET = 1.0
"""Seconds after which a program that is right to be silent, and whose silence cannot be proven, is believed."""
TICK = 0.01
"""Seconds between two looks at the figures."""
GLANCE = 0.1
"""Seconds: the most that counts between two looks. If more has passed, we did not run, and who knows whether it did."""
HALTED = 10.0
"""Seconds after which a program that is stopped, and not by us, is believed to have stopped itself: it stays so."""
STALLED = 30
"""Times patience by the wall's clock: a machine that gives the program no processor for so long is the machine's fault."""


class Clock:
    """Time that a program could have used: the wall's, less what its threads spent runnable but not running, and less
    what it was stopped (SIGSTOP) by others. Those that are stopped for good join the `held`, which are meant to be. What it
    ran counts in any case: a crowd of its own processes takes the processor from itself."""

    def __init__(self, pids: Callable[[], list[int]], patience: float, held: set[int]) -> None:
        self.pids = pids
        self.patience = patience
        self.held = held
        self.counted = self.halted = 0.0
        self.began = self.wall = time.monotonic()
        self.ran, self.waited = processes.schedule(pids())

    def spent(self) -> bool:
        """Is patience at its end? Raises Inconclusive when the machine, not the program, used it up."""
        now = time.monotonic()
        if now - self.wall < TICK:
            return self.counted >= self.patience
        step = min(now - self.wall, GLANCE)
        states = processes.states(self.pids())
        if not self._stands(states, step):
            self.counted += self._used(states, step)
        self.wall = now
        if self.counted < self.patience and now - self.began > STALLED * self.patience:
            seconds = round(now - self.began)
            raise Inconclusive(
                say("in {seconds} s this machine gave the program hardly any processor time", seconds=seconds)
            )
        return self.counted >= self.patience

    def _used(self, states: set[tuple[int, str]], step: float) -> float:
        """How much of a step it could have used."""
        ran, waited = processes.schedule(self.pids())
        itself = min(step, max(0.0, ran - self.ran))
        # A wait that is not over is not in the figures yet. A thread that ended takes its own with it: then they fall.
        idle = 0.0 if any(state == "R" for _, state in states) else step - max(0.0, waited - self.waited)
        self.ran, self.waited = ran, waited
        return max(itself, idle)

    def _stands(self, states: set[tuple[int, str]], step: float) -> bool:
        """Is one of its processes stopped, and not meant to be?"""
        stopped = {pid for pid, state in states if state in "Tt"} - self.held
        self.halted = self.halted + step if stopped else 0.0
        if self.halted >= HALTED:
            self.held |= stopped
        return bool(stopped)
