"""`callbox autograder`: the zip file that Gradescope takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callbox.autograder import build_autograder
from callbox.cli.options import AssignmentFile, Language, Role, mistakes_told


def autograder(
    out: Annotated[Path, typer.Argument(help="the zip file to write")] = Path("autograder.zip"),
    *,
    role: Role = None,
    assignment: AssignmentFile = None,
    rubric: Annotated[Path | None, typer.Option(help="a TOML file: what is worth how much")] = None,
    lang: Language,
) -> None:
    """Pack callbox, an assignment and a rubric into Gradescope's autograder."""
    with mistakes_told():
        print(build_autograder(out, role=role, assignment=assignment, rubric=rubric, lang=lang))
