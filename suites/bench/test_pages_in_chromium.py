"""The pages in a browser: sorted, filtered, walked through by keys, read in the dark; and nothing runs that is not ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pytest

from callbox.grading.pages import paper
from callbox.grading.pages.classroom import class_html
from callbox.grading.pages.feedback import feedback_html
from callbox.verdict import Verdict
from suites.bench.a_class import CLIENT, SERVER, a_record, a_result, telling
from suites.bench.chromium import CHROMIUM, PATIENCE, chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from callbox.grading.result import Result

UPPER, NEXT, RESTARTS = (
    "tcp_server.exchange.upper_cases_ascii",
    "tcp_server.lifetime.serves_the_next_client",
    "tcp_server.listening.restarts_at_once",
)
QUITS = "tcp_client.ending.quits_on_q"
FAILED, PASSED, ADVISED = Verdict.FAILED, Verdict.PASSED, Verdict.ADVISED
POISON = "</script><script>window.owned = 1</script><img src=http://127.0.0.1:9/ onerror='window.owned = 1'>"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30" onload="window.owned=1"><style>rect{fill:red}</style>'
PICTURE += '<script>window.owned=1</script><rect width="40" height="30"/></svg>'
Scheme = Literal["light", "dark"]


@dataclass
class Window:
    """Shows pages of ours, and keeps what went wrong with them."""

    browser: Browser
    folder: Path
    troubles: list[str] = field(default_factory=list)

    def show(self, html: str, scheme: Scheme = "light") -> Page:
        """A page, loaded."""
        file = self.folder / f"page{len(list(self.folder.iterdir()))}.html"
        file.write_text(html, "utf-8")
        page = self.browser.new_context(color_scheme=scheme).new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: self.troubles.append(message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("request", lambda asked: self.asked(asked.url, file))
        page.goto(file.as_uri())
        return page

    def asked(self, url: str, file: Path) -> None:
        """The page loads something: itself and pictures that are in it, or more than it may."""
        if url != file.as_uri() and not url.startswith("data:"):
            self.troubles.append(f"asks for {url}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here (Debian: apt-get install chromium)")
    with chromium() as browser:
        yield browser


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Shows a page; whatever it complains of or asks from elsewhere fails the test."""
    window = Window(browser, tmp_path)
    yield window.show
    for context in browser.contexts:
        context.close()
    assert window.troubles == []


def student(name: str, upper: Verdict, follows: Verdict, quits: Verdict, said: str = "no") -> Result:
    verdicts = ((UPPER, SERVER, upper), (NEXT, SERVER, follows), (RESTARTS, SERVER, PASSED), (QUITS, CLIENT, quits))
    records = [a_record(behaviour, role, verdict, said) for behaviour, role, verdict in verdicts]
    return a_result(records, name, f"key-{name}")


CLASS = [
    student("Chen", PASSED, PASSED, FAILED),
    student("Ada", FAILED, FAILED, PASSED, said="hello from Ada"),
    student("Bo", PASSED, FAILED, PASSED),
]


def class_page(lang: str = "en") -> str:
    return class_html(CLASS, telling(lang))


def names(page: Page) -> list[str]:
    """Of the students in the table, from above."""
    return page.locator("#grid tbody tr:not([hidden]) th").all_inner_texts()


def columns(page: Page) -> list[str]:
    return page.locator("#grid thead .column button").all_inner_texts()


def focused(page: Page) -> str:
    told: str = page.evaluate(
        "document.activeElement.closest('th, td')?.ariaLabel ?? document.activeElement.textContent"
    )
    return told


def sorted_by(page: Page) -> dict[str, str]:
    titles = page.locator("#grid thead th[aria-sort]").all()
    found = {title.inner_text(): title.get_attribute("aria-sort") or "" for title in titles}
    return {name: way for name, way in found.items() if way != "none"}


def test_students_are_sorted_by_name_by_marks_and_by_any_behaviour(show: Callable[..., Page]) -> None:
    page = show(class_page())
    assert names(page) == ["Ada", "Bo", "Chen"]
    assert sorted_by(page) == {"Student": "ascending"}
    page.get_by_role("button", name="Student", exact=True).click()
    assert names(page) == ["Chen", "Bo", "Ada"]
    page.get_by_role("button", name="Marks", exact=True).click()
    assert names(page)[0] == "Ada"
    page.get_by_role("button", name="quits on q").click()
    assert names(page)[0] == "Chen"
    assert sorted_by(page) == {"quits on q": "ascending"}
    page.get_by_role("button", name="quits on q").click()
    assert names(page)[2] == "Chen"


def test_students_and_behaviours_are_filtered_and_it_is_told_how_many_are_left(show: Callable[..., Page]) -> None:
    page = show(class_page())
    shown = page.get_by_role("status")
    page.get_by_role("searchbox").fill("aDa")
    assert names(page) == ["Ada"]
    assert shown.inner_text() == "1 of 3 students, 4 of 4 behaviours"
    page.get_by_role("searchbox").fill("")
    page.get_by_label("Only what somebody misses").check()
    assert columns(page) == ["quits on q", "upper cases ascii", "serves the next client"]
    page.get_by_label("Role").select_option(SERVER)
    assert columns(page) == ["upper cases ascii", "serves the next client"]
    page.get_by_label("Verdict").select_option(label="failed")
    assert names(page) == ["Ada", "Bo"]
    assert shown.inner_text() == "2 of 3 students, 2 of 4 behaviours"
    page.get_by_label("Role").select_option("")
    page.get_by_label("Suite").select_option("tcp_client")
    assert columns(page) == ["quits on q"]
    assert names(page) == ["Chen"]


def test_keys_walk_through_the_table(show: Callable[..., Page]) -> None:
    page = show(class_page())
    assert page.locator("#grid [tabindex='0']").count() == 1
    page.locator("#grid [tabindex='0']").focus()
    visited = []
    for key in (
        "ArrowDown",
        "ArrowRight",
        "ArrowRight",
        "End",
        "Home",
        "Control+End",
        "Control+Home",
        "ArrowUp",
        "PageDown",
    ):
        page.keyboard.press(key)
        visited.append(focused(page))
        assert page.locator("#grid [tabindex='0']").count() == 1
    assert visited == ["Ada", "1 / 3", "passed", "failed", "Ada", "passed", "Student", "Student", "Chen"]


def test_keys_sort_open_and_close_and_the_focus_returns(show: Callable[..., Page]) -> None:
    page = show(class_page())
    page.locator("#grid [tabindex='0']").focus()
    page.keyboard.press("Enter")
    assert names(page)[0] == "Chen"
    for key in ("End", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    assert focused(page) == "failed"
    page.keyboard.press("Enter")
    story = page.get_by_role("dialog")
    story.get_by_text("it said hello from Ada").wait_for()
    assert story.get_by_role("heading").inner_text() == telling().words(UPPER, SERVER).says
    page.keyboard.press("Escape")
    story.wait_for(state="hidden")
    assert focused(page) == "failed"


def test_a_click_opens_the_story_or_the_student(show: Callable[..., Page]) -> None:
    page = show(class_page())
    page.locator("td.failed").first.click()
    page.get_by_role("dialog").get_by_text("it said hello from Ada").wait_for()
    page.get_by_role("button", name="Close").click()
    page.get_by_role("rowheader", name="Chen").click()
    page.get_by_role("dialog").get_by_text("key-Chen").wait_for()
    assert page.get_by_role("dialog").get_by_role("listitem").count() == 1


def test_the_first_tab_leads_past_everything_to_the_table(show: Callable[..., Page]) -> None:
    page = show(class_page())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page) == "Students and behaviours"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_told_in_each_language_by_day_and_by_night(
    show: Callable[..., Page], lang: str, scheme: Scheme
) -> None:
    page = show(class_page(lang), scheme)
    assert page.locator("h1").inner_text() == paper.words(lang)["class"]
    assert darkness(page) == (scheme == "dark")
    page = show(feedback_html(CLASS[1], telling(lang)), scheme)
    assert page.locator("#first").inner_text() == paper.words(lang)["first"]
    assert darkness(page) == (scheme == "dark")


def darkness(page: Page) -> bool:
    """Is the paper darker than the ink?"""
    paper, ink = (
        page.evaluate(f"getComputedStyle(document.body).{name}.match(/\\d+/g).reduce((sum, each) => sum + +each, 0)")
        for name in ("backgroundColor", "color")
    )
    return bool(paper < ink)


def test_nothing_that_a_student_or_a_program_said_runs(show: Callable[..., Page]) -> None:
    poisoned = student(POISON, FAILED, FAILED, FAILED, said=POISON)
    page = show(class_html([poisoned], telling("en", lambda _: PICTURE)))
    for cell in ("tbody th", "td.failed"):
        page.locator(cell).first.click()
        page.get_by_role("dialog").get_by_text(POISON).first.wait_for()
        if cell == "td.failed":
            assert_drawn(page)
        page.keyboard.press("Escape")
    assert page.evaluate("window.owned") is None
    page = show(feedback_html(poisoned, telling("en", lambda _: PICTURE)))
    assert_drawn(page)
    assert page.evaluate("window.owned") is None


def assert_drawn(page: Page) -> None:
    page.wait_for_function("[...document.images].length && [...document.images].every((one) => one.complete)")
    assert page.evaluate("document.images[0].naturalWidth") == 40
