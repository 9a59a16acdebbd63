"""From a folder of results to the page: generated apart, compared with our own count, and only then put in its place."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from callbox.allure_report import categories, generator, node, page
from callbox.allure_report.errors import ReportError
from callbox.allure_report.results import Counts, count, read

if TYPE_CHECKING:
    import subprocess

PAGE, HISTORY = "index.html", "history.jsonl"
RUNS_KEPT = 50
"""in the history"""
HIDDEN = ["framework", "host", "language", "package", "thread"]
"""labels that say nothing of a program"""


@dataclass(frozen=True)
class Report:
    """A report that was made."""

    page: Path
    """open it in a browser, from disk or through a server"""
    counts: Counts
    history: Path
    runs: int
    """in the history, this one included"""


def make_report(
    results: Path, out: Path, *, history: Path | None = None, lang: str = "en", title: str = "callbox"
) -> Report:
    """Make the report of `results` in the folder `out`, which is new, empty, or holds an earlier report.

    `history` is the file of runs over which trends are drawn, and to which this one is added: by default it lies in `out`.
    Raises ReportError, and leaves everything as it was.
    """
    history = history or out / HISTORY
    counts = count(read(results))
    refuse_what_is_not_ours(out)
    node.require()
    before = read_history(history)
    command = generator.installed()
    with TemporaryDirectory(prefix="callbox-report-") as name:
        room = Path(name)
        copy(results, room / "results")
        (room / HISTORY).write_bytes(before)
        (room / "allurerc.json").write_text(json.dumps(configuration(lang, title)), "utf-8")
        ran = node.run(["node", str(command), "generate", "--config", "allurerc.json", "results"], room)
        compare(counts, counted(room / "report" / "summary.json", ran))
        made = page.private((room / "report" / PAGE).read_text("utf-8"))
        after = (room / HISTORY).read_bytes()
    put(out / PAGE, made.encode())
    put(history, after)
    return Report(out / PAGE, counts, history, len(after.splitlines()))


def configuration(lang: str, title: str) -> dict[str, Any]:
    """Allure's (allurereport.org, "Allure Report 3: configuration"); its paths are within the folder where it runs."""
    options = {"singleFile": True, "reportLanguage": lang, "groupBy": ["epic", "feature"]}
    return {
        "name": title,
        "output": "report",
        "historyPath": HISTORY,
        "historyLimit": RUNS_KEPT,
        "appendHistory": True,
        "hideLabels": HIDDEN,
        "categories": categories.for_allure_3(lang),
        "plugins": {"awesome": {"options": options}},
    }


def copy(results: Path, to: Path) -> None:
    """The files of a folder, under a name without a character that is a pattern for Allure. Raises ReportError."""
    to.mkdir()
    try:
        for path in results.iterdir():
            if path.is_file():
                shutil.copyfile(path, to / path.name)
    except OSError as error:
        raise ReportError(f"{error.filename or results}: cannot be copied: {error.strerror}") from None


def refuse_what_is_not_ours(out: Path) -> None:
    """Raise ReportError unless the report can be put there and nothing of somebody else's is written over."""
    try:
        if not out.exists() or not any(out.iterdir()):
            return
        made = (out / PAGE).read_text("utf-8", "replace") if (out / PAGE).is_file() else ""
    except OSError as error:
        raise ReportError(f"{out}: no report can be put here: {error.strerror}") from None
    if not page.is_ours(made):
        raise ReportError(f"{out}: is there and is no report of callbox; choose another folder, or empty it")


def read_history(path: Path) -> bytes:
    """The runs so far: a line of JSON each. Raises ReportError where it is something else."""
    try:
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        if any("testResults" not in json.loads(line) for line in lines):
            raise ValueError
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, TypeError):
        raise ReportError(f"{path}: is no history of Allure reports; name another file, or none") from None
    return b"".join(lines)


def counted(summary: Path, ran: subprocess.CompletedProcess[str]) -> Counts:
    """How many results of each status Allure has put into the report. Raises ReportError where it has made none."""
    if ran.returncode or not summary.exists():
        raise ReportError(f"Allure made no report: {node.last_words(ran)}")
    stats = json.loads(summary.read_text("utf-8"))["stats"]
    return Counter(
        {name: stats[name] for name in ("failed", "broken", "passed", "skipped", "unknown") if name in stats}
    )


def compare(ours: Counts, allures: Counts) -> None:
    """Raise ReportError where a result is missing from the report, or has changed its status there."""
    if ours != allures:
        raise ReportError(f"the report is not kept: it shows {told(allures)}, and there are {told(ours)}")


def told(counts: Counts) -> str:
    """`2 failed, 5 passed`."""
    return ", ".join(f"{number} {status}" for status, number in sorted(counts.items())) or "nothing"


def put(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ReportError(f"{path}: cannot be written: {error.strerror}") from None
