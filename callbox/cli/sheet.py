"""What `callbox check` prints: what the program does, what it does not, and what to mend first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from callbox import telling
from callbox.saying import in_language, say
from callbox.shown import harmless
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from callbox.catalogue import Behaviour
    from callbox.examination import Examination
    from callbox.record import Record
    from callbox.saying import Saying
    from callbox.subject import Subject

MARKS = {
    Verdict.PASSED: ("✓", "green"),
    Verdict.FAILED: ("✗", "bold red"),
    Verdict.ADVISED: ("!", "yellow"),
    Verdict.NOT_JUDGED: ("–", "dim"),
    Verdict.INCONCLUSIVE: ("?", "magenta"),
}
COUNTED = {
    Verdict.PASSED: say("passed"),
    Verdict.FAILED: say("failed"),
    Verdict.ADVISED: say("advised"),
    Verdict.NOT_JUDGED: say("not judged"),
    Verdict.INCONCLUSIVE: say("inconclusive"),
}


class Sheet:
    """One run, on a console."""

    def __init__(self, examination: Examination, console: Console, lang: str) -> None:
        self.examination = examination
        self.console = console
        self.lang = lang
        self.planned = {(row.id, subject.name): (row, subject) for row, subject in examination.plan}

    def line(self, text: str = "", style: str = "") -> None:
        """Print a line as it is: nothing in it is markup."""
        self.console.print(Text(harmless(text), style=style))

    def saying(self, saying: Saying, style: str = "") -> None:
        """Print a sentence of ours."""
        self.line(in_language(saying, self.lang), style)

    def head(self) -> None:
        """Which programs, and how."""
        for subject in dict.fromkeys(subject for _, subject in self.examination.plan):
            self.line(f"{subject.name}  {subject.terms.role.name}", "bold")
        self.line(f"{self.examination.tier}; seed {self.examination.task.seed}", "dim")
        for note in self.examination.notes:
            self.line(note, "dim")

    def tell(self, records: Sequence[Record]) -> None:
        """Everything, in the order of the suites; then what is wrong, advice, and what to mend first."""
        self.overview(records)
        for verdict in (Verdict.FAILED, Verdict.ADVISED, Verdict.INCONCLUSIVE):
            self.stories([record for record in records if record.verdict is verdict])
        self.line()
        counts = Counter(record.verdict for record in records)
        self.line(
            ", ".join(f"{counts[one]} {in_language(said, self.lang)}" for one, said in COUNTED.items() if counts[one])
        )

    def overview(self, records: Sequence[Record]) -> None:
        """A line for each behaviour, under its file."""
        place = ""
        for record in records:
            behaviour, subject = self.planned[record.behaviour, record.program]
            if place != (place := f"{subject.name}  {behaviour.suite}.{behaviour.file}"):
                self.line()
                self.line(place, "bold")
            self.row(behaviour, subject, record)

    def row(self, behaviour: Behaviour, subject: Subject, record: Record) -> None:
        """Its mark and its words."""
        mark, style = MARKS[record.verdict]
        words = behaviour.words(self.lang, subject.terms.placeholders()).says
        self.line(f"  {mark} {words}", style if record.verdict is not Verdict.PASSED else "")

    def stories(self, records: Sequence[Record]) -> None:
        """Each story in full."""
        for record in records:
            behaviour, subject = self.planned[record.behaviour, record.program]
            self.line()
            self.line(telling.text(behaviour, subject, record.outcome, self.lang))
