"""The assignment is data: with other numbers, at another address family, beside other programs, the same checks hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from callbox import assignment as assignments
from callbox.home import REFERENCE
from callbox.subject import Subject
from callbox.submission import find
from callbox.verdict import Verdict
from suites.bench.pytester import HOUSE, SPECIMENS, run_pytest

if TYPE_CHECKING:
    from pathlib import Path

    from callbox.judge import Judge

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


@pytest.mark.parametrize("name", ["talks_with_the_other_side", "talks_with_nc", "talks_with_socat", "talks_with_ncat"])
def test_a_server_that_changes_nothing_is_understood_by_nobody(judge: Judge, name: str) -> None:
    source = find(SPECIMENS / "wrong" / "tcp-forever-server" / "forgets_upper.py", role="tcp-forever-server").programs[
        0
    ]
    subject = Subject(source, assignments.load().terms("tcp-forever-server"))
    assert judge.judge(judge.catalogue[f"interop.pairs.{name}"], subject).missed
