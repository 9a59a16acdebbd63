"""A class is graded: what is done is kept, what has not changed is not judged again, and nobody pays for somebody else."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from callbox import catalogue as catalogues
from callbox.catalogue import Level
from callbox.crew import Done
from callbox.grading import rubric as rubrics
from callbox.grading.batch import Batch, Finished, Settings
from callbox.grading.marking import Marking, usual_roles
from callbox.grading.papers import Begun, Paper, Refused
from callbox.grading.result import Student
from callbox.grading.settling import HandIn
from callbox.grading.store import ByHand, Store, StoreError
from callbox.home import HOUSE, REFERENCE, SUITES
from callbox.record import Record
from callbox.story import Story
from callbox.subject import Outcome
from callbox.task import Options
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from callbox.grading.papers import News

pytestmark = pytest.mark.timeout(300)

ROLE = "udp-server"
CATALOGUE = catalogues.load(SUITES)
BEHAVIOURS = [row for row in CATALOGUE.for_role(ROLE) if row.suite == "udp_server"]
STORY = Story("an answer", "nothing", "it went home")
SETTINGS = Settings(Options(seed=7))


class Played:
    """An engine that judges nobody: each paper's news are known, and so is when the machine fails."""

    def __init__(self, verdicts: dict[str, Verdict], lose: Iterable[str] = ()) -> None:
        self.verdicts = verdicts
        self.lose = list(lose)
        self.ran: list[str] = []

    def run(self, jobs: Iterable[Paper]) -> Iterator[tuple[Paper, News | Done]]:
        for paper in jobs:
            self.ran.append(paper.key)
            if paper.key in self.lose:
                self.lose.remove(paper.key)
                yield paper, Done("the process that judged it died (exit code -9)")
                continue
            if paper.key not in self.verdicts:
                yield paper, Refused("there is no program in it")
            else:
                rows = [row for row in BEHAVIOURS if paper.wants(row)]
                yield paper, Begun(len(rows), "booth", ())
                for row in rows:
                    yield paper, record(row.id, self.verdicts[paper.key])
            yield paper, Done()


def record(behaviour: str, verdict: Verdict) -> Record:
    outcome = Outcome(verdict, None if verdict is Verdict.PASSED else STORY)
    return Record("server.py", ROLE, behaviour, CATALOGUE[behaviour].level, outcome, 0.5)


def handin(key: str, content: str = "a") -> HandIn:
    return HandIn(Student(key.title(), key), REFERENCE, content_hash=content)


def judge(store: Store, engine: Played, handins: Sequence[HandIn], again: Sequence[str] = ()) -> list[str]:
    """Who was finished, in that order."""
    batch = Batch(store, SETTINGS, engine)
    done = [event for event in batch.run(handins, batch.waiting(handins, again)) if isinstance(event, Finished)]
    return [event.student for event in done]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "grading.sqlite") as kept:
        yield kept


def score(store: Store, one: HandIn, roles: Sequence[str] = (ROLE,)) -> Fraction:
    (result,) = Marking(rubrics.load(None, CATALOGUE), CATALOGUE, roles).results([one], store)
    return result.marks.final


def test_each_hand_in_is_judged_once_and_kept(tmp_path: Path) -> None:
    class_ = [handin("alice"), handin("bob")]
    engine = Played({"alice": Verdict.PASSED, "bob": Verdict.FAILED})
    with Store(tmp_path / "grading.sqlite") as store:
        assert judge(store, engine, class_) == ["alice", "bob"]
        assert judge(store, engine, class_) == []
    with Store(tmp_path / "grading.sqlite") as again:
        kept = again.judged("bob")
        assert kept
        assert kept.records == tuple(record(row.id, Verdict.FAILED) for row in BEHAVIOURS)
        assert [score(again, one) for one in class_] == [100, 0]


@pytest.mark.parametrize("changed", ["content", "folder", "seed", "assignment", "patience"])
def test_what_changes_verdicts_is_judged_again(store: Store, changed: str) -> None:
    engine = Played({"alice": Verdict.PASSED})
    judge(store, engine, [handin("alice")])
    other = {
        "content": SETTINGS,
        "folder": SETTINGS,
        "seed": Settings(Options(seed=8)),
        "assignment": replace(SETTINGS, terms="port 9000"),
        "patience": Settings(replace(SETTINGS.options, patience=3)),
    }[changed]
    now = handin("alice", "b" if changed == "content" else "a")
    if changed == "folder":
        now = replace(now, path=REFERENCE / "udp")
    assert [paper.key for paper in Batch(store, other, engine).waiting([now])] == ["alice"]


def test_a_language_changes_no_verdict(store: Store) -> None:
    engine = Played({"alice": Verdict.PASSED})
    judge(store, engine, [handin("alice")])
    assert not Batch(store, Settings(Options(seed=7, lang="zh")), engine).waiting([handin("alice")])


def test_a_student_is_judged_again_when_that_is_asked_for(store: Store) -> None:
    class_ = [handin("alice"), handin("bob")]
    judge(store, Played({"alice": Verdict.FAILED, "bob": Verdict.FAILED}), class_)
    assert judge(store, Played({"bob": Verdict.PASSED}), class_, ["bob"]) == ["bob"]
    assert [score(store, one) for one in class_] == [0, 100]


def test_a_behaviour_is_judged_again_for_everybody_and_nothing_else_is(store: Store) -> None:
    class_ = [handin("alice"), handin("bob")]
    judge(store, Played({"alice": Verdict.FAILED, "bob": Verdict.FAILED}), class_)
    again = ["udp_server.exchange.*"]
    judge(store, Played({"alice": Verdict.PASSED, "bob": Verdict.PASSED}), class_, again)
    for one in class_:
        judged = store.judged(one.student.key)
        assert judged
        assert len(judged.records) == len(BEHAVIOURS)
        passed = {row.behaviour for row in judged.records if row.verdict is Verdict.PASSED}
        assert passed == {row.id for row in BEHAVIOURS if row.file == "exchange"}


def test_a_machine_that_fails_now_and_then_costs_nobody_anything(store: Store) -> None:
    engine = Played({"alice": Verdict.PASSED, "bob": Verdict.PASSED}, lose=["alice", "alice"])
    assert sorted(judge(store, engine, [handin("alice"), handin("bob")])) == ["alice", "bob"]
    assert score(store, handin("alice")) == 100


def test_what_the_bench_cannot_judge_is_no_zero_and_is_tried_by_the_next_run(store: Store) -> None:
    engine = Played({"alice": Verdict.PASSED}, lose=["alice"] * 3)
    class_ = [handin("alice")]
    assert judge(store, engine, class_) == ["alice"]
    (result,) = Marking(rubrics.load(None, CATALOGUE), CATALOGUE, [ROLE]).results(class_, store)
    assert "exit code -9" in result.problem
    assert not result.is_graded
    assert judge(store, engine, class_) == ["alice"]
    assert score(store, class_[0]) == 100


def test_a_hand_in_of_which_nothing_could_be_judged_is_no_zero(store: Store) -> None:
    class_ = [handin("alice")]
    judge(store, Played({"alice": Verdict.INCONCLUSIVE}), class_)
    (result,) = Marking(rubrics.load(None, CATALOGUE), CATALOGUE, [ROLE]).results(class_, store)
    assert not result.is_graded
    assert "nothing" in result.problem


def test_two_at_once_do_not_get_in_each_others_way(store: Store, tmp_path: Path) -> None:
    assert store.students() == []
    with pytest.raises(StoreError, match="another callbox is at work here"):
        Store(tmp_path / "grading.sqlite")


def test_a_hand_in_without_a_program_is_a_row_with_its_reason(store: Store) -> None:
    class_ = [handin("carol")]
    judge(store, Played({}), class_)
    (result,) = Marking(rubrics.load(None, CATALOGUE), CATALOGUE, [ROLE]).results(class_, store)
    assert result.problem == "there is no program in it"
    assert result.marks.final == 0


def test_marks_set_by_hand_stay_when_a_hand_in_is_judged_again(store: Store) -> None:
    class_ = [handin("alice")]
    judge(store, Played({"alice": Verdict.FAILED}), class_)
    store.mark("alice", ByHand(Fraction("87.5"), "explained it well"))
    judge(store, Played({"alice": Verdict.FAILED}), class_, ["alice"])
    (result,) = Marking(rubrics.load(None, CATALOGUE), CATALOGUE, [ROLE]).results(class_, store)
    assert result.marks.score == 0
    assert result.marks.by_hand == result.marks.final == Fraction("87.5")
    assert result.marks.note == "explained it well"
    store.mark("alice", None)
    assert score(store, class_[0]) == 0


def test_each_student_has_a_seed_of_their_own_that_comes_again() -> None:
    seeds = {SETTINGS.seed(key) for key in ("alice", "bob", "carol")}
    assert len(seeds) == 3
    assert Settings(Options(seed=7)).seed("bob") == SETTINGS.seed("bob")
    assert {Settings(Options(seed=7), same_seed=True).seed(key) for key in ("alice", "bob")} == {7}


def test_the_roles_that_most_have_are_taken_to_be_asked_for(store: Store) -> None:
    class_ = [handin(name) for name in ("alice", "bob", "carol")]
    judge(store, Played(dict.fromkeys(("alice", "bob", "carol"), Verdict.PASSED)), class_)
    odd = Record("x.py", "tcp-once-client", BEHAVIOURS[0].id, Level.MUST, Outcome(Verdict.PASSED), 0)
    kept = store.judged("carol")
    assert kept
    store.keep("carol", kept.with_records((odd,)))
    assert usual_roles(class_, store) == [ROLE]


@pytest.mark.parametrize("junk", [b"not a database at all", b""])
def test_a_file_that_is_none_of_ours_is_left_alone(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "grading.sqlite"
    path.write_bytes(junk)
    if junk:
        with pytest.raises(StoreError, match="cannot be used"):
            Store(path)
        assert path.read_bytes() == junk
    else:
        Store(path).close()


# The whole, as a teacher runs it


def callbox(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "callbox", *map(str, arguments)]
    env = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(HOUSE), **more}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


@pytest.fixture
def class_folder(tmp_path: Path) -> Path:
    """One who is right, one who is wrong, one who forgot to save."""
    folder = tmp_path / "class"
    right = (REFERENCE / "udp" / "server.py").read_text()
    for name, text in {"alice": right, "bob": right.replace(".upper()", ""), "carol": ""}.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "server.py").write_text(text)
    return folder


def gradebook(out: Path) -> dict[str, dict[str, str]]:
    with (out / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def test_a_class_is_graded_by_one_command(class_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = callbox("grade", class_folder, "--out", out, "--role", ROLE, "--jobs", "2", "--json-lines", "--lang", "en")
    assert ran.returncode == 0, ran.stderr
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {row["student"]: row["verdicts"].get("failed", 0) > 0 for row in rows} == {"alice": False, "bob": True}
    book = gradebook(out)
    assert book["alice"]["score"] == "100"
    assert float(book["bob"]["score"]) < 50
    assert "empty" in book["carol"]["problem"]
    assert {path.name for path in out.iterdir()} == {
        *("class.html", "ctrf.json", "feedback", "gradebook.csv", "gradescope", "grading.sqlite", "junit.xml"),
    }
    again = callbox("grade", class_folder, "--out", out, "--role", ROLE, "--json-lines", "--lang", "en")
    assert (again.returncode, again.stdout) == (0, "")
    assert gradebook(out) == book
    assert callbox("mark", out, "bob", "70", "--note", "by word of mouth").returncode == 0
    callbox("grade", class_folder, "--out", out, "--role", ROLE)
    assert gradebook(out)["bob"]["by hand"] == "70"


def test_a_grading_that_was_killed_goes_on_where_it_was(class_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "callbox", "grade", str(class_folder), "--out", str(out), "--role", ROLE]
    env = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(HOUSE)}
    options = ["--jobs", "1", "--json-lines"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env) as first:
        assert first.stdout
        done = json.loads(first.stdout.readline())["student"]
        first.send_signal(signal.SIGKILL)
    ran = callbox("grade", class_folder, "--out", out, "--role", ROLE, *options)
    assert ran.returncode == 0, ran.stderr
    left = {json.loads(line)["student"] for line in ran.stdout.splitlines()}
    assert left == {"alice", "bob"} - {done}
    assert set(gradebook(out)) == {"alice", "bob", "carol"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grade", "{tmp}/nowhere", "--out", "{tmp}/out"], "there is no such file or folder"),
        (["grade", "{tmp}/empty", "--out", "{tmp}/out"], "there is no hand-in here"),
        (["grade", "{tmp}/class", "--out", "{tmp}/out", "--rubric", "{tmp}/no.toml"], "no.toml: cannot be read"),
        (["grade", "{tmp}/class", "--out", "{tmp}/out", "--regrade", "alise"], "did you mean 'alice'"),
        (["grade", "{tmp}/class", "--out", "{tmp}/class/alice/server.py"], "server.py"),
        (["mark", "{tmp}/empty", "alice", "3"], "no class was graded here"),
        (["check", "{tmp}/nowhere"], "there is nothing here"),
        (["check", "{tmp}/class/carol/server.py"], "empty"),
        (["explain", "upper_case"], "did you mean"),
        (["report", "{tmp}/nowhere"], "nowhere"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    class_folder: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    assert class_folder.exists()
    (tmp_path / "empty").mkdir()
    ran = callbox(*(word.format(tmp=tmp_path) for word in arguments))
    assert ran.returncode == 2, ran.stderr
    (line,) = ran.stderr.splitlines()
    assert said in line
    assert ran.stdout == ""
