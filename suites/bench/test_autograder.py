"""The zip file for Gradescope: complete, without the answers, and run as Gradescope runs it."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from callbox import autograder
from callbox.autograder import build_autograder
from suites.bench.pytester import HOUSE

if TYPE_CHECKING:
    from pathlib import Path

ANOTHER = HOUSE / "fixtures" / "assignments" / "another.toml"
STUB = """#!/bin/sh
printf '%s\\n' "$@" >"$OUT"
while [ "$1" != --out ]; do shift; done
mkdir -p "$2/gradescope/one" "$2/gradescope/two"
{then}
exit 1
"""


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """Where an autograder is unpacked as Gradescope does it."""
    rubric = tmp_path / "rubric.toml"
    rubric.write_text("points = 10\n")
    out = build_autograder(tmp_path / "a.zip", role="tcp-forever-server", assignment=ANOTHER, rubric=rubric, lang="zh")
    source = tmp_path / "autograder" / "source"
    with zipfile.ZipFile(out) as archive:
        for entry in archive.infolist():
            archive.extract(entry, source)
            (source / entry.filename).chmod(entry.external_attr >> 16 & 0o777)
    for name in ("results", "submission"):
        (source.parent / name).mkdir()
    return source.parent


def run(packed: Path, then: str) -> subprocess.CompletedProcess[bytes]:
    """Run the autograder with a callbox that does `then` with its results' folder, `$2`, and ends as for a program that fails."""
    command = packed / "source" / "callbox" / ".venv" / "bin" / "callbox"
    command.parent.mkdir(parents=True)
    command.write_text(STUB.format(then=then))
    command.chmod(0o755)
    runuser = packed / "bin" / "runuser"  # root runs it; the user is made by setup.sh, and not by a test
    runuser.parent.mkdir()
    runuser.write_text('#!/bin/sh\nshift 3\nexec "$@"\n')
    runuser.chmod(0o755)
    (runuser.with_name("chown")).symlink_to("/bin/true")
    path = f"{runuser.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "AUTOGRADER": str(packed), "OUT": str(packed / "words")}
    return subprocess.run([packed / "source" / "run_autograder"], env=environment, capture_output=True, check=False)


def test_everything_that_judges_is_in_it_and_no_specimen() -> None:
    names = [name for name, _ in autograder.house()]
    assert {"callbox/pyproject.toml", "callbox/callbox/judge.py", "callbox/reference/udp/server.py"} <= set(names)
    assert {"callbox/suites/tcp_server/behaviours.toml", "callbox/callbox/assignment.toml"} <= set(names)
    assert [name for name in names if "specimens" in name or "/bench/" in name or "__pycache__" in name] == []


def test_the_same_checkout_gives_the_same_file(tmp_path: Path) -> None:
    one, other = (build_autograder(tmp_path / name).read_bytes() for name in ("one.zip", "other.zip"))
    assert one == other


def test_a_submission_is_graded_as_was_asked_for(packed: Path) -> None:
    ran = run(packed, 'echo \'{"score": 4}\' >"$2/gradescope/one/results.json"')
    assert ran.returncode == 0, ran.stderr
    assert json.loads((packed / "results" / "results.json").read_text()) == {"score": 4}
    words = (packed / "words").read_text().split()
    assert words[:3] == ["grade", str(packed / "submission"), "--out"]
    told = [
        "--assignment",
        "assignment.toml",
        "--rubric",
        "rubric.toml",
        "--role",
        "tcp-forever-server",
        "--lang",
        "zh",
    ]
    assert words[4:] == told
    assert (packed / "source" / "assignment.toml").read_bytes() == ANOTHER.read_bytes()


@pytest.mark.parametrize(
    "then",
    [
        pytest.param("true", id="none"),
        pytest.param('ln -s /etc/passwd "$2/gradescope/one/results.json"', id="a link"),
        pytest.param('echo {} | tee "$2/gradescope/one/results.json" >"$2/gradescope/two/results.json"', id="two"),
    ],
)
def test_without_results_of_its_own_it_fails(packed: Path, then: str) -> None:
    assert run(packed, then).returncode != 0
    assert list((packed / "results").iterdir()) == []


@pytest.mark.parametrize(
    ("told", "line"),
    [
        pytest.param({"role": "tcp-forever-sever"}, "did you mean 'tcp-forever-server'", id="no role"),
        pytest.param({"assignment": HOUSE / "nowhere.toml"}, "nowhere.toml: cannot be read", id="no assignment"),
        pytest.param({"rubric": HOUSE / "nowhere.toml"}, "nowhere.toml: cannot be read", id="no rubric"),
        pytest.param({"rubric": HOUSE / "LICENSE"}, "LICENSE: is not TOML", id="no TOML"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(tmp_path: Path, told: dict[str, Path], line: str) -> None:
    with pytest.raises(ValueError, match=line):
        build_autograder(tmp_path / "autograder.zip", **told)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "thesis").write_text("years of work")
    with pytest.raises(ValueError, match="is there already"):
        build_autograder(tmp_path / "thesis")
    assert (tmp_path / "thesis").read_text() == "years of work"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        build_autograder(tmp_path / "nowhere" / "autograder.zip")
