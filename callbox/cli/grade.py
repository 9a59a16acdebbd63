"""`callbox grade` and `callbox mark`: a class graded, and marks that a teacher sets by hand."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callbox import assignment as assignments
from callbox import catalogue as catalogues
from callbox.booth import Isolation
from callbox.cli.options import (
    INCONCLUSIVE,
    INTERRUPTED,
    AssignmentFile,
    IsolationOption,
    Jobs,
    Lang,
    Language,
    Patience,
    Python,
    Role,
    Seed,
    mistakes_told,
)
from callbox.cli.progress import Board
from callbox.grading import rubric as rubrics
from callbox.grading.batch import Batch, Finished, Settings, processes
from callbox.grading.exports import allure
from callbox.grading.exports import platform as platforms
from callbox.grading.exports.platform import PLATFORMS, Platform
from callbox.grading.exports.telling import Teller
from callbox.grading.handins import find_handins
from callbox.grading.marking import Marking, usual_roles
from callbox.grading.output import write_all, write_for_actions
from callbox.grading.store import ByHand, Store
from callbox.home import SUITES
from callbox.patience import PATIENCE
from callbox.saying import in_language, say
from callbox.strict import meant
from callbox.task import Options, a_seed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callbox.assignment import Assignment
    from callbox.catalogue import Catalogue
    from callbox.grading.handins import HandIn
    from callbox.grading.result import Result
    from callbox.grading.rubric import Rubric

STORE = "grading.sqlite"
UNPACKED = ".unpacked"

Out = Annotated[
    Path, typer.Option("--out", help="the folder for marks and pages, and for what has been judged already")
]


def grade(
    folder: Annotated[Path, typer.Argument(help="the hand-ins: a folder, or the archive that a platform gave")],
    *,
    out: Out,
    role: Role = None,
    assignment: AssignmentFile = None,
    rubric: Annotated[Path | None, typer.Option(help="a TOML file: what is worth how much")] = None,
    python: Python = None,
    seed: Seed = None,
    same_seed: Annotated[bool, typer.Option("--same-seed", help="the same random messages for everybody")] = False,
    regrade: Annotated[list[str] | None, typer.Option(help="judge this student, or this behaviour, again")] = None,
    patience: Patience = PATIENCE,
    isolation: IsolationOption = Isolation.AUTO,
    jobs: Jobs,
    alluredir: Annotated[Path | None, typer.Option(help="write Allure results there, for `callbox report`")] = None,
    fill: Annotated[
        Path | None, typer.Option(help="the platform's export, to be filled in and written to --out")
    ] = None,
    platform: Annotated[str | None, typer.Option(help=f"whose export: {', '.join(PLATFORMS)}")] = None,
    column: Annotated[str, typer.Option(help="the export's column for the points")] = "",
    json_lines: Annotated[
        bool, typer.Option("--json-lines", help="a line of JSON for each hand-in that is done")
    ] = False,
    lang: Language,
) -> None:
    """Grade a class: judge every hand-in, and write marks, feedback and the class at a glance.

    Run again, it judges only what has changed; after Ctrl-C it goes on where it was.
    """
    with mistakes_told():
        terms = assignments.load(assignment)
        catalogue = catalogues.load(SUITES)
        scale = rubrics.load(rubric, catalogue)
        export = an_export(fill, platform, column)
        with closing(Store(out / STORE)) as store:
            known = store.said("seed")
            options = Options(
                role=role,
                python=python,
                assignment=str(assignment) if assignment else None,
                seed=seed if seed is not None else int(known) if known else a_seed(),
                patience=patience,
                isolation=isolation,
                lang=lang,
            )
            store.say("seed", str(options.seed))
            unpacked = out / UNPACKED
            shutil.rmtree(unpacked, ignore_errors=True)  # left by a run that was killed
            try:
                found = find_handins(folder, unpacked)
                class_ = Class(found.handins, store, terms, catalogue, scale, lang)
                settings = Settings(options, same_seed, repr(terms.by_role) + repr(terms.asks_for))
                board = Board(len(found.handins), lang, json_lines=json_lines)
                board.notes(found.notes)
                interrupted = class_.judge(Batch(store, settings, processes(jobs)), regrade or [], board)
                results = class_.marked(out, role, board)
                teller = Teller(catalogue, terms, lang)
                write_all(out, results, teller)
                for line in write_for_actions(out, results, teller, os.environ):
                    print(line)
                if alluredir:
                    allure.write(results, alluredir, teller, datetime.now(UTC))
                if export:
                    export.fill(results, out, teller, board)
                raise typer.Exit(class_.status(results, board, interrupted=interrupted))
            finally:
                shutil.rmtree(unpacked, ignore_errors=True)


@dataclass(frozen=True)
class Class:
    """The hand-ins of a class, and what they are judged by."""

    handins: Sequence[HandIn]
    store: Store
    assignment: Assignment
    catalogue: Catalogue
    rubric: Rubric
    lang: Lang

    def marking(self, role: str | None) -> Marking:
        """How they are marked: the roles that are asked for are those that somebody has named, or that most have."""
        roles = [role] if role else list(self.assignment.asks_for) or usual_roles(self.handins, self.store)
        return Marking(self.rubric, self.catalogue, roles)

    def judge(self, batch: Batch, again: Sequence[str], board: Board) -> bool:
        """Judge what has to be judged; was that interrupted?"""
        self._known(again)
        papers = batch.waiting(self.handins, again)
        board.begin(len(self.handins) - len(papers))
        names = {handin.student.key: handin.student.name for handin in self.handins}
        try:
            with board:
                for event in batch.run(self.handins, papers):
                    if isinstance(event, Finished):
                        board.finished(names[event.student], event.student, event.judged)
                    else:
                        board.progress(names[event.student], event)
        except KeyboardInterrupt:
            return True
        return False

    def _known(self, words: Sequence[str]) -> None:
        """Raise ValueError for a student or behaviour that there is not."""
        from fnmatch import filter as matching  # noqa: PLC0415

        students = {name for handin in self.handins for name in (handin.student.key, handin.student.name)}
        for word in words:
            if word not in students and not matching(self.catalogue, word):
                raise ValueError(
                    f"--regrade {word}: no such student or behaviour; {meant(word, students | set(self.catalogue))}"
                )

    def marked(self, out: Path, role: str | None, board: Board) -> list[Result]:
        """The results, which are told in short."""
        marking = self.marking(role)
        results = marking.results(self.handins, self.store)
        board.summary(results, len(self.handins), marking.roles, out)
        return results

    def status(self, results: Sequence[Result], board: Board, *, interrupted: bool) -> int:
        """The exit status."""
        if interrupted:
            board.say(say("interrupted: the same command goes on where it was"))
            return INTERRUPTED
        lost = any(self._is_lost(result) for result in results)
        return INCONCLUSIVE if lost else 0

    def _is_lost(self, result: Result) -> bool:
        judged = self.store.judged(result.student.key)
        return judged is not None and judged.is_lost


@dataclass(frozen=True)
class Export:
    """A file of a platform, to be filled in."""

    path: Path
    platform: Platform
    column: str

    def fill(self, results: Sequence[Result], out: Path, teller: Teller, board: Board) -> None:
        """Write it with the points in it, and say what somebody has to know of it."""
        to = out / self.path.name
        filled = platforms.write(results, to, teller, export=self.path, platform=self.platform, column=self.column)
        board.notes(filled.notes)
        board.say(say("{count} students have their points in {file}", count=filled.count, file=str(to)))


def an_export(path: Path | None, platform: str | None, column: str) -> Export | None:
    """What is to be filled in. Raises ValueError where it is not said whose it is."""
    if path is None:
        return None
    if platform is None or platform not in PLATFORMS:
        raise ValueError(f"--platform {platform or ''}: say whose export {path} is; {meant(platform or '', PLATFORMS)}")
    return Export(path, PLATFORMS[platform], column)


def mark(
    out: Annotated[Path, typer.Argument(help="the folder that `callbox grade` wrote")],
    student: Annotated[str, typer.Argument(help="a student's key in gradebook.csv")],
    points: Annotated[
        str | None, typer.Argument(help="the points that count instead; without: those counted again")
    ] = None,
    note: Annotated[str, typer.Option(help="why, for the gradebook and the student")] = "",
    *,
    lang: Language,
) -> None:
    """Set a student's points by hand. They stay when the class is graded again, and are shown as set by hand."""
    with mistakes_told():
        if not (out / STORE).is_file():
            raise ValueError(f"{out}: no class was graded here: there is no {STORE}")
        with closing(Store(out / STORE)) as store:
            known = store.students()
            if student not in known:
                raise ValueError(f"{student}: no such student here; {meant(student, known)}")
            store.mark(student, ByHand(a_number(points), note) if points is not None else None)
        sentence = say("kept; `callbox grade` writes it into marks and pages")
        print(in_language(sentence, lang), file=sys.stderr)


def a_number(points: str) -> Fraction:
    """Points as somebody types them."""
    try:
        value = Fraction(points)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{points}: no number of points, such as 87 or 87.5") from None
    if value < 0:
        raise ValueError(f"{points}: points are not negative")
    return value
