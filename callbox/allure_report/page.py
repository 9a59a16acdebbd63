"""Allure's page made fit for students' data: it calls nobody, and the browser is told to see to that."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from callbox.allure_report.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGN = '<meta name="generator" content="callbox report">'
"""By which a page of ours is known."""
# Everything is in the page; what is not may not be loaded (www.w3.org/TR/CSP3). Allure's own script comes as a data: URL.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' data: blob:; style-src 'unsafe-inline' data: blob:; "
    "img-src data: blob:; font-src data:; media-src data: blob:; connect-src data: blob:; frame-src data: blob:; "
    "worker-src blob:; form-action 'none'"
)
HEAD = "<head>"
OURS = f'{HEAD}\n    {SIGN}\n    <meta http-equiv="Content-Security-Policy" content="{POLICY}">'
# Allure 3.18 has no switch for it: `analyticsEnable: true` is written in its generators (allure3#476).
ANALYTICS = re.compile(
    r'<script async src="https://www\.googletagmanager\.com/[^"]*"></script>\s*<script>\s*window\.dataLayer\b.*?</script>',
    re.DOTALL,
)
TRACKERS = ("googletagmanager", "google-analytics", "dataLayer")
SCRIPT = re.compile(r"data:text/javascript;base64,([A-Za-z0-9+/=]+)")
LOADS = {"action", "data", "formaction", "href", "poster", "src", "srcset"}
"""attributes that name what a page loads, or where it goes"""


def private(page: str) -> str:
    """The page without analytics, signed, and forbidden to load anything. Raises ReportError where that is not enough."""
    if page.count(HEAD) != 1:
        raise ReportError("Allure's page is not as it was in the pinned version: it has no single <head>")
    made = ANALYTICS.sub("", page).replace(HEAD, OURS)
    if found := sorted({*trackers(made), *outside(made)}):
        raise ReportError(f"Allure's page would call outside, and is not kept: {', '.join(found)}")
    return made


def is_ours(page: str) -> bool:
    """Did we make it?"""
    return SIGN in page[:1000]


def trackers(page: str) -> Iterator[str]:
    """Words of the page, or of a script packed into it, that only analytics have."""
    texts = [page, *(base64.b64decode(code).decode("utf-8", "replace") for code in SCRIPT.findall(page))]
    yield from (word for word in TRACKERS for text in texts if word in text)


def outside(page: str) -> list[str]:
    """The addresses that the page's tags name, other than those of data in the page."""
    tags = _Tags()
    tags.feed(page)
    return tags.addresses


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        named = [value or "" for name, value in attrs if name in LOADS]
        self.addresses += [value for value in named if not value.startswith(("data:", "#"))]
