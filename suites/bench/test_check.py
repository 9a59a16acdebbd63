"""What a student types, and what comes back: callbox check and its like, as commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from callbox.home import HOUSE, REFERENCE

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(300)

RIGHT = (REFERENCE / "udp" / "client.py").read_text()
WRONG = RIGHT.replace(".strip()", "")
COMMAND = [sys.executable, "-m", "callbox"]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(HOUSE), **more}


def callbox(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False, env=environment(**more)
    )


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return tmp_path / "client.py"


def test_a_right_program_is_told_so(program: Path) -> None:
    program.write_text(RIGHT)
    ran = callbox("check", program, "--role", "udp-client", "--seed", "7")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "✓ sends each line as it was typed" in ran.stdout
    assert "✗" not in ran.stdout
    assert "Mend" not in ran.stdout
    assert "\x1b" not in ran.stdout


def test_a_wrong_program_is_told_what_to_mend_first(program: Path) -> None:
    assert WRONG != RIGHT
    program.write_text(WRONG)
    ran = callbox("check", program, "--role", "udp-client", "--seed", "7")
    assert ran.returncode == 1
    *_, first, cause = ran.stdout.rstrip().splitlines()
    assert first.startswith("Mend this first: client.py ")
    assert cause.strip()
    assert "how it should go" in ran.stdout


def test_the_locale_says_the_language(program: Path) -> None:
    program.write_text(WRONG)
    ran = callbox("check", program, "--role", "udp-client", LC_ALL="zh_CN.UTF-8")
    assert ran.returncode == 1
    assert "先改这里" in ran.stdout
    assert "Mend" not in ran.stdout


def test_a_program_that_changes_is_judged_again(program: Path) -> None:
    program.write_text(WRONG)
    command = [*COMMAND, "check", str(program), "--role", "udp-client", "--watch"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(), text=True
    ) as ran:
        assert ran.stdout
        assert any("Mend this first" in line for line in iter(ran.stdout.readline, ""))
        program.write_text(RIGHT)
        assert any(" passed" in line and "failed" not in line for line in iter(ran.stdout.readline, ""))
        ran.send_signal(signal.SIGINT)
        assert ran.wait() == 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_behaviour_is_explained(lang: str) -> None:
    ran = callbox("explain", "udp_server.exchange.answers_a_burst", "--lang", lang)
    assert ran.returncode == 0
    assert ran.stdout.startswith("udp_server.exchange.answers_a_burst\n")
    assert "server.py" in ran.stdout
    assert ("为什么" if lang == "zh" else "why") in ran.stdout


def test_behaviours_are_listed() -> None:
    ran = callbox("behaviours")
    assert ran.returncode == 0
    assert "tcp_client.ending.quits_on_q" in ran.stdout


def test_the_machine_is_looked_at() -> None:
    ran = callbox("doctor")
    assert ran.returncode == 0
    assert "✓ programs in Python can be judged" in ran.stdout


def test_help_names_every_command() -> None:
    ran = callbox("--help")
    assert ran.returncode == 0
    for command in ("check", "grade", "mark", "report", "autograder", "explain", "behaviours", "doctor"):
        assert f" {command} " in ran.stdout
