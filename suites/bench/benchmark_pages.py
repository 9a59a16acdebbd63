"""What the pages cost: how large they are, how long they take to make, and how long Chromium takes to open the one of a class.

Run: python suites/bench/benchmark_pages.py [STUDENTS] [BEHAVIOURS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from callbox.grading.pages.classroom import class_html
from callbox.grading.pages.feedback import feedback_html
from suites.bench.a_class import a_class, telling
from suites.bench.chromium import CHROMIUM, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))"
OPENINGS = 5


def main(students: int, behaviours: int) -> None:
    """Make, measure, open."""
    results = a_class(students, behaviours, lambda chance: f"answer {chance.randrange(1000)}")
    began = time.perf_counter()
    page = class_html(results, telling())
    print(f"class page, {students} students, {behaviours} behaviours: {size(page)}, made in {since(began):.2f} s")
    began = time.perf_counter()
    pages = [feedback_html(result, telling()) for result in results]
    print(f"feedback pages: {size(max(pages, key=len))} the largest, {since(began) / len(pages):.3f} s each")
    if CHROMIUM is None:
        print("there is no Chromium here that would open them")
        return
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        file = Path(folder) / "class.html"
        file.write_text(page, "utf-8")
        walls, busy = zip(*(opened(browser, file) for _ in range(OPENINGS)), strict=True)
    print(
        f"opened and painted, median of {OPENINGS}: {statistics.median(walls):.2f} s,"
        f" of which the page's thread worked {statistics.median(busy):.2f} s"
    )


def opened(browser: Browser, file: Path) -> tuple[float, float]:
    """Seconds until the page is painted, by the wall clock and of processor time."""
    page = browser.new_page()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    began = time.perf_counter()
    page.goto(file.as_uri())
    page.evaluate(PAINTED)
    wall = since(began)
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    page.close()
    return wall, metrics["TaskDuration"]


def size(page: str) -> str:
    """How large it is."""
    return f"{len(page.encode()) / 1000:.0f} kB"


def since(began: float) -> float:
    """Seconds."""
    return time.perf_counter() - began


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers or [300, 60]))
