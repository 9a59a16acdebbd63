"""Processes that do jobs side by side: one that dies takes its own job with it, and nobody else's."""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess

Job = TypeVar("Job")
Item = TypeVar("Item")
Train: TypeAlias = Callable[[], Callable[[Job], Iterator[Item]]]

BACKSTOP = 900.0
"""Seconds after which a process that has said nothing is given up: far beyond what any check takes."""


@dataclass(frozen=True, slots=True)
class Done:
    """A job came to its end: of itself, or because of what is told."""

    trouble: str = ""


class Crew(Generic[Job, Item]):
    """Does jobs in processes of its own."""

    def __init__(self, train: Train[Job, Item], jobs: int, *, fresh: bool, backstop: float = BACKSTOP) -> None:
        """`jobs` at a time. `train` is called once in each process and gives what makes a job's items; it is a function at
        the top of a module, or a partial of one. `fresh`: a new process for each job, not one that has done others."""
        self.train = train
        self.jobs = jobs
        self.fresh = fresh
        self.backstop = backstop
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload([getattr(train, "func", train).__module__])

    def run(self, jobs: Iterable[Job]) -> Generator[tuple[Job, Item | Done]]:
        """Each job's items as they come, and then Done. Closing this ends every process."""
        waiting, hands = deque(jobs), list[_Hand[Job, Item]]()
        try:
            while waiting or any(hand.busy for hand in hands):
                self._employ(hands, waiting)
                for hand in self._heard(hands):
                    job, item = hand.hear(self.backstop)
                    yield job, item
                    if isinstance(item, Done) and (self.fresh or item.trouble):
                        hand.dismiss()
                        hands.remove(hand)
        finally:
            for hand in hands:
                hand.dismiss()

    def _employ(self, hands: list[_Hand[Job, Item]], waiting: deque[Job]) -> None:
        """Give jobs to those who have none."""
        while waiting and sum(hand.busy for hand in hands) < self.jobs:
            free = next((hand for hand in hands if not hand.busy), None)
            if free is None:
                hands.append(free := _Hand(self.context, self.train))
            free.take(waiting.popleft())

    def _heard(self, hands: list[_Hand[Job, Item]]) -> list[_Hand[Job, Item]]:
        """Those who have something to say, or have been silent for too long."""
        busy = [hand for hand in hands if hand.busy]
        soonest = min(hand.since for hand in busy) + self.backstop - time.monotonic()
        ready = connection.wait([hand.line for hand in busy], max(0.0, soonest))
        late = time.monotonic() - self.backstop
        return [hand for hand in busy if hand.line in ready or hand.since <= late]


class _Hand(Generic[Job, Item]):
    """One process, seen from outside."""

    def __init__(self, context: Any, train: Train[Job, Item]) -> None:
        self.line: Connection
        self.line, its = context.Pipe()
        self.process: ForkServerProcess = context.Process(target=_live, args=(its, train), daemon=True)
        self.process.start()
        its.close()
        self.job: Job
        self.busy = False
        self.since = 0.0

    def take(self, job: Job) -> None:
        """Begin a job."""
        self.job, self.busy, self.since = job, True, time.monotonic()
        with suppress(OSError):  # it has died: told when it is heard
            self.line.send(job)

    def hear(self, backstop: float) -> tuple[Job, Item | Done]:
        """The next item, or what has become of the job."""
        item: Item | Done
        try:
            item = self.line.recv() if self.line.poll() else Done(f"it came to no end in {backstop:.0f} s")
        except (EOFError, OSError):
            self.process.join()
            item = Done(f"the process that judged it died (exit code {self.process.exitcode})")
        self.busy, self.since = not isinstance(item, Done), time.monotonic()
        return self.job, item

    def dismiss(self) -> None:
        """End the process, whatever it does. The boxes that it has opened end with it."""
        self.line.close()
        self.process.kill()
        self.process.join()


def _live(line: Connection, train: Train[Job, Item]) -> None:
    """The process: does the jobs that it is sent, until nobody is there to send any."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all at a terminal: whoever sent the job decides
    threading.Thread(target=_end_with, args=(line,), daemon=True).start()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        work = None
        while True:
            job = line.recv()
            trouble = ""
            try:
                work = work or train()
                for item in work(job):
                    line.send(item)
            except Exception as error:  # noqa: BLE001 - told as what became of the job
                trouble = f"{type(error).__name__}: {error}"
            line.send(Done(trouble))


def _end_with(line: Connection) -> None:
    """End this process in the middle of whatever it does, once nobody is there any more who could hear of it."""
    watch = select.poll()
    watch.register(line, 0)  # POLLHUP is told unasked (poll(2))
    watch.poll()
    os.kill(os.getpid(), signal.SIGKILL)
