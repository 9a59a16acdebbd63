"""`callbox report`: the Allure page of a folder of results."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callbox.allure_report.make import make_report, told
from callbox.cli.options import Language, mistakes_told


def report(
    results: Annotated[Path, typer.Argument(metavar="DIR", help="what `--alluredir DIR` has written")],
    *,
    out: Annotated[Path, typer.Option(help="the folder of the report")] = Path("allure-report"),
    history: Annotated[
        Path | None, typer.Option(help="earlier runs, for trends (default: in the report's folder)")
    ] = None,
    title: Annotated[str, typer.Option(help="of the page")] = "callbox",
    lang: Language,
) -> None:
    """Make the Allure report of a folder of results, with the trend over earlier ones."""
    with mistakes_told():
        made = make_report(results, out, history=history, lang=lang, title=title)
        print(f"{made.page}: {told(made.counts)} (run {made.runs} of {made.history})")
