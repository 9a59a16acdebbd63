"""The command that looks for verdicts that change sees one that does, and leaves nobody stopped or running in circles."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from callbox.kernel import processes
from suites.bench import disturbances, stability
from suites.bench.starting import Watched, comes_to

if TYPE_CHECKING:
    from suites.bench.starting import Starter

UPPER, BACKLOG = ("server.py", "upper_cases_ascii"), ("server.py", "backlog")


def test_tables_with_the_same_verdicts_do_not_differ() -> None:
    assert stability.differences({UPPER: ("failed", "after 1.0 s")}, {UPPER: ("failed", "after 1.1 s")}) == []


def test_a_verdict_that_is_another_or_is_not_there_is_told_with_its_reasons() -> None:
    before = {UPPER: ("passed", ""), BACKLOG: ("passed", "")}
    assert stability.differences(before, {UPPER: ("failed", "it is silent")}) == [
        "server.py backlog: not there (), was passed ()",
        "server.py upper_cases_ascii: failed (it is silent), was passed ()",
    ]


def test_unknown_circumstances_are_named() -> None:
    with pytest.raises(ValueError, match="busy-many: no such circumstances"):
        stability.circumstances("busy-many", 0)


def test_a_sample_has_every_role_wrong_and_right() -> None:
    whole = {(one.role, "breaks" in one.facts) for one in stability.everything()}
    names = set(stability.of_each_kind())
    assert {(one.role, "breaks" in one.facts) for one in stability.everything() if str(one) in names} == whole
    assert names <= stability.programs(None).keys()


def test_busy_loops_are_ended() -> None:
    with disturbances.busy(2) as loops:
        watched = Watched(loops)
        assert not watched.are_dead()
    with watched:
        watched.wait_until_dead()


def test_one_processor_is_left_and_given_back() -> None:
    before = os.sched_getaffinity(0)
    with disturbances.pinned():
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


def test_a_process_is_stopped_and_goes_on() -> None:
    """In the end, too, when the disturbance ends in the middle of a stop."""
    sleeper = [sys.executable, "-c", "import signal\nsignal.pause()"]
    over = Event()
    with subprocess.Popen(sleeper) as victim:
        disturber = Thread(target=disturbances.stop, args=(victim.pid, over, 3600.0))
        disturber.start()
        assert comes_to(lambda: processes.stopped([victim.pid]) == {victim.pid}, wanted=True)
        over.set()
        disturber.join()
        assert comes_to(lambda: processes.stopped([victim.pid]) == {victim.pid}, wanted=False)
        victim.send_signal(signal.SIGKILL)


def test_who_is_stopped_already_is_left_to_who_stopped_it(start: Starter) -> None:
    program = start.ready("print('ready'); input()")
    program.wait_for(lambda: None)
    with program.stopped():
        disturbances.stop(program.processes()[0], Event(), 0)
        assert processes.stopped(program.processes())
