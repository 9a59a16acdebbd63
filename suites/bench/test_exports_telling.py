"""Rows of a result: what the rubric lists and what was judged come together, and nothing is lost or told twice."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from callbox.grading.exports.shown import shown_of
from callbox.grading.exports.telling import first_to_mend, rows_of
from callbox.grading.result import Item
from callbox.verdict import Verdict
from suites.bench.results import BACKLOG, LISTENS, PIECES, PRINTS, ROLE, UPPER, record, result, teller


def test_rows_are_the_rubrics_and_then_what_it_does_not_name() -> None:
    listed = [UPPER, LISTENS]
    marks = replace(result().marks, items=tuple(Item(each, ROLE, Fraction(1), Fraction(1)) for each in listed))
    rows = rows_of(result(marks=marks))
    assert [row.behaviour for row in rows] == [UPPER, LISTENS, PRINTS, PIECES, BACKLOG]
    assert [row.possible for row in rows] == [1, 1, 0, 0, 0]


def test_a_row_is_the_worst_of_its_programs_and_tells_of_each_that_missed_it() -> None:
    verdicts = {"a.py": Verdict.PASSED, "b.py": Verdict.FAILED, "c.py": Verdict.INCONCLUSIVE}
    records = tuple(record(LISTENS, verdict, f"of {name}", name) for name, verdict in verdicts.items())
    row = rows_of(result(records=records))[0]
    assert (row.verdict, row.seconds) == (Verdict.FAILED, 0.75)
    assert teller().headline(row) == "of b.py"
    told = teller().text(row)
    assert "b.py (tcp-loop-server)" in told
    assert "OSError: of c.py" in told
    assert "a.py" not in told


@pytest.mark.parametrize(("got", "verdict"), [(0, Verdict.FAILED), (1, Verdict.NOT_JUDGED)])
def test_a_role_without_a_program_failed_where_it_cost_something(got: int, verdict: Verdict) -> None:
    marks = replace(result().marks, items=(Item(LISTENS, ROLE, Fraction(got), Fraction(1)),))
    (row,) = rows_of(result(records=(), marks=marks))
    assert row.verdict is verdict
    assert teller().text(row) == "there is no program in this role"


def test_what_failed_is_mended_before_what_is_advised() -> None:
    advice, failure, passed = (
        record(*each)
        for each in zip((PRINTS, UPPER, LISTENS), (Verdict.ADVISED, Verdict.FAILED, Verdict.PASSED), strict=True)
    )
    marks = replace(result().marks, items=())
    found = [
        first_to_mend(rows_of(result(records=records, marks=marks)))
        for records in ((advice, failure), (passed, advice), (passed,))
    ]
    assert [row.behaviour if row else None for row in found] == [UPPER, PRINTS, None]


def test_what_is_hidden_adds_up_with_what_is_shown() -> None:
    shown, rows = shown_of(result()), rows_of(result())
    assert [row.behaviour for row in rows if row not in shown.rows] == [PIECES]
    assert shown.hidden == 1
    assert (shown.got, shown.possible) == (Fraction(0), Fraction(4))
    assert sum(row.possible for row in shown.rows) + shown.possible == sum(row.possible for row in rows)


def test_no_part_of_a_story_crowds_out_the_others() -> None:
    told = teller().text(rows_of(result(text="y" * 10_000))[1])
    assert "Look at what is given to `send()`" in told
    assert "it printed    yyy" in told


def test_what_is_not_judged_says_what_it_rests_on_and_no_story() -> None:
    row = next(row for row in rows_of(result()) if row.behaviour == PIECES)
    assert "it rests on tcp_server.exchange.upper_cases_ascii, which failed" in teller().text(row)
    assert "wanted" not in teller().text(row)
