"""What Allure gets to see, and the traps of allure-pytest and pytest-xdist."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from callbox.plugin.allure_results import clean, one_line
from suites.bench.pytester import SPECIMENS, run_pytest

if TYPE_CHECKING:
    from pathlib import Path

NO_UPPER = SPECIMENS / "wrong" / "tcp-forever-server" / "forgets_upper.py"
EXCHANGE = "suites/tcp_server/test_exchange.py"


def test_a_result_tells_where_it_belongs_how_grave_it_is_and_its_story(tmp_path: Path) -> None:
    arguments = ("--submission", str(NO_UPPER), "-k", "upper_cases_ascii", "--alluredir", str(tmp_path / "allure"))
    (result,) = run_pytest(tmp_path, *arguments).results()
    labels = {(label["name"], label["value"]) for label in result["labels"]}
    assert {("epic", "TCP server"), ("feature", "exchange"), ("severity", "critical"), ("tag", "MUST")} <= labels
    assert result["status"] == "failed"
    assert result["statusDetails"]["message"].startswith("it gave back what came, unchanged")
    assert {attachment["name"] for attachment in result["attachments"]} >= {"story", "output of the program"}
    assert {"program", "role"} <= {parameter["name"] for parameter in result["parameters"]}


def test_a_failure_has_its_picture_and_is_repeated_by_hand(tmp_path: Path) -> None:
    folder = tmp_path / "allure"
    (result,) = run_pytest(
        tmp_path, "--submission", str(NO_UPPER), "-k", "upper_cases_ascii", "--alluredir", str(folder)
    ).results()
    attached = {
        one["name"]: (folder / one["source"]).read_text() for one in result["attachments"] if "pcap" not in one["name"]
    }
    assert "how it should go" in ET.fromstring(attached["picture"]).findtext("{*}desc", "")
    compile(attached["repeat.py"], "repeat.py", "exec")
    assert "| nc -w 2 127.0.0.1 65447" in attached["in a shell"]


def test_no_phantom_teardown_is_reported(tmp_path: Path) -> None:
    run_pytest(
        tmp_path, "--submission", str(NO_UPPER), "-k", "upper_cases_ascii", "--alluredir", str(tmp_path / "allure")
    )
    containers = [path.read_text() for path in (tmp_path / "allure").glob("*-container.json")]
    assert not any("<lambda>" in text for text in containers)


def test_workers_clean_nothing_away(tmp_path: Path) -> None:
    arguments = (
        "--submission",
        str(NO_UPPER),
        EXCHANGE,
        "-n",
        "2",
        "--clean-alluredir",
        "--alluredir",
        str(tmp_path / "allure"),
    )
    ran = run_pytest(tmp_path, *arguments)
    assert len(ran.results()) == len(ran.verdicts())
    assert "seed" in (tmp_path / "allure" / "environment.properties").read_text()


def test_a_worker_that_dies_leaves_a_broken_result_and_costs_nobody_points(tmp_path: Path) -> None:
    plugin = (
        "import os, pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_call(item):\n"
        "    if 'answers_only' in item.name: os.abort()\n"
    )
    arguments = (
        "--submission",
        str(NO_UPPER),
        EXCHANGE,
        "-n",
        "1",
        "-k",
        "answers_only",
        "--alluredir",
        str(tmp_path / "allure"),
    )
    ran = run_pytest(tmp_path, *arguments, plugin=plugin)
    assert [result["status"] for result in ran.results()] == ["broken"]
    assert ran.status == 3


def test_a_lone_surrogate_ends_no_session(tmp_path: Path) -> None:
    plugin = "from callbox.server import Server\ndef broken(*_): raise RuntimeError('\\udcff')\nServer.dial = broken\n"
    arguments = ("--submission", str(NO_UPPER), EXCHANGE, "-n", "1", "--alluredir", str(tmp_path / "allure"))
    ran = run_pytest(tmp_path, *arguments, plugin=plugin)
    assert "INTERNALERROR" not in ran.text
    assert len(ran.results()) == len(ran.verdicts()) > 1


@pytest.mark.parametrize("value", ["\udcff", ["a", "\udcff"], {"\udcff": ("\udcff",)}])
def test_cleaned_data_is_utf_8(value: object) -> None:
    str(clean(value)).encode()


def labels(result: dict[str, Any]) -> set[tuple[str, str]]:
    """The labels of a result."""
    return {(label["name"], label["value"]) for label in result["labels"]}


def test_a_check_of_the_platform_tells_where_it_belongs(tmp_path: Path) -> None:
    arguments = ("suites/socket_module", "-k", "makes_a_tcp_socket_by_default", "--alluredir", str(tmp_path / "allure"))
    (result,) = run_pytest(tmp_path, *arguments).results()
    assert labels(result) >= {
        ("epic", "The socket module"),
        ("feature", "creating"),
        ("severity", "critical"),
        ("tag", "MUST"),
        ("behaviour", "socket_module.creating.makes_a_tcp_socket_by_default"),
    }
    assert result["name"].startswith("`socket.socket()` without arguments")
    assert "socket_module.creating.makes_a_tcp_socket_by_default (socket模块)" in result["description"]


def test_what_is_not_judged_names_what_it_rests_on_and_no_place_of_ours(tmp_path: Path) -> None:
    arguments = ("--submission", str(NO_UPPER), EXCHANGE, "-k", "upper_cases_ascii or leaves_the_rest")
    by_status = {
        result["status"]: result
        for result in run_pytest(tmp_path, *arguments, "--alluredir", str(tmp_path / "allure")).results()
    }
    resting = by_status["skipped"]
    assert ("rests_on", "tcp_server.exchange.upper_cases_ascii") in labels(resting)
    details = {"message": "it rests on tcp_server.exchange.upper_cases_ascii, which failed"}
    assert {name: text for name, text in resting["statusDetails"].items() if text} == details


def test_a_result_counts_as_the_same_wherever_the_program_lies(tmp_path: Path) -> None:
    """Allure 3 makes the identity of a result of its parameters, but for those that are excluded."""
    told = []
    for desk in (tmp_path / "here", tmp_path / "there"):
        desk.mkdir()
        program = desk / NO_UPPER.name
        program.write_bytes(NO_UPPER.read_bytes())
        arguments = ("--submission", str(program), "--role", "tcp-forever-server", "-k", "upper_cases_ascii")
        (result,) = run_pytest(desk, *arguments, "--alluredir", str(desk / "allure")).results()
        told.append((result["historyId"], [each for each in result["parameters"] if not each.get("excluded")]))
    assert told[0] == told[1]
    assert [each["name"] for each in told[0][1]] == ["program", "role"]


def test_a_run_tells_its_circumstances_and_its_causes(tmp_path: Path) -> None:
    arguments = ("--submission", str(NO_UPPER), "-k", "upper_cases_ascii", "--seed", "7")
    run_pytest(tmp_path, *arguments, "--alluredir", str(tmp_path / "allure"))
    environment = (tmp_path / "allure" / "environment.properties").read_text().splitlines()
    assert {"seed=7", "programs=forgets_upper.py (tcp-forever-server)"} <= set(environment)
    causes = json.loads((tmp_path / "allure" / "categories.json").read_text())
    assert [cause["matchedStatuses"] for cause in causes] == [["failed"], ["skipped"], ["broken"]]


def test_a_reason_of_several_lines_is_one_value() -> None:
    assert one_line("no box:\nC:\\nowhere") == "no box: C:\\\\nowhere"
