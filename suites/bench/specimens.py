"""Programs whose verdict is known: their headers, and what the suites say of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from callbox.judge import Judge, Subject
from callbox.submission import find
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from callbox.assignment import Assignment

HEADER = re.compile(r"(accepted|breaks|may|misses|fault|attack):\s*(.*?)\s*(?:\*/)?$")
HEADER_LINES = 6


@dataclass(frozen=True)
class Specimen:
    """A program and what its first lines say of it: ids of behaviours, `*` allowed in those that only may fail."""

    path: Path
    facts: dict[str, str]

    def __str__(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    def ids(self, word: str) -> list[str]:
        """The behaviours that a word of the header names."""
        return self.facts.get(word, "").split()

    def unexpected(self, missed: set[str]) -> list[str]:
        """What it misses and should not, and what it should miss and does not."""
        allowed = [*self.ids("breaks"), *self.ids("may"), *self.ids("misses")]
        too_much = [f"misses {name}" for name in sorted(missed) if not any(fnmatch(name, glob) for glob in allowed)]
        return too_much + [f"does not miss {name}" for name in self.ids("breaks") if name not in missed]


def specimens(folder: Path) -> list[Specimen]:
    """All specimens of a folder such as wrong/ or accepted/."""
    return [Specimen(path, header(path)) for path in sorted(folder.glob("*/*")) if path.is_file()]


def header(path: Path) -> dict[str, str]:
    """The words of a specimen's first lines."""
    lines = path.read_bytes().decode(errors="replace").splitlines()[:HEADER_LINES]
    return {found[1]: found[2] for line in lines if (found := HEADER.search(line))}


def missed_by(judge: Judge, assignment: Assignment, specimen: Specimen) -> dict[str, str]:
    """What the suites of its role have against a specimen: the story's first line, by behaviour."""
    (source,) = find(specimen.path).programs
    role = source.role or ""
    subject = Subject(source, assignment.terms(role))
    outcomes = {behaviour.id: judge.judge(behaviour, subject) for behaviour in judge.catalogue.for_role(role)}
    unsure = {name: outcome.reason for name, outcome in outcomes.items() if outcome.verdict is Verdict.INCONCLUSIVE}
    if unsure:
        raise RuntimeError(f"{specimen}: inconclusive: {unsure}")
    wanted = {Verdict.FAILED, Verdict.ADVISED}
    return {name: o.story.headline for name, o in outcomes.items() if o.verdict in wanted and o.story}
