"""The report: whole or refused in one line, private, and with a memory."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from callbox.allure_report import ReportError, generator, make_report, node, page
from callbox.allure_report.__main__ import main
from callbox.allure_report.results import count, read
from suites.bench.allure_folders import Machine, widgets, write_result

if TYPE_CHECKING:
    from pathlib import Path

NODE = 'if [ "$1" = --version ]; then echo v22.1.0; exit; fi'
NPM = "mkdir -p node_modules/allure; touch node_modules/allure/cli.js"
PAGE = (
    '<html><head><script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>\n<script>\n'
    "window.dataLayer = []; gtag('js');</script></head><body></body></html>"
)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two that passed and one that failed."""
    for name, status in (("a", "passed"), ("b", "failed"), ("c", "passed")):
        write_result(tmp_path / "results", name, status)
    return tmp_path / "results"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine that has nothing yet."""
    return Machine.at(tmp_path / "machine", monkeypatch)


@pytest.fixture(scope="session")
def allure() -> None:
    """The real one, in the cache of whoever runs the tests."""
    try:
        node.require()
        generator.installed()
    except ReportError as error:
        pytest.skip(f"Allure cannot be had here: {error}")


def allure_that_counts(machine: Machine, **stats: int) -> None:
    """Pretend that Allure makes a report with these counts."""
    machine.has("npm", NPM)
    wrote = f"mkdir report\necho '{json.dumps({'stats': stats})}' >report/summary.json\ncat >report/index.html <<'.'\n{PAGE}\n.\n"
    machine.has("node", f"{NODE}\n{wrote}echo '{{\"testResults\": {{}}}}' >>history.jsonl")


# ---- our own count


def test_results_are_counted_by_status(results: Path) -> None:
    assert count(read(results)) == {"passed": 2, "failed": 1}


def test_the_last_of_several_runs_of_a_test_counts(results: Path) -> None:
    write_result(results, "b", "passed", start=9)
    write_result(results, "a", "failed", start=-1)
    assert count(read(results)) == {"passed": 3}


def test_another_program_is_no_other_run_but_another_port_is(results: Path) -> None:
    write_result(results, "b", "passed", parameters=[{"name": "program", "value": "server.py"}])
    write_result(results, "b", "broken", parameters=[{"name": "port", "value": "1", "excluded": True}])
    assert count(read(results)) == {"passed": 3, "broken": 1}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param('{"uuid": "1", "status": "pass', "is no Allure result", id="cut off"),
        pytest.param('{"uuid": "1", "status": "fine"}', "status", id="no such status"),
        pytest.param("[]", "is no Allure result", id="no table"),
    ],
)
def test_a_result_that_cannot_be_read_is_named(results: Path, text: str, line: str) -> None:
    (results / "x-result.json").write_text(text)
    with pytest.raises(ReportError, match=rf"x-result\.json: is no Allure result.*{line}|{line}"):
        read(results)


# ---- the command line


def complaint(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """What the command says on stderr when it refuses: one line, and status 2."""
    assert main([str(argument) for argument in arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("callbox report: ")
    assert said.err.count("\n") == 1
    return said.err


def test_a_folder_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "no such folder" in complaint(capsys, tmp_path / "nowhere")


def test_a_folder_without_results_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "no Allure results" in complaint(capsys, tmp_path)


def test_a_file_is_no_folder(capsys: pytest.CaptureFixture[str], results: Path) -> None:
    assert "cannot be read" in complaint(capsys, results / "0-result.json")


def test_what_to_install_is_told_where_node_is_missing(
    capsys: pytest.CaptureFixture[str], machine: Machine, results: Path
) -> None:
    assert "callbox[report]" in complaint(capsys, results, "--out", machine.folder)


@pytest.mark.parametrize("version", ["v18.20.4", "no version"])
def test_a_node_that_is_too_old_is_told(
    capsys: pytest.CaptureFixture[str], machine: Machine, results: Path, version: str
) -> None:
    machine.has("npm", NPM)
    machine.has("node", f"echo {version}")
    assert version in complaint(capsys, results, "--out", results.parent / "out")


def test_a_report_is_told_with_its_counts(capsys: pytest.CaptureFixture[str], machine: Machine, results: Path) -> None:
    allure_that_counts(machine, passed=2, failed=1, total=3)
    assert main([str(results), "--out", str(results.parent / "out")]) == 0
    assert "index.html: 1 failed, 2 passed (run 1 of" in capsys.readouterr().out


# ---- installed whole or not at all


def test_allure_is_installed_once_for_all_who_ask_at_once(machine: Machine) -> None:
    machine.has("npm", f"echo once >>{machine.folder}/calls\n{NPM}")
    with ThreadPoolExecutor(4) as pool:
        (place,) = set(pool.map(lambda _: generator.installed(), range(4)))
    assert place.is_file()
    assert (machine.folder / "calls").read_text() == "once\n"


def test_an_installation_that_fails_leaves_nothing(machine: Machine) -> None:
    machine.has("npm", "touch half; echo 'npm error code ENOTFOUND' >&2; exit 1")
    with pytest.raises(ReportError, match=r"npm ci\): code ENOTFOUND"):
        generator.installed()
    assert [path.name for path in generator.cache().iterdir()] == ["allure.lock"]


def test_what_an_interrupted_installation_left_is_not_used(machine: Machine) -> None:
    machine.has("npm", NPM)
    part = generator.cache() / f"allure-{generator.digest()}.part"
    (part / "half").mkdir(parents=True)
    home = generator.installed().parents[2]
    assert not (home / "half").exists()
    assert not part.exists()


def test_the_versions_are_pinned_and_no_host_is_named() -> None:
    lock = (generator.PINNED / "package-lock.json").read_text()
    assert "://" not in lock
    packages = {name: each for name, each in json.loads(lock)["packages"].items() if name}
    assert len(packages) > 100
    assert [name for name, each in packages.items() if "integrity" not in each] == []
    wanted = json.loads((generator.PINNED / "package.json").read_text())["dependencies"]["allure"]
    assert packages["node_modules/allure"]["version"] == wanted


# ---- the page


def test_analytics_are_taken_out_and_nothing_may_be_loaded() -> None:
    made = page.private(PAGE)
    assert "gtag" not in made
    assert "default-src 'none'" in made
    assert page.is_ours(made)
    assert not page.is_ours(PAGE)


@pytest.mark.parametrize(
    "smuggled",
    [
        '<img src="https://example.org/pixel.png">',
        '<link rel="stylesheet" href="//example.org/style.css">',
        '<script>var i = "https://www.google-analytics.com"</script>',
        f'<script src="data:text/javascript;base64,{base64.b64encode(b"window.dataLayer=[]").decode()}"></script>',
    ],
)
def test_a_page_that_would_call_outside_is_not_kept(smuggled: str) -> None:
    with pytest.raises(ReportError, match="would call outside"):
        page.private(PAGE.replace("<body>", f"<body>{smuggled}"))


# ---- what was there before


def everything(folder: Path) -> dict[str, str]:
    """The files of a folder, and what they say."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["index.html", "thesis.txt"])
def test_what_is_not_ours_stays_as_it_is(results: Path, name: str) -> None:
    out = results.parent / "out"
    out.mkdir()
    (out / name).write_text("years of work")
    with pytest.raises(ReportError, match="is no report of callbox"):
        make_report(results, out)
    assert everything(out) == {name: "years of work"}


def test_what_lies_beside_a_report_stays(machine: Machine, results: Path) -> None:
    allure_that_counts(machine, passed=2, failed=1)
    out = results.parent / "out"
    make_report(results, out)
    (out / "notes.txt").write_text("years of work")
    assert make_report(results, out).runs == 2
    assert set(everything(out)) == {"history.jsonl", "index.html", "notes.txt"}


def test_a_report_that_lost_a_result_is_not_kept(machine: Machine, results: Path) -> None:
    out = results.parent / "out"
    allure_that_counts(machine, passed=2, failed=1)
    make_report(results, out)
    before = everything(out)
    allure_that_counts(machine, passed=2)
    with pytest.raises(ReportError, match="it shows 2 passed, and there are 1 failed, 2 passed"):
        make_report(results, out)
    assert everything(out) == before


def test_an_allure_that_fails_is_told_in_a_line(machine: Machine, results: Path) -> None:
    machine.has("npm", NPM)
    machine.has("node", f"{NODE}\necho 'too large to be generated' >&2; exit 1")
    with pytest.raises(ReportError, match="Allure made no report: too large to be generated"):
        make_report(results, results.parent / "out")
    assert not (results.parent / "out").exists()


@pytest.mark.parametrize("text", ["no JSON\n", "[1]\n", "3\n", '{"testResults": {}}\n{"half'])
def test_a_history_that_is_none_stays_as_it_is(machine: Machine, results: Path, text: str) -> None:
    allure_that_counts(machine, passed=2, failed=1)
    history = results.parent / "mine.jsonl"
    history.write_text(text)
    with pytest.raises(ReportError, match="is no history of Allure reports"):
        make_report(results, results.parent / "out", history=history)
    assert history.read_text() == text


# ---- the real one


@pytest.mark.usefixtures("allure")
def test_the_report_shows_every_result_and_calls_nobody(results: Path) -> None:
    write_result(results, "b", "broken", start=9)
    report = make_report(results, results.parent / "out [1]")
    assert report.counts == {"passed": 2, "broken": 1}
    made = widgets(report.page)
    assert made["widgets/statistic.json"]["total"] == 3
    text = report.page.read_text("utf-8")
    assert list(page.trackers(text)) == []
    assert page.outside(text) == []


@pytest.mark.usefixtures("allure")
def test_a_second_run_is_told_from_the_first(results: Path) -> None:
    out, history = results.parent / "out", results.parent / "kept" / "history.jsonl"
    make_report(results, out, history=history)
    write_result(results, "b", "passed", start=9)
    report = make_report(results, out, history=history)
    assert report.runs == 2
    points = next(
        chart["data"]
        for chart in widgets(report.page)["widgets/charts.json"]["general"].values()
        if chart["type"] == "statusDynamics"
    )
    assert [point["statistic"].get("failed", 0) for point in points] == [1, 0]


@pytest.mark.usefixtures("allure")
@pytest.mark.parametrize(("lang", "name"), [("en", "Failed: misses a MUST"), ("zh", "未通过:缺少必须的行为")])
def test_results_are_sorted_by_their_cause(results: Path, lang: str, name: str) -> None:
    write_result(results, "d", "passed", labels=[{"name": "tag", "value": "advised"}])
    write_result(results, "e", "skipped", labels=[{"name": "rests_on", "value": "tcp_server.listening.listens"}])
    write_result(results, "f", "skipped")
    write_result(results, "g", "broken")
    report = make_report(results, results.parent / "out", lang=lang)
    nodes: dict[str, Any] = widgets(report.page)["widgets/categories.json"]["nodes"]
    causes = {each["name"]: each["statistic"]["total"] for each in nodes.values() if each["type"] == "category"}
    assert causes[name] == 1
    assert list(causes.values()) == [1, 1, 1, 1, 1]
    assert "tcp_server.listening.listens" in str(nodes)


def test_the_node_of_the_python_package_runs_its_own_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bin/npm is a copy of a link into the package, and finds nothing there."""
    monkeypatch.setattr(node, "brought", lambda: tmp_path)
    assert node.find("node") == [str(tmp_path / "bin/node")]
    assert node.find("npm") == [str(tmp_path / "bin/node"), str(tmp_path / "lib/node_modules/npm/bin/npm-cli.js")]
