"""The assignment is data: with other numbers, at another address family, beside other programs, the same checks hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from callbox import assignment as assignments
from callbox.home import REFERENCE
from callbox.subject import Subject
from callbox.submission import find
from callbox.tools import find_tool, other_side
from callbox.verdict import NotJudged, Verdict
from suites.bench.pytester import HOUSE, SPECIMENS, run_pytest

if TYPE_CHECKING:
    from pathlib import Path

    from callbox.judge import Judge
    from callbox.subject import Outcome

ANOTHER = HOUSE / "fixtures" / "assignments" / "another.toml"
BACKLOGS = [0, 1, 3, 5, 128]
SERIAL = ["tcp-once-server", "tcp-loop-server", "tcp-forever-server"]
ASKS = "tcp_server.listening.asks_for_the_assigned_backlog"
QUEUES = "tcp_server.listening.queues_as_many_clients_as_it_asked_for"


def reference(role: str, **changes: object) -> Subject:
    """A reference program, told of terms that differ in this from the tutorial's."""
    (source,) = (one for one in find(REFERENCE).programs if one.role == role)
    return Subject(source, replace(assignments.load().terms(role), **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("backlog", BACKLOGS)
@pytest.mark.parametrize("role", SERIAL)
def test_a_queue_of_any_length_is_seen_both_ways(judge: Judge, role: str, backlog: int) -> None:
    subject = reference(role, backlog=backlog)
    for name in (ASKS, QUEUES):
        outcome = judge.judge(judge.catalogue[name], subject)
        assert outcome.verdict is Verdict.PASSED, outcome.headline


@pytest.mark.parametrize("backlog", BACKLOGS)
def test_a_queue_of_another_length_than_assigned_is_failed(judge: Judge, backlog: int) -> None:
    right = reference("tcp-forever-server")
    source = replace(right.source, run=(*right.source.run, "--backlog", str(backlog)), takes=frozenset())
    outcome = judge.judge(judge.catalogue[ASKS], Subject(source, replace(right.terms, backlog=backlog + 1)))
    assert outcome.verdict is Verdict.FAILED
    assert outcome.headline == f"it asks for a backlog of {backlog}, {backlog + 1} was assigned"


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*/*.py")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_reference_program_needs_no_argument(judge: Judge, path: Path) -> None:
    (source,) = (one for one in find(REFERENCE).programs if REFERENCE / one.name == path)
    subject = Subject(replace(source, takes=frozenset()), assignments.load().terms(source.role or ""))
    names = ["address", "asks_for_the_assigned_backlog", "reads_at_most", "upper_cases_ascii", "quits_on_q", "message"]
    rows = [row for row in judge.catalogue.for_role(subject.terms.role.name) if row.suite == subject.terms.role.suite]
    chosen = [row for row in rows if any(name in row.name for name in names)]
    assert len(chosen) > 2
    assert {row.id: outcome.headline for row in chosen if (outcome := judge.judge(row, subject)).missed} == {}


def test_another_assignment_is_passed_by_the_same_files(tmp_path: Path) -> None:
    ran = run_pytest(
        tmp_path,
        "--assignment",
        str(ANOTHER),
        "-k",
        "listening or reads_at_most or upper_cases or sending or quits",
        "suites",
    )
    assert ran.status == 0, ran.text
    assert len(ran.verdicts()) > 15


def test_the_tutorials_numbers_fail_another_assignment(tmp_path: Path) -> None:
    right = SPECIMENS / "accepted" / "tcp-forever-server" / "material.py"
    command = ["--assignment", str(ANOTHER), "--submission", str(right), "--role", "tcp-forever-server"]
    ran = run_pytest(tmp_path, *command, "-k", "assigned or upper_cases_ascii or reads_at_most")
    verdicts = ran.verdicts()
    assert {name for name, verdict in verdicts.items() if verdict == "failed"} == {
        "listens_at_the_assigned_address",
        "asks_for_the_assigned_backlog",
        "upper_cases_ascii",
        "reads_at_most_1024_at_a_time",
    }


def test_the_reference_serves_ipv6(tmp_path: Path) -> None:
    ran = run_pytest(tmp_path, "--family", "ipv6", "-k", "(listening or connecting) and not bench", "suites")
    assert ran.status == 0, ran.text


def test_two_submissions_talk_with_each_other(tmp_path: Path) -> None:
    server, client = (SPECIMENS / "accepted" / role / "material.py" for role in ("tcp-loop-server", "tcp-loop-client"))
    command = ["--submission", str(server), "--role", "tcp-loop-server", "--against", str(client), "-k", "other_side"]
    ran = run_pytest(tmp_path, *command)
    assert ran.verdicts() == {"talks_with_the_other_side": "passed"}, ran.text


def test_a_wrong_partner_is_nobodys_fault(tmp_path: Path) -> None:
    wrong = SPECIMENS / "wrong" / "tcp-loop-client" / "prints_only_that_it_went_well.py"
    server = SPECIMENS / "accepted" / "tcp-loop-server" / "material.py"
    command = ["--submission", str(server), "--role", "tcp-loop-server", "--against", str(wrong), "-k", "other_side"]
    ran = run_pytest(tmp_path, *command)
    assert ran.verdicts() == {"talks_with_the_other_side": "not judged"}, ran.text


TALKS = ["talks_with_the_other_side", "talks_with_nc", "talks_with_socat", "talks_with_ncat"]
CHECKS_WHAT_COMES = """
import socket
with socket.create_connection(("127.0.0.1", 6666)) as phone:
    phone.sendall("show 信息".encode())
    if phone.recv(1024).decode() == "SHOW 信息":
        print("SHOW 信息")
"""


def talks(judge: Judge, name: str, path: Path, role: str) -> Outcome:
    """What is said of a program together with others; skipped where the tool is not installed."""
    (source,) = find(path, role=role).programs
    terms = assignments.load().terms(role)
    if (tool := name.removeprefix("talks_with_")) != "the_other_side":
        try:
            find_tool(tool, replace(terms, role=other_side(terms.role)))
        except NotJudged as missing:
            pytest.skip(str(missing))
    return judge.judge(judge.catalogue[f"interop.pairs.{name}"], Subject(source, terms))


@pytest.mark.parametrize("name", TALKS)
def test_a_server_that_changes_nothing_is_understood_by_nobody(judge: Judge, name: str) -> None:
    server = SPECIMENS / "wrong" / "tcp-forever-server" / "forgets_upper.py"
    assert talks(judge, name, server, "tcp-forever-server").missed


@pytest.mark.parametrize("name", TALKS)
@pytest.mark.parametrize("client", ["prints_bytes.py", "reads_to_the_end.py"])
def test_how_a_client_prints_and_how_far_it_reads_is_its_own(judge: Judge, name: str, client: str) -> None:
    path = SPECIMENS / "accepted" / "tcp-once-client" / client
    assert talks(judge, name, path, "tcp-once-client").verdict is Verdict.PASSED


@pytest.mark.parametrize(("name", "hears_its_last"), zip(TALKS, [True, False, True, False], strict=True))
def test_a_tool_that_hangs_up_on_a_last_word_is_nobodys_fault(judge: Judge, name: str, hears_its_last: bool) -> None:
    path = SPECIMENS / "accepted" / "tcp-once-client" / "says_its_last.py"
    outcome = talks(judge, name, path, "tcp-once-client")
    assert outcome.verdict is (Verdict.PASSED if hears_its_last else Verdict.NOT_JUDGED)


@pytest.mark.parametrize("name", TALKS[1:])
def test_a_client_that_shows_one_answer_only_is_told_by_a_tool(judge: Judge, tmp_path: Path, name: str) -> None:
    (tmp_path / "client.py").write_text(CHECKS_WHAT_COMES, "utf-8")
    assert talks(judge, name, tmp_path / "client.py", "tcp-once-client").verdict is Verdict.FAILED
