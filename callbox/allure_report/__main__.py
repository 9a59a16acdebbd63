"""`python -m callbox.allure_report DIR`: the report alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from callbox.allure_report import ReportError, make_report
from callbox.allure_report.make import told
from callbox.catalogue import LANGUAGES

USAGE = 2


def main(arguments: list[str] | None = None) -> int:
    """Make a report from the command line; 2 where that cannot be done."""
    parser = argparse.ArgumentParser(prog="callbox report", description="make the Allure report of a folder of results")
    parser.add_argument("results", type=Path, metavar="DIR", help="what `pytest --alluredir DIR` has written")
    parser.add_argument("--out", type=Path, default=Path("allure-report"), help="its folder (default %(default)s)")
    parser.add_argument("--history", type=Path, metavar="FILE", help="runs to compare with (default: in that folder)")
    parser.add_argument("--lang", choices=LANGUAGES, default="en")
    parser.add_argument("--title", default="callbox")
    chosen = vars(parser.parse_args(arguments))
    try:
        report = make_report(chosen.pop("results"), chosen.pop("out"), **chosen)
    except ReportError as error:
        print(f"callbox report: {error}", file=sys.stderr)
        return USAGE
    print(f"{report.page}: {told(report.counts)} (run {report.runs} of {report.history})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
