"""Jobs in processes of their own: all are done, and what dies takes its own with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from callbox.crew import Crew, Done
from callbox.home import HOUSE
from suites.bench.starting import Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(120)


def training() -> Callable[[str], Iterator[str]]:
    """Does what it is told."""
    done = 0

    def work(job: str) -> Iterator[str]:
        nonlocal done
        done += 1
        if job == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if job == "raises":
            raise ValueError("no such thing")
        if job == "hangs":
            threading.Event().wait()
        yield f"{job}, job {done} of {os.getpid()}"
        yield "and more"

    return work


def untrained() -> Callable[[str], Iterator[str]]:
    raise RuntimeError("not today")


def results(crew: Crew[str, str], jobs: list[str]) -> dict[str, list[str | Done]]:
    came: dict[str, list[str | Done]] = {job: [] for job in jobs}
    for job, item in crew.run(jobs):
        came[job].append(item)
    return came


def test_every_job_is_done_and_says_so() -> None:
    jobs = [f"job {number}" for number in range(20)]
    came = results(Crew(training, 2, fresh=False), jobs)
    for job in jobs:
        assert str(came[job][0]).startswith(job)
        assert came[job][1:] == ["and more", Done()]


@pytest.mark.parametrize("fresh", [True, False])
def test_a_fresh_process_has_done_no_job_before(fresh: bool) -> None:
    came = results(Crew(training, 1, fresh=fresh), ["a", "b", "c"])
    processes = {str(items[0]).split()[-1] for items in came.values()}
    assert len(processes) == (3 if fresh else 1)


def test_a_process_that_dies_takes_only_its_own_job_with_it() -> None:
    came = results(Crew(training, 2, fresh=False), ["a", "dies", "b", "c"])
    assert came.pop("dies") == [Done("the process that judged it died (exit code -9)")]
    assert all(items[-1] == Done() for items in came.values())


def test_an_exception_is_told_of_its_job() -> None:
    came = results(Crew(training, 1, fresh=False), ["raises", "a"])
    assert came["raises"] == [Done("ValueError: no such thing")]
    assert came["a"][-1] == Done()


def test_a_process_that_cannot_begin_is_told_of_its_job() -> None:
    came = results(Crew(untrained, 1, fresh=False), ["a", "b"])
    assert came == {"a": [Done("RuntimeError: not today")], "b": [Done("RuntimeError: not today")]}


def test_a_job_that_says_nothing_is_given_up() -> None:
    came = results(Crew(training, 2, fresh=False, backstop=3), ["hangs", "a"])
    assert came["hangs"] == [Done("it came to no end in 3 s")]
    assert came["a"][-1] == Done()


def test_whoever_stops_listening_ends_the_processes() -> None:
    running = Crew(training, 2, fresh=False).run(["a", "hangs"])
    said = next(running)[1]
    with os.fdopen(os.pidfd_open(int(str(said).split()[-1]))) as process:
        running.close()
        with pytest.raises(ProcessLookupError):
            signal.pidfd_send_signal(process.fileno(), 0)


OWNER = """
import sys
from suites.bench.test_crew import training
from callbox.crew import Crew

if __name__ == "__main__":
    for job, item in Crew(training, 2, fresh=False).run(["a", "b", "hangs", "hangs"]):
        print(item, flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=lambda number: number.name)
def test_no_process_outlives_its_owner(tmp_path: Path, how: signal.Signals) -> None:
    script = tmp_path / "owner.py"
    script.write_text(OWNER)
    env = {**os.environ, "PYTHONPATH": str(HOUSE)}
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env
    ) as owner:
        said = [owner.stdout.readline().decode() for _ in range(4)] if owner.stdout else []
        with Watched({int(line.split()[-1]) for line in said if " of " in line}) as watched:
            assert watched.fds
            owner.send_signal(how)
            watched.wait_until_dead()
