"""What Allure gets to see, and the traps of allure-pytest and pytest-xdist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from callbox.plugin.allure_results import clean
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
    assert result["statusDetails"]["message"].startswith("callbox.verdict.Mismatch: it gave back what came, unchanged")
    assert {attachment["name"] for attachment in result["attachments"]} >= {"story", "output of the program"}
    assert {"program", "role"} <= {parameter["name"] for parameter in result["parameters"]}


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
