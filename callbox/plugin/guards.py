"""Guards against a run that shows nothing: what was planned must come to a verdict, by a bench in its right mind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from callbox import sanity
from callbox.home import SUITES
from callbox.plugin import allure_results
from callbox.plugin.names import behaviour_id
from callbox.plugin.run import subject_of

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Sequence

    from callbox.bench import Bench

INCONCLUSIVE = 3
DOUBT = "callbox_doubt"
"""By this name a worker tells what speaks against believing it."""


class Guards:
    """Of one process: a worker tells its doubts to the controller, which counts."""

    def __init__(self, config: pytest.Config, bench: Bench, aside: Collection[str]) -> None:
        """The suites `aside` judge no program."""
        self.config = config
        self.bench = bench
        self.others = tuple(f"suites/{name}/" for name in aside)
        self.is_whole = selects_nothing(config)
        self.planned: set[str] = set()
        self.done: set[str] = set()
        self.doubts: list[str] = []

    # ---- what is planned, and what came to a verdict

    def judges(self, node_id: str) -> bool:
        """Is it a check of a program?"""
        return node_id.startswith("suites/") and not node_id.startswith(self.others)

    def plan(self, node_ids: Iterable[str]) -> None:
        """These were collected, here or in a worker."""
        self.planned.update(filter(self.judges, node_ids))

    def pytest_deselected(self) -> None:
        """Some of it is not wanted: -k, -m, --deselect, …"""
        self.is_whole = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count what is going to be judged: when nothing was selected, every behaviour of every program."""
        self.plan(item.nodeid for item in session.items)
        items = [item for item in session.items if self.judges(item.nodeid)]
        there = {(behaviour_id(item), subject_of(item)) for item in items if isinstance(item, pytest.Function)}
        gaps = [f"{one.id} of {of.name}" for one, of in self.bench.plan() if (one.id, of) not in there]
        if self.is_whole and gaps:
            self.doubts.append(f"{some(gaps)} would not be judged")

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """A worker has counted."""
        self.plan(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A check came to a verdict."""
        if hasattr(report, "verdict"):
            self.done.add(report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str) -> None:
        """A worker died in this check, which counts as inconclusive."""
        self.done.add(crashitem)

    # ---- is the bench in its right mind?

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """The first and the last thing that is judged is known."""
        judging = any(self.judges(item.nodeid) for item in session.items) and not only_looks(self.config)
        if judging:
            self.doubt("before anything else was judged")
        result = yield
        if judging:
            self.doubt("after everything was judged")
        return result

    def doubt(self, when: str) -> None:
        """Note what speaks against the judge now."""
        if reason := sanity.doubt(self.bench.judge):
            self.doubts.append(f"the bench cannot be believed: {when}, {reason}")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker has ended, and told its doubts, if it could."""
        self.doubts += getattr(node, "workeroutput", {}).get(DOUBT, [])

    # ---- the end

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Such a run is inconclusive, whatever it has found."""
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput[DOUBT] = allure_results.clean(self.doubts)  # what a worker sends has to be UTF-8
            return
        if (missing := self.planned - self.done) and not (only_looks(self.config) or stopped_early(session)):
            self.doubts.append(f"{some(sorted(missing))} of {len(self.planned)} planned came to no verdict")
        if self.doubts:
            session.exitstatus = INCONCLUSIVE

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say why, once, though several workers may have said it."""
        for doubt in dict.fromkeys(self.doubts):
            terminalreporter.write_line(f"inconclusive: {allure_results.clean(doubt)}", red=True)


def only_looks(config: pytest.Config) -> bool:
    """Is nothing to be run, by wish?"""
    return any(config.getoption(name, default=False) for name in ("collectonly", "setuponly", "setupplan"))


def stopped_early(session: pytest.Session) -> bool:
    """Did the run end before its end, by wish: -x, --maxfail, --stepwise, Ctrl-C?"""
    most = session.config.getoption("maxfail")
    interrupted = session.exitstatus in {pytest.ExitCode.INTERRUPTED, pytest.ExitCode.USAGE_ERROR}
    return bool(session.shouldfail or session.shouldstop or interrupted or (most and session.testsfailed >= most))


def selects_nothing(config: pytest.Config) -> bool:
    """Are all suites to be judged?"""
    less = any(config.getoption(name, default=None) for name in ("ignore", "ignore_glob", "lf", "stepwise"))
    return not less and [Path(argument).resolve() for argument in config.args] == [SUITES]


def some(names: Sequence[str]) -> str:
    """How many, and which is the first."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
