"""Programs whose verdict is known: their headers, and what the suites say of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from callbox.subject import Outcome, Subject
from callbox.submission import find
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from callbox.assignment import Assignment
    from callbox.judge import Judge

HEADER = re.compile(r"(accepted|breaks|may|misses|fault|attack):\s*(.*?)\s*(?:\*/)?$")
HEADER_LINES = 6


@dataclass(frozen=True, eq=False)
class Specimen:
    """A program and what its first lines say of it: ids of behaviours, `*` allowed in those that only may fail."""

    path: Path
    facts: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.role}/{self.path.name}"

    @property
    def role(self) -> str:
        """What it is judged as."""
        return self.path.parent.name

    def ids(self, word: str) -> list[str]:
        """The behaviours that a word of the header names."""
        return self.facts.get(word, "").split()

    def unexpected(self, outcomes: Mapping[str, Outcome]) -> list[str]:
        """What it misses and should not, what it should miss and does not, and where the bench failed: a line each."""
        allowed = [*self.ids("breaks"), *self.ids("may"), *self.ids("misses")]
        missed = {name for name, outcome in outcomes.items() if outcome.verdict in {Verdict.FAILED, Verdict.ADVISED}}
        unsure = [name for name, outcome in outcomes.items() if outcome.verdict is Verdict.INCONCLUSIVE]
        too_many = [name for name in sorted(missed) if not any(fnmatch(name, glob) for glob in allowed)]
        return [
            *(f"does not miss {name}: {outcomes[name].verdict}" for name in self.ids("breaks") if name not in missed),
            *(f"misses {name}: {outcomes[name].headline}" for name in too_many),
            *(f"is inconclusive in {name}: {outcomes[name].headline}" for name in unsure),
        ]


def specimens(folder: Path) -> list[Specimen]:
    """All specimens of a folder such as wrong/ or accepted/."""
    return [Specimen(path, header(path)) for path in sorted(folder.glob("*/*")) if path.is_file()]


def header(path: Path) -> dict[str, str]:
    """The words of a specimen's first lines."""
    lines = path.read_bytes().decode(errors="replace").splitlines()[:HEADER_LINES]
    return {found[1]: found[2] for line in lines if (found := HEADER.search(line))}


def sample(candidates: Sequence[Specimen], traits: Callable[[Specimen], set[str]]) -> list[Specimen]:
    """As few as have every trait that any of them has, by the greedy rule; always the same ones."""
    chosen: list[Specimen] = []
    missing = set().union(*map(traits, candidates))
    while missing:
        chosen.append(max(candidates, key=lambda specimen: len(traits(specimen) & missing)))
        missing -= traits(chosen[-1])
    return chosen


def judged(
    judge: Judge,
    assignment: Assignment,
    specimen: Specimen,
    names: Collection[str] | None = None,
    python: str | None = None,
) -> dict[str, Outcome]:
    """What becomes of these behaviours or, where none are named, of all that its role's own suite has; what is right talks
    with others too. Raises SubmissionError where its language is not installed."""
    (source,) = find(specimen.path, role=specimen.role, python=python).programs
    subject = Subject(source, assignment.terms(specimen.role))
    suites = {subject.terms.role.suite, *(() if "breaks" in specimen.facts else ("interop",))}
    rows = [one for one in judge.catalogue.for_role(specimen.role) if one.suite in suites]
    return {one.id: judge.judge(one, subject) for one in rows if names is None or one.id in names}
