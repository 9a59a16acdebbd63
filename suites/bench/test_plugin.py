"""pytest, as its users run it: which checks run, what they read, and with which status it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.bench.pytester import HOUSE, SPECIMENS, run_pytest

if TYPE_CHECKING:
    from pathlib import Path

RIGHT = HOUSE / "reference" / "tcp-forever" / "server.py"
NO_UPPER = SPECIMENS / "wrong" / "tcp-forever-server" / "forgets_upper.py"
NO_LISTEN = SPECIMENS / "wrong" / "tcp-forever-server" / "forgets_listen.py"
ONE_CHECK = ("-k", "upper_cases_ascii")


def test_a_right_program_passes_with_status_0(tmp_path: Path) -> None:
    ran = run_pytest(tmp_path, "--submission", str(RIGHT), *ONE_CHECK)
    assert ran.status == 0, ran.text
    assert ran.verdicts() == {"upper_cases_ascii": "passed"}


def test_a_wrong_program_fails_with_status_1_and_its_story(tmp_path: Path) -> None:
    ran = run_pytest(tmp_path, "--submission", str(NO_UPPER), *ONE_CHECK)
    assert ran.status == 1
    assert ran.verdicts() == {"upper_cases_ascii": "failed"}
    for part in ("wanted", "got", "cause", "conversation", "why", "try", "source", "^ byte 0"):
        assert part in ran.text
    assert "Traceback" not in ran.text


def test_what_rests_on_a_failure_is_not_judged(tmp_path: Path) -> None:
    ran = run_pytest(tmp_path, "--submission", str(NO_UPPER), "suites/tcp_server/test_exchange.py")
    failed = [name for name, verdict in ran.verdicts().items() if verdict == "failed"]
    assert failed == ["upper_cases_ascii"]
    assert "it rests on tcp_server.exchange.upper_cases_ascii, which failed" in ran.text


def test_a_program_that_never_listens_fails_one_check_alone(tmp_path: Path) -> None:
    ran = run_pytest(tmp_path, "--submission", str(NO_LISTEN), "suites/tcp_server/test_listening.py")
    verdicts = ran.verdicts()
    assert verdicts.pop("listens") == "failed"
    assert set(verdicts.values()) == {"not judged"}
    assert ran.status == 1


def test_the_tests_of_the_bench_are_left_out_for_a_submission(tmp_path: Path) -> None:
    ran = run_pytest(tmp_path, "--submission", str(RIGHT), "--collect-only", "-q")
    assert "suites/bench" not in ran.text
    assert "suites/tcp_server" in ran.text


def test_a_submission_is_judged_from_the_folder_it_lies_in(tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "server.py").write_bytes(RIGHT.read_bytes())
    (desk / "socket.py").write_text("raise SystemExit('imported from the folder of a student')")
    ran = run_pytest(tmp_path, "--submission", "server.py", "--role", "tcp-forever-server", *ONE_CHECK, cwd=desk)
    assert ran.verdicts() == {"upper_cases_ascii": "passed"}, ran.text


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        pytest.param(
            ["--submission", "/nowhere/at/all.py"], "/nowhere/at/all.py: there is nothing here", id="no such path"
        ),
        pytest.param(["--submission", str(RIGHT), "--role", "tcp-forever-sever"], "did you mean", id="no such role"),
        pytest.param(["--assignment", "/nowhere.toml"], "/nowhere.toml: cannot be read", id="no such assignment"),
        pytest.param(["-k", "no_check_has_this_name"], "no check was selected", id="nothing selected"),
    ],
)
def test_bad_input_is_one_line_and_status_2(tmp_path: Path, arguments: list[str], line: str) -> None:
    ran = run_pytest(tmp_path, *arguments)
    assert ran.status == 2
    assert line in ran.text
    assert "Traceback" not in ran.text


def test_a_fault_of_the_bench_is_inconclusive_with_status_3(tmp_path: Path) -> None:
    plugin = """
from callbox.server import Server
def broken(*_): raise RuntimeError('the bench is broken')
Server.dial = broken
"""
    ran = run_pytest(tmp_path, "--submission", str(NO_UPPER), *ONE_CHECK, plugin=plugin)
    assert ran.verdicts() == {"upper_cases_ascii": "inconclusive"}
    assert ran.status == 3


def test_the_seed_repeats_what_is_said(tmp_path: Path) -> None:
    said = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        ran = run_pytest(folder, "--submission", str(NO_UPPER), "--seed", "7", *ONE_CHECK)
        said.append([line for line in ran.text.splitlines() if "client 1 sent" in line])
    assert said[0] == said[1] != []


def test_workers_say_the_same_and_judge_the_same(tmp_path: Path) -> None:
    ran = run_pytest(tmp_path, "--submission", str(NO_UPPER), "-n", "2", "--seed", "7", *ONE_CHECK)
    assert ran.verdicts() == {"upper_cases_ascii": "failed"}
    assert ran.status == 1


def test_the_host_tier_is_said_aloud(tmp_path: Path) -> None:
    ran = run_pytest(tmp_path, "--submission", str(RIGHT), "--isolation", "host", *ONE_CHECK)
    assert "NOT kept apart" in ran.text
    assert ran.verdicts() == {"upper_cases_ascii": "passed"}
