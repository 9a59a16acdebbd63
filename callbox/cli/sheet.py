"""What `callbox check` prints: what the program does, what it does not, and what to mend first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from callbox import telling
from callbox.diagnosis import Root, first_to_mend, roots
from callbox.ladder import ladders
from callbox.ladder_text import as_text
from callbox.saying import in_language, say
from callbox.shown import harmless
from callbox.story import part
from callbox.verdict import NAMES, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from callbox.examination import Examination
    from callbox.record import Record
    from callbox.saying import Saying

MARKS = {
    Verdict.PASSED: ("✓", "green"),
    Verdict.FAILED: ("✗", "bold red"),
    Verdict.ADVISED: ("!", "yellow"),
    Verdict.NOT_JUDGED: ("–", "dim"),
    Verdict.INCONCLUSIVE: ("?", "magenta"),
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
        """Everything, in the order of the suites; then what is wrong and advice, and at last what to mend first."""
        self.overview(records)
        found = roots(records)
        for root in sorted(found, key=lambda root: not root.is_must):
            self.root(root)
        for record in records:
            if record.verdict is Verdict.INCONCLUSIVE:
                self.story(record)
        self.line()
        counts = Counter(record.verdict for record in records)
        self.line(", ".join(f"{counts[one]} {in_language(NAMES[one], self.lang)}" for one in MARKS if counts[one]))
        if first := first_to_mend(records):
            self.first(first)

    def overview(self, records: Sequence[Record]) -> None:
        """A line for each behaviour, under its file."""
        place = ""
        for record in records:
            behaviour, subject = self.planned[record.behaviour, record.program]
            if place != (place := f"{subject.name}  {behaviour.suite}.{behaviour.file}"):
                self.line()
                self.line(place, "bold")
            self.row(record)

    def row(self, record: Record) -> None:
        """Its mark and its words."""
        mark, style = MARKS[record.verdict]
        self.line(f"  {mark} {self.words(record)}", style if record.verdict is not Verdict.PASSED else "")

    def root(self, root: Root) -> None:
        """A failure in full, how to repeat it, and what follows from it."""
        self.story(root.record)
        if story := root.record.outcome.story:
            pictures = ladders(story, root.record.model)
            self.line(as_text(pictures, self.lang, self.console.width, self.console.encoding))
        self.repeat(root.record)
        names = [self.words(record) for record in root.alike]
        if names:
            self.saying(say("for the same reason:"))
            for name in names:
                self.line(f"  {name}")
        if root.resting:
            self.saying(say("{count} more not judged, for they rest on this", count=len(root.resting)), "dim")

    def story(self, record: Record) -> None:
        """A record in full."""
        behaviour, subject = self.planned[record.behaviour, record.program]
        self.line()
        title, *rest = telling.text(behaviour, subject, record.outcome, self.lang).split("\n")
        self.line(title, MARKS[record.verdict][1])
        self.line("\n".join(rest))

    def repeat(self, record: Record) -> None:
        """What a person types to see the same without us."""
        again = record.repeat
        if again and (typed := again.one_liner or again.command):
            self.line(part(say("by hand"), typed, self.lang))

    def first(self, root: Root) -> None:
        """What to mend first."""
        self.line()
        headline = in_language(root.record.outcome.headline, self.lang)
        self.saying(
            say("Mend this first: {program} {words}", program=root.record.program, words=self.words(root.record)),
            "bold",
        )
        self.line(f"  {headline}", "bold")

    def words(self, record: Record) -> str:
        """What a program is to do."""
        behaviour, subject = self.planned[record.behaviour, record.program]
        return behaviour.words(self.lang, subject.terms.placeholders()).says
