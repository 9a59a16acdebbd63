"""A run that shows nothing, or less than was planned, says so and ends with status 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from callbox import sanity
from callbox.verdict import Verdict
from suites.bench.pytester import HOUSE, SPECIMENS, run_pytest

if TYPE_CHECKING:
    from pathlib import Path

    from callbox.judge import Judge

RIGHT = HOUSE / "reference" / "tcp-once" / "server.py"
WRONG = SPECIMENS / "wrong" / "tcp-once-server" / "forgets_upper.py"
TWO_CHECKS = ("suites/tcp_server/test_exchange.py", "-k", "upper_cases_ascii or leaves_the_rest_alone")

LOSES_ONE = """
import pytest
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    return True if item.name.startswith("test_leaves_the_rest_alone") else None
"""
SKIPS_ONE = """
import pytest
def pytest_runtest_setup(item):
    if item.name.startswith("test_leaves_the_rest_alone"):
        pytest.skip("who would want to know?")
"""
COLLECTS_LESS = """
def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if "leaves_the_rest_alone" not in item.name]
"""
PASSES_ALL = """
from callbox.judge import Judge
from callbox.subject import Outcome
from callbox.verdict import Verdict
Judge.run = lambda *_: Outcome(Verdict.PASSED)
"""
FAILS_ALL_IN_THE_END = """
from callbox import sanity
from callbox.judge import Judge
from callbox.subject import Outcome
from callbox.verdict import Verdict
real, times = sanity.doubt, []
def doubt(judge):
    times.append(judge)
    if len(times) == 2:
        Judge.judge = lambda *_: Outcome(Verdict.INCONCLUSIVE, reason="worn out")
    return real(judge)
sanity.doubt = doubt
"""


@pytest.mark.parametrize("plugin", [pytest.param(LOSES_ONE, id="lost"), pytest.param(SKIPS_ONE, id="skipped")])
def test_a_check_without_a_verdict_is_missed(tmp_path: Path, plugin: str) -> None:
    ran = run_pytest(tmp_path, "--submission", str(RIGHT), *TWO_CHECKS, plugin=plugin)
    assert ran.status == 3, ran.text
    assert "test_leaves_the_rest_alone[server.py] of 2 planned came to no verdict" in ran.text


def test_a_check_that_is_not_collected_is_missed(tmp_path: Path) -> None:
    plugin = COLLECTS_LESS + PASSES_ALL  # to judge it all would take long
    ran = run_pytest(tmp_path, "--submission", str(RIGHT), plugin=plugin)
    assert ran.status == 3
    assert "tcp_server.exchange.leaves_the_rest_alone of server.py would not be judged" in ran.text


def test_a_bench_that_passes_everything_is_not_believed(tmp_path: Path) -> None:
    ran = run_pytest(tmp_path, "--submission", str(WRONG), *TWO_CHECKS, plugin=PASSES_ALL)
    assert ran.status == 3
    for when in ("before anything else", "after everything"):
        assert f"{when} was judged, a server known to be wrong was found to be passed" in ran.text


def test_a_bench_that_breaks_is_not_believed(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the bench is broken")

    monkeypatch.setattr(judge, "judge", broken)
    assert sanity.doubt(judge) == "to judge a server known to be right came to RuntimeError: the bench is broken"


def test_a_bench_that_fails_at_last_is_not_believed(tmp_path: Path) -> None:
    ran = run_pytest(tmp_path, "--submission", str(RIGHT), *TWO_CHECKS, plugin=FAILS_ALL_IN_THE_END)
    assert ran.status == 3
    assert "after everything was judged, a server known to be right was found to be inconclusive: worn out" in ran.text
    assert "before anything else" not in ran.text


def test_workers_tell_what_they_miss_and_doubt(tmp_path: Path) -> None:
    """But for one that loses a check: pytest-xdist waits for that for ever."""
    ran = run_pytest(tmp_path, "--submission", str(WRONG), *TWO_CHECKS, "-n", "2", plugin=SKIPS_ONE + PASSES_ALL)
    assert ran.status == 3
    assert "test_leaves_the_rest_alone[forgets_upper.py] of 2 planned came to no verdict" in ran.text
    assert "after everything was judged, a server known to be wrong was found to be passed" in ran.text


@pytest.mark.parametrize(
    "words", ["-x", "--maxfail=1 -n 2", "--collect-only", "--deselect suites/tcp_server/test_exchange.py::x"]
)
def test_a_run_that_is_cut_short_by_wish_is_no_alarm(tmp_path: Path, words: str) -> None:
    ran = run_pytest(tmp_path, "--submission", str(WRONG), *TWO_CHECKS, *words.split())
    assert "inconclusive" not in ran.text
    assert ran.status != 3


def test_the_known_programs_tell_a_judge_that_sees(judge: Judge) -> None:
    assert judge.catalogue[sanity.BEHAVIOUR].level == "MUST"
    assert set(sanity.KNOWN.values()) == {Verdict.PASSED, Verdict.FAILED}
    assert sanity.doubt(judge) == ""
