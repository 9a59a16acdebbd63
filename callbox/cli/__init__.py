"""The command line: `callbox check`, `explain`, `behaviours`, `doctor`, `grade`, `mark`, `report`."""

from __future__ import annotations

import typer

from callbox.cli.autograder import autograder
from callbox.cli.check import check
from callbox.cli.doctor import doctor
from callbox.cli.explain import behaviours, explain
from callbox.cli.grade import grade, mark
from callbox.cli.report import report

app = typer.Typer(
    name="callbox",
    help="Puts socket programs into a box, calls them up, and tells what they do right and wrong.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (check, grade, mark, report, autograder, explain, behaviours, doctor):
    app.command()(command)


def main() -> None:
    """The console script."""
    app()
