"""`callbox check`: a program judged, and told for the person who wrote it."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from callbox.booth import Isolation
from callbox.cli.options import (
    INCONCLUSIVE,
    AssignmentFile,
    IsolationOption,
    Jobs,
    Language,
    Patience,
    Python,
    Role,
    Seed,
    mistakes_told,
)
from callbox.cli.sheet import Sheet
from callbox.examination import Examination
from callbox.intake import SubmissionError, take_in
from callbox.patience import PATIENCE
from callbox.task import Options, Task
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callbox.record import Record


def check(
    path: Annotated[Path, typer.Argument(help="a program, or a folder of them")],
    *,
    role: Role = None,
    assignment: AssignmentFile = None,
    against: Annotated[Path | None, typer.Option(help="another submission, for its programs to talk with")] = None,
    family: Annotated[str | None, typer.Option(help="judge at the loopback address of ipv4 or ipv6")] = None,
    python: Python = None,
    seed: Seed = None,
    patience: Patience = PATIENCE,
    isolation: IsolationOption = Isolation.AUTO,
    jobs: Jobs,
    lang: Language,
    watch: Annotated[bool, typer.Option("--watch", help="judge again whenever the program changes")] = False,
) -> None:
    """Judge a program, and tell what it does right and wrong, and what to mend first."""
    options = Options(
        submission=str(path),
        role=role,
        python=python,
        assignment=str(assignment) if assignment else None,
        family=family,
        against=str(against) if against else None,
        seed=seed,
        patience=patience,
        isolation=isolation,
        lang=lang,
    )
    with mistakes_told():
        if watch:
            judge_again_and_again(path, options, jobs, lang)
        raise typer.Exit(judge(options, jobs, lang))


def judge(options: Options, jobs: int, lang: str) -> int:
    """Judge once; the exit status."""
    console = Console(highlight=False, soft_wrap=True)
    examination = Examination.of(Task.of(options))
    sheet = Sheet(examination, console, lang)
    sheet.head()
    records = watched(examination, jobs)
    sheet.tell(records)
    return status(records, len(examination.plan))


def watched(examination: Examination, jobs: int) -> list[Record]:
    """The records in the order of the plan; on a terminal, with a bar that grows."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    records: dict[tuple[str, str], Record] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("", total=len(examination.plan))
        for record in examination.records(jobs):
            records[record.behaviour, record.program] = record
            progress.update(bar, advance=1, description=record.behaviour)
    return [records[row.id, subject.name] for row, subject in examination.plan if (row.id, subject.name) in records]


def status(records: Sequence[Record], planned: int) -> int:
    """The exit status: 1 when a program failed, 3 when something could not be judged or was not."""
    counts = Counter(record.verdict for record in records)
    if counts[Verdict.FAILED]:
        return 1
    return INCONCLUSIVE if counts[Verdict.INCONCLUSIVE] or len(records) != planned or not records else 0


def judge_again_and_again(path: Path, options: Options, jobs: int, lang: str) -> None:
    """Judge whenever the files change, until Ctrl-C."""
    from watchfiles import watch  # noqa: PLC0415 - of no use to anybody else

    Task.of(options)  # a mistake in the command line ends it
    try:
        judged = contents(path)
        again(options, jobs, lang)
        # It also looks every now and then: what changed while a program was judged was seen by nobody.
        for _ in watch(path.parent if path.is_file() else path, yield_on_timeout=True, raise_interrupt=True):
            if (now := contents(path)) != judged:
                judged = now
                again(options, jobs, lang)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def contents(path: Path) -> object:
    """The files as they are, or why they cannot be read."""
    try:
        return take_in(path).files
    except SubmissionError as error:
        return str(error)


def again(options: Options, jobs: int, lang: str) -> None:
    """Judge once; what cannot be judged now may be by the next time."""
    if sys.stdout.isatty():
        os.write(sys.stdout.fileno(), b"\x1b[2J\x1b[H")  # a clean screen
    try:
        judge(options, jobs, lang)
    except ValueError as error:
        print(f"callbox: {error}", file=sys.stderr)
