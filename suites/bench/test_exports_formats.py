"""Every format says what a result came to, to the parsers that read it, whatever a program had to say."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import junitparser
import pytest
from markdown_it import MarkdownIt

from callbox.grading.exports import classroom, ctrf, github, gradebook, gradescope, junit
from callbox.grading.exports.safe import line
from callbox.grading.exports.saving import ExportError, save
from callbox.grading.result import Item
from callbox.shown import harmless
from callbox.verdict import Verdict
from suites.bench.hostile import with_any_text
from suites.bench.results import BACKLOG, HOSTILE, LISTENS, PIECES, PRINTS, ROLE, UPPER, record, result, teller
from suites.bench.tags import Tags

if TYPE_CHECKING:
    from callbox.grading.result import Result

SCHEMAS = Path(__file__).with_name("schemas")
ENDED = datetime(2026, 3, 2, tzinfo=UTC)
RUNNER = {
    "CLASSROOM": "nets",
    "ASSIGNMENT": "hw1",
    "ASSIGNMENT_TYPE": "individual",
    "USERNAME": "alice",
    "SUBMISSION_TAG": "submit/2026-03-01T23-59-30Z-abc",
    "COMMIT_URL": "https://example.org/c",
    "RELEASE_URL": "https://example.org/r",
}
NO_ARCHIVE = result(problem="hw1.rar: is no archive that callbox reads", records=())
ABSENT = "udp_server.listening.binds_the_assigned_address"


@cache
def validator(schema: str) -> jsonschema.protocols.Validator:
    """A schema, which is one, ready to be asked; formats (times, UUIDs) are looked at too."""
    rules = json.loads((SCHEMAS / schema).read_text("utf-8"))
    kind = jsonschema.validators.validator_for(rules)
    kind.check_schema(rules)
    return kind(rules, format_checker=kind.FORMAT_CHECKER)


def check(document: dict[str, Any], schema: str) -> dict[str, Any]:
    """The same as another program reads it, after its schema had its say."""
    again: dict[str, Any] = json.loads(json.dumps(document, allow_nan=False).encode())
    validator(schema).validate(again)
    return again


def gradescope_of(each: Result, lang: str = "en") -> dict[str, Any]:
    return check(gradescope.document(each, teller(lang)), "gradescope.json")


def classroom_of(each: Result, lang: str = "en") -> dict[str, Any]:
    return check(classroom.document(each, teller(lang), RUNNER), "classroom50-result-v1.json")


def ctrf_of(*each: Result, lang: str = "en") -> dict[str, Any]:
    found: dict[str, Any] = check(ctrf.document(each, teller(lang), ENDED), "ctrf-0.0.json")["results"]
    return found


def junit_of(tmp_path: Path, *each: Result) -> junitparser.JUnitXml:
    junit.write(each, tmp_path / "junit.xml", teller())
    return junitparser.JUnitXml.fromfile(str(tmp_path / "junit.xml"))


def gradebook_of(*each: Result, lang: str = "en") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(gradebook.text(each, teller(lang)), newline="")))


# The gradebook


def test_the_gradebook_has_a_row_a_student() -> None:
    alice, bob = gradebook_of(result(), result("bob"))
    assert (alice["key"], bob["key"]) == ("alice", "bob")
    assert (alice["score"], alice["out of"], alice["bonus"], alice["penalty"]) == ("2.67", "15", "1", "0.33")
    assert alice["late"] == "late"
    assert (alice[ROLE], alice[f"{ROLE} out of"], alice["udp-server"]) == ("3", "10", "0")
    assert alice["first thing to mend"].startswith(f"{ROLE}: answers ASCII letters")


def test_the_gradebook_begins_with_a_mark_for_excel(tmp_path: Path) -> None:
    gradebook.write([result("信息")], tmp_path / "deep" / "gradebook.csv", teller())
    data = (tmp_path / "deep" / "gradebook.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfkey,")
    assert data.count(b"\r\n") == data.count(b"\n") == 2
    assert "信息" in data.decode("utf-8-sig")


def test_a_mark_by_hand_counts_and_no_mark_is_no_nought() -> None:
    by_hand = replace(result().marks, by_hand=Fraction(9), note="talked to her")
    shown, without = gradebook_of(result(marks=by_hand), NO_ARCHIVE)
    assert (shown["score"], shown["by hand"], shown["notes"]) == ("9", "9", "word; talked to her")
    assert (without["score"], without["problem"]) == ("", "hw1.rar: is no archive that callbox reads")


def test_the_gradebook_is_told_in_chinese() -> None:
    (row,) = gradebook_of(result(), lang="zh")
    assert row["得分"] == "2.67"
    assert "ASCII 字母" in row["首先要改的"]


@with_any_text
def test_no_text_in_the_gradebook_is_a_formula_or_moves_a_cell(text: str) -> None:
    told = gradebook.text([result(text, text), result("bob")], teller())
    rows = list(csv.reader(io.StringIO(told, newline=""), strict=True))
    assert len(rows) == 3
    assert {len(row) for row in rows} == {16}
    assert rows[2][0] == "bob"
    assert not [value for row in rows for value in row if value.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]


# Gradescope


def test_gradescope_is_told_scores_and_who_may_see_what() -> None:
    told = gradescope_of(result())
    tests = {test["tags"][1]: test for test in told["tests"]}
    assert told["score"] == 2.67
    assert told["stdout_visibility"] == "hidden"
    assert told["extra_data"] == {"seed": 7, "tier": "full", "content_hash": "abc"}
    assert (tests[UPPER]["score"], tests[UPPER]["max_score"], tests[UPPER]["status"]) == (0, 3, "failed")
    assert tests[PIECES]["visibility"] == "hidden"
    assert tests[PRINTS]["status"] == "passed"
    assert "status" not in tests[BACKLOG]
    assert tests[BACKLOG]["score"] == tests[BACKLOG]["max_score"] == 1
    assert "wanted        WORD word" in tests[UPPER]["output"]


def test_gradescope_reads_every_text_as_text() -> None:
    told = gradescope_of(result(text=HOSTILE[5]))
    formats = {told[each] for each in ("output_format", "test_output_format", "test_name_format")}
    assert formats | {test[each] for test in told["tests"] for each in ("output_format", "name_format")} == {"text"}


def test_a_problem_is_told_once_and_not_a_hundred_times() -> None:
    told = gradescope_of(NO_ARCHIVE)
    assert told["tests"] == []
    assert "hw1.rar: is no archive" in told["output"]


# Classroom 50


def test_classroom_50_is_told_whole_points() -> None:
    told = classroom_of(result())
    assert (told["score"], told["max-score"]) == (267, 1500)
    assert told["owner"] == "alice"
    assert told["review"] == RUNNER["COMMIT_URL"]
    assert told["datetime"] == "2026-03-01T23:59:30Z"
    assert all(test["score"] <= test["max-score"] for test in told["tests"])


def test_classroom_50_keeps_whole_points_as_they_are() -> None:
    marks = replace(result().marks, score=Fraction(3), penalty=Fraction(0), bonus=Fraction(0))
    told = classroom_of(result(marks=marks))
    assert (told["score"], told["max-score"]) == (3, 15)


def test_classroom_50_takes_no_more_than_full_marks() -> None:
    told = classroom_of(result(marks=replace(result().marks, score=Fraction(16))))
    assert told["score"] == told["max-score"] == 15


def test_classroom_50_sums_up_what_is_hidden() -> None:
    told = classroom_of(result())
    assert told["tests"][-1] == {
        "test-name": "1 more, which are not shown",
        "passed": False,
        "score": 0,
        "max-score": 400,
    }
    assert "however it is cut" not in json.dumps(told)


@pytest.mark.parametrize("missing", ["CLASSROOM", "SUBMISSION_TAG"])
def test_classroom_50_is_not_told_of_nobody(missing: str) -> None:
    with pytest.raises(ExportError, match=f"{missing} is not set"):
        classroom.document(result(), teller(), {name: word for name, word in RUNNER.items() if name != missing})


# CTRF


def test_ctrf_counts_what_it_lists() -> None:
    told = ctrf_of(result(), result("bob"))
    statuses = [test["status"] for test in told["tests"]]
    summary = told["summary"]
    assert len(statuses) == summary["tests"] == 12
    assert {status: statuses.count(status) for status in ("passed", "failed", "skipped", "pending", "other")} == {
        name: summary[name] for name in ("passed", "failed", "skipped", "pending", "other")
    }
    assert (summary["passed"], summary["failed"], summary["skipped"], summary["other"]) == (4, 4, 2, 2)
    assert summary["stop"] - summary["start"] == 2500


def test_advice_passes_in_ctrf_and_says_what_it_is() -> None:
    test = next(test for test in ctrf_of(result())["tests"] if test["extra"]["behaviour"] == PRINTS)
    assert (test["status"], test["rawStatus"], test["message"]) == ("passed", "advised", "word")


def test_a_problem_is_neither_passed_nor_failed_in_ctrf() -> None:
    told = ctrf_of(NO_ARCHIVE)
    assert told["summary"]["other"] == told["summary"]["tests"] == 1
    assert told["tests"][0]["message"] == NO_ARCHIVE.problem


# JUnit


def test_junit_has_a_suite_a_student_and_a_case_a_behaviour(tmp_path: Path) -> None:
    xml = junit_of(tmp_path, result(), result("bob"))
    alice, bob = xml
    assert (alice.name, bob.name) == ("alice", "bob")
    assert (alice.tests, alice.failures, alice.errors, alice.skipped) == (6, 2, 1, 1)
    assert (xml.tests, xml.failures, xml.errors, xml.skipped) == (12, 4, 2, 2)
    kinds = {case.name: [type(each) for each in case.result] for case in alice}
    assert kinds[LISTENS] == kinds[PRINTS] == []
    assert kinds[UPPER] == kinds[ABSENT] == [junitparser.Failure]
    assert kinds[PIECES] == [junitparser.Skipped]
    assert kinds[BACKLOG] == [junitparser.Error]


def test_advice_passes_in_junit_and_is_told(tmp_path: Path) -> None:
    (suite,) = junit_of(tmp_path, result())
    case = next(case for case in suite if case.name == PRINTS)
    assert case.system_out.startswith("SHOULD tcp_server.lifetime.prints")


def test_a_problem_is_an_error_in_junit(tmp_path: Path) -> None:
    (suite,) = junit_of(tmp_path, NO_ARCHIVE)
    assert [(case.name, case.result[0].message) for case in suite] == [("hand-in", NO_ARCHIVE.problem)]


@with_any_text
def test_whatever_a_program_says_the_documents_are_in_order(text: str) -> None:
    hostile = result(text, text)
    gradescope_of(hostile)
    classroom_of(hostile)
    told = ctrf_of(hostile)
    assert told["extra"]["students"][0]["key"] == line(text)
    assert next(test for test in told["tests"] if test["extra"]["behaviour"] == UPPER)["trace"].count("\x1b") == 0


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_a_program_says_junit_is_in_order(text: str, tmp_path: Path) -> None:
    (suite,) = junit_of(tmp_path, result(text, text))
    failure = next(case for case in suite if case.name == UPPER).result[0]
    assert harmless(text).split()[0][:500] in failure.text
    assert suite.tests == 6


def test_a_huge_output_is_cut_in_every_format(tmp_path: Path) -> None:
    huge = result(text="y" * 1_000_000)
    junit.write([huge], tmp_path / "junit.xml", teller())
    sizes = [len(json.dumps(each)) for each in (gradescope_of(huge), classroom_of(huge), ctrf_of(huge))]
    sizes.append(len((tmp_path / "junit.xml").read_bytes()))
    assert max(sizes) < 200_000
    assert "more characters" in json.dumps(gradescope_of(huge))


# GitHub


def test_annotations_name_the_file_and_what_to_try() -> None:
    failure, advice = github.annotation_lines(result(), teller(), "hw1/")
    assert failure.startswith(f"::error file=hw1/server.py,title={ROLE}%3A answers ASCII letters")
    assert "::word%0ALook at what is given to `send()`" in failure
    assert advice.startswith("::warning file=hw1/server.py,")


@with_any_text
def test_no_program_gives_github_a_command(text: str) -> None:
    hostile = result(text=text)
    records = tuple(replace(each, program=text) for each in hostile.records)
    lines = github.annotation_lines(replace(hostile, records=records), teller())
    assert [told[:9] for told in lines] == ["::error f", "::warning"]
    for told in lines:
        assert len(told.splitlines()) == 1
        properties = told.split("::")[1].partition(" ")[2]
        assert [each.partition("=")[0] for each in properties.split(",")] == ["file", "title"]


def test_what_is_silenced_cannot_end_its_silence() -> None:
    first, *told, last = github.silenced("::error::mine\r\n##[error]mine\x1b").splitlines()
    command, token = first.rsplit("::", 1)
    assert (command, last) == ("::stop-commands", f"::{token}::")
    assert told == ["::error::mine", r"##[error]mine\x1b"]
    assert token not in github.silenced("")


def test_github_is_shown_what_costs_most_and_no_more_than_it_shows() -> None:
    behaviours = [name for name in teller().catalogue if name.startswith("tcp_server.")][:20]
    costs = {name: Fraction(at) for at, name in enumerate(behaviours)}
    items = tuple(Item(name, ROLE, Fraction(0), cost) for name, cost in costs.items())
    marks = replace(result().marks, items=items)
    failed = Verdict.FAILED
    records = tuple(record(name, failed, f"cost {costs[name]}") for name in behaviours)
    lines = github.annotation_lines(result(records=records, marks=marks), teller())
    assert len(lines) == github.MOST_ANNOTATIONS
    assert [told.split("::")[2].partition("%0A")[0] for told in lines] == [f"cost {cost}" for cost in range(19, 9, -1)]


def test_the_summary_counts_the_roles_and_tells_what_failed(tmp_path: Path) -> None:
    out = tmp_path / "summary.md"
    out.write_text("before\n")
    github.write(result(), out, teller())
    told = out.read_text("utf-8")
    assert told.startswith("before\n## 2.67 of 15 points\n")
    assert f"| {ROLE} | 3 / 6 | 1 | 1 | 1 | 0 | 1 |" in told
    assert "1 more, which are not shown: 0 of 4 points" in told
    assert "however it is cut" not in told
    assert "wanted        WORD word" in told


@with_any_text
def test_no_program_writes_markdown_or_html_into_the_summary(text: str) -> None:
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    told, harmless = (Tags(markdown.render(github.summary(result(text=each), teller()))) for each in (text, "word"))
    notes = bool(line(text))
    assert [tag for tag in told.tags if tag != "pre"] == [tag for tag in harmless.tags if tag != "pre"]
    assert told.tags.count("pre") == harmless.tags.count("pre") - (not notes)


def test_the_summary_is_never_longer_than_github_takes() -> None:
    huge = result(text="信" * 9_000)
    whole = github.summary(huge, teller())
    most = len(whole.encode()) - 100
    cut = github.summary(huge, teller(), most)
    assert len(cut.encode()) <= most
    assert cut.endswith("… and 1 more\n\n")


# Files


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="cannot be written"):
        save(tmp_path / "file" / "out.json", b"")
    with pytest.raises(ExportError, match="cannot be written"):
        github.write(result(), tmp_path, teller())


def test_an_earlier_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    save(tmp_path / "out", b"first")
    save(tmp_path / "out", b"second")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out", b"second")]


def test_both_students_files_are_written_as_utf8(tmp_path: Path) -> None:
    gradescope.write(result(text="信息"), tmp_path / "results.json", teller())
    classroom.write(result(text="信息"), tmp_path / "result.json", teller(), RUNNER)
    ctrf.write([result(text="信息")], tmp_path / "ctrf.json", teller())
    for name in ("results.json", "result.json", "ctrf.json"):
        data = (tmp_path / name).read_bytes()
        assert "信息".encode() in data
        assert b"\r" not in data
