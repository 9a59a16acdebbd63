"""Guards against a run that shows nothing: what was planned must come to a verdict, by a bench in its right mind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

from callbox import sanity
from callbox.plugin.names import BENCH

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from callbox.judge import Judge

INCONCLUSIVE = 3
DOUBT = "callbox_doubt"
"""By this name a worker tells what speaks against believing it."""


class Guards:
    """Of one process: a worker tells its doubts to the controller, which counts."""

    def __init__(self, config: pytest.Config, judge: Judge, judges: Callable[[str], bool]) -> None:
        """`judges` says of a node id whether it is a check of a program."""
        self.config = config
        self.judge = judge
        self.judges = judges
        self.planned: set[str] = set()
        self.done: set[str] = set()
        self.doubts: list[str] = []

    # ---- what is planned, and what came to a verdict

    def plan(self, node_ids: Iterable[str]) -> None:
        """These were collected, here or in a worker."""
        self.planned.update(filter(self.judges, node_ids))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count what is going to be judged."""
        self.plan(item.nodeid for item in session.items)

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
        if reason := sanity.doubt(self.judge):
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
            self.config.workeroutput[DOUBT] = self.doubts
            return
        if (missing := self.planned - self.done) and not (only_looks(self.config) or stopped_early(session)):
            self.doubts.append(
                f"{len(missing)} of {len(self.planned)} checks that were planned came to no verdict: {min(missing)}"
                + (" and others" if len(missing) > 1 else "")
            )
        if self.doubts:
            session.exitstatus = INCONCLUSIVE

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say why."""
        for doubt in self.doubts:
            terminalreporter.write_line(f"inconclusive: {doubt}", red=True)


def only_looks(config: pytest.Config) -> bool:
    """Is nothing to be run, by wish?"""
    return any(config.getoption(name, default=False) for name in ("collectonly", "setuponly", "setupplan"))


def stopped_early(session: pytest.Session) -> bool:
    """Did the run end before its end, by wish: -x, --maxfail, --stepwise, Ctrl-C?"""
    most = session.config.getoption("maxfail")
    interrupted = session.exitstatus in {pytest.ExitCode.INTERRUPTED, pytest.ExitCode.USAGE_ERROR}
    return bool(session.shouldfail or session.shouldstop or interrupted or (most and session.testsfailed >= most))


def of_programs(aside: set[str]) -> Callable[[str], bool]:
    """Tells by a node id, `suites/SUITE/…`, whether it is a check of a program: not in one of the suites `aside`."""
    others = tuple(f"suites/{name}/" for name in {*aside, BENCH})
    return lambda node_id: node_id.startswith("suites/") and not node_id.startswith(others)
