"""How far grading is: a bar with the last rows on a terminal, lines in a pipe, or JSON."""

from __future__ import annotations

import json
import sys
from collections import Counter, deque
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from callbox.cli.sheet import MARKS
from callbox.saying import in_language, say
from callbox.shown import harmless
from callbox.verdict import NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from callbox.grading import batch
    from callbox.grading.result import Result
    from callbox.grading.store import Judged
    from callbox.saying import Saying

LAST = 8
"""Rows of those who are done that are seen below the bar."""


class Board:
    """Shows how far it is, on standard error; rows of JSON go to standard output."""

    def __init__(self, total: int, lang: str, *, json_lines: bool) -> None:
        self.lang = lang
        self.json_lines = json_lines
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self.rows: deque[str] = deque(maxlen=LAST)
        self.bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[now]}"),
        )
        self.task = self.bar.add_task("", total=total, now="")
        self.live = Live(self._seen(), console=self.console, transient=True) if self.console.is_terminal else None

    def _seen(self) -> Group:
        return Group(self.bar, *(Text(row) for row in self.rows))

    def __enter__(self) -> Self:
        if self.live:
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.live:
            self.live.stop()

    # ---- what happens

    def notes(self, notes: Sequence[str]) -> None:
        """What was said about the hand-ins as a whole."""
        for note in notes:
            self.line(in_language(note, self.lang))

    def begin(self, known: int) -> None:
        """So many need not be judged again."""
        self.bar.update(self.task, completed=known)
        if known:
            self.say(say("{known} need not be judged again", known=known))

    def progress(self, name: str, event: batch.Progress) -> None:
        """Another check of somebody's is done."""
        self.bar.update(self.task, now=f"{harmless(name)} {event.done}/{event.planned}")

    def finished(self, name: str, key: str, judged: Judged) -> None:
        """Somebody is done."""
        counts = Counter(record.verdict for record in judged.records)
        told = "  ".join(f"{MARKS[verdict][0]} {counts[verdict]}" for verdict in MARKS if counts[verdict])
        row = f"{harmless(name)}: {harmless(in_language(judged.problem, self.lang)) or told}"
        self.bar.update(self.task, advance=1)
        self.rows.append(row)
        if self.live:
            self.live.update(self._seen())
        elif not self.json_lines:
            self.line(f"{int(self.bar.tasks[0].completed)}/{self.bar.tasks[0].total:.0f}  {row}")
        if self.json_lines:
            verdicts = {str(verdict): count for verdict, count in counts.items()}
            told_as = {"student": key, "name": name, "problem": judged.problem, "seconds": judged.seconds}
            print(json.dumps({**told_as, "verdicts": verdicts}), flush=True)

    # ---- the end

    def summary(self, results: Sequence[Result], total: int, roles: Sequence[str], out: Path) -> None:
        """What it came to."""
        graded = [result for result in results if result.is_graded]
        self.say(say("asked for: {roles}", roles=", ".join(roles) or "–"))
        self.say(say("{graded} of {total} graded; {out} has it all", graded=len(graded), total=total, out=str(out)))
        counts = Counter(record.verdict for result in results for record in result.records)
        self.line(", ".join(f"{counts[one]} {in_language(NAMES[one], self.lang)}" for one in MARKS if counts[one]))

    def say(self, saying: Saying) -> None:
        """A sentence of ours."""
        self.line(in_language(saying, self.lang))

    def line(self, text: str) -> None:
        """A line as it is: nothing in it is markup."""
        self.console.print(Text(harmless(text)))
        sys.stderr.flush()
