"""Patience is counted on a clock that stops while a program waits for a processor."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from callbox.kernel import processes
from callbox.patience import GLANCE, HALTED, STALLED, Clock
from callbox.verdict import Inconclusive

if TYPE_CHECKING:
    from suites.bench.starting import Starter

pytestmark = pytest.mark.timeout(120)


PID = 7
STEPS_A_SECOND = 20


class Machine:
    """A machine whose clock and schedule are ours."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.ran = self.waited = 50.0
        self.states: set[tuple[int, str]] = set()
        self.clock: Clock | None = None
        """looks often while time passes, as whoever waits does"""

    def passes(self, seconds: float, waiting: float = 0.0, running: float = 0.0) -> None:
        """Time passes; the program's threads wait together so long for a processor, and run so long."""
        steps = round(seconds * STEPS_A_SECOND)
        for _ in range(steps):
            self.now += seconds / steps
            self.ran += running / steps
            self.waited += waiting / steps
            if self.clock:
                self.clock.spent()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr("callbox.patience.time", SimpleNamespace(monotonic=lambda: machine.now))
    monkeypatch.setattr(processes, "schedule", lambda _: (machine.ran, machine.waited))
    monkeypatch.setattr(processes, "states", lambda _: machine.states)
    return machine


@pytest.fixture
def clock(machine: Machine) -> Clock:
    machine.clock = Clock(list, 10, set())
    return machine.clock


def test_patience_ends_when_its_time_has_passed(machine: Machine, clock: Clock) -> None:
    machine.passes(9.9)
    assert not clock.spent()
    machine.passes(0.2)
    assert clock.spent()


def test_waiting_for_a_processor_does_not_count(machine: Machine, clock: Clock) -> None:
    machine.passes(100, waiting=95)
    assert not clock.spent()
    machine.passes(5.1)
    assert clock.spent()


def test_a_crowd_of_its_own_processes_is_no_excuse(machine: Machine, clock: Clock) -> None:
    machine.passes(9.9, waiting=9.9 * 256, running=9.9 * 2)
    assert not clock.spent()
    machine.passes(0.2, waiting=0.2 * 256, running=0.2 * 2)
    assert clock.spent()


def test_threads_that_wait_together_give_no_time_back(machine: Machine, clock: Clock) -> None:
    machine.passes(5)
    assert not clock.spent()
    machine.passes(1, waiting=8)
    assert not clock.spent()
    machine.passes(5.1)
    assert clock.spent()


def test_what_was_waited_before_gives_no_time_either(machine: Machine) -> None:
    machine.waited = 1e6
    machine.clock = clock = Clock(list, 10, set())
    machine.passes(10.1)
    assert clock.spent()


def test_a_thread_that_ended_takes_its_figures_and_nothing_else_with_it(machine: Machine, clock: Clock) -> None:
    machine.waited -= 50
    machine.passes(1)
    assert not clock.spent()
    machine.passes(9.1)
    assert clock.spent()


def test_time_in_which_nobody_looked_counts_next_to_nothing(machine: Machine, clock: Clock) -> None:
    machine.now += 100
    assert not clock.spent()
    machine.passes(9.8)
    assert not clock.spent()
    machine.passes(0.2)
    assert clock.spent()


def test_a_wait_that_is_not_over_does_not_count(machine: Machine, clock: Clock) -> None:
    """The kernel books a wait for a processor when it is over (run_delay of schedstat)."""
    machine.states = {(PID, "R"), (PID, "S")}
    machine.passes(100)
    assert not clock.spent()
    machine.passes(20, running=9.9)
    assert not clock.spent()
    machine.passes(1, running=0.2)
    assert clock.spent()


def test_a_stop_does_not_count(machine: Machine, clock: Clock) -> None:
    for _ in range(9):
        machine.states = {(PID, "T")}
        machine.passes(HALTED - 1)
        machine.states = set()
        machine.passes(1)
    assert not clock.spent()
    machine.passes(1.1)
    assert clock.spent()
    assert not clock.held


def test_who_stays_stopped_has_stopped_itself(machine: Machine, clock: Clock) -> None:
    machine.states = {(PID, "T")}
    machine.passes(HALTED + 0.1)
    assert clock.held == {PID}
    machine.passes(9.8)
    assert not clock.spent()
    machine.passes(0.2)
    assert clock.spent()


def test_who_is_held_is_meant_to_be_stopped(machine: Machine) -> None:
    machine.clock = clock = Clock(list, 10, {PID})
    machine.states = {(PID, "T")}
    machine.passes(10.1)
    assert clock.spent()


def test_a_machine_that_stalls_is_not_the_programs_fault(machine: Machine, clock: Clock) -> None:
    machine.passes(10 * STALLED - 1, waiting=10 * STALLED - 1)
    assert not clock.spent()
    with pytest.raises(Inconclusive, match="hardly any processor time"):
        machine.passes(2, waiting=2)


def test_a_program_that_uses_its_time_on_a_slow_machine_is_not_excused(machine: Machine, clock: Clock) -> None:
    spent: list[bool] = []
    while not any(spent):
        machine.passes(10, waiting=8.9)
        spent.append(clock.spent())
    assert len(spent) == 10


def test_a_program_is_looked_at_once_more_when_patience_is_at_its_end(start: Starter, machine: Machine) -> None:
    """We may have been without a processor since the look before."""
    program = start.ready("import time; print('ready'); time.sleep(3600)")
    looks: list[bool] = []

    def look() -> bool | None:
        looks.append(True)
        machine.passes(1)
        return True if len(looks) > 1 else None

    assert program.wait_for(look, patience=GLANCE)


def test_a_program_is_waited_for_as_long_as_its_machine_is_busy(start: Starter, machine: Machine) -> None:
    program = start.ready("import time; print('ready'); time.sleep(3600)")
    looks = []

    def look() -> None:
        looks.append(program.proven)
        machine.passes(GLANCE, waiting=GLANCE if len(looks) < 20 else 0)

    program.wait_for(look, patience=1)
    assert len(looks) > 20
    assert not program.proven


def test_a_machine_that_stalls_makes_the_check_inconclusive(start: Starter, machine: Machine) -> None:
    program = start.ready("import time; print('ready'); time.sleep(3600)")
    with pytest.raises(Inconclusive):
        program.wait_for(lambda: machine.passes(1, waiting=1), patience=1)


def test_the_schedule_of_a_program_that_runs_goes_on(start: Starter) -> None:
    program = start.ready("print('ready')\nwhile True: pass")
    ran, _ = processes.schedule(program.processes())
    assert program.wait_for(lambda: processes.schedule(program.processes())[0] > ran + 0.05 or None)
