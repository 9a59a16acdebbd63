"""`callbox behaviours` and `callbox explain`: what is demanded, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callbox import assignment as assignments
from callbox import catalogue as catalogues
from callbox import index
from callbox.cli.options import AssignmentFile, Language, mistakes_told
from callbox.home import REFERENCE, SUITES
from callbox.saying import in_language, say
from callbox.story import part
from callbox.submission import find

if TYPE_CHECKING:
    from callbox.assignment import Assignment
    from callbox.catalogue import Behaviour, Catalogue


def behaviours(assignment: AssignmentFile = None, *, lang: Language) -> None:
    """List all that can be judged."""
    with mistakes_told():
        listed = index.listing(catalogues.load(SUITES), assignments.load(assignment), lang)
        print(*listed, sep="\n")


def explain(
    behaviour: Annotated[str, typer.Argument(metavar="ID", help="a behaviour's id, or how it ends")],
    assignment: AssignmentFile = None,
    *,
    lang: Language,
) -> None:
    """Explain a behaviour: what is wanted, why, what to look at, and how a right program does it."""
    with mistakes_told():
        catalogue = catalogues.load(SUITES)
        terms = assignments.load(assignment)
        print(*(explained(one, terms, lang) for one in named(catalogue, behaviour)), sep="\n\n")


def named(catalogue: Catalogue, name: str) -> list[Behaviour]:
    """The behaviours of this id, or whose id ends so. Raises CatalogueError with those that may be meant where there is none."""
    found = [row for row in catalogue.values() if f".{row.id}".endswith(f".{name}")]
    alike = [row.id for row in catalogue.values() if name in row.id]
    if not found and alike:
        raise catalogues.CatalogueError(f'no behaviour is called "{name}"; did you mean {", ".join(alike[:8])}?')
    return found or [catalogue.find(name)]


def explained(behaviour: Behaviour, assignment: Assignment, lang: str) -> str:
    """A behaviour in words."""
    role = next(iter(behaviour.roles), None)
    words = behaviour.words(lang, assignment.terms(role).placeholders() if role else {})
    rests = ", ".join(behaviour.rests_on)
    rows = [
        (say("level"), f"{behaviour.level}  ({in_language(LEVELS[behaviour.level], lang)})"),
        (say("roles"), ", ".join(behaviour.roles)),
        (say("wanted"), words.says),
        (say("why"), words.why),
        (say("try"), words.tries),
        (say("rests on"), rests),
        (say("example"), examples(role) if role else ""),
        (say("check"), f"{check_of(behaviour)}: test_{behaviour.name}"),
        (say("source"), behaviour.source),
    ]
    return "\n".join([behaviour.id, *(part(in_language(name, lang), told) for name, told in rows if told)])


LEVELS = {
    "MUST": say("costs points"),
    "SHOULD": say("advice"),
    "INFO": say("reported only"),
}


def examples(role: str) -> str:
    """The reference programs of a role, by their paths."""
    return "\n".join(str(REFERENCE / program.name) for program in find(REFERENCE).programs if program.role == role)


def check_of(behaviour: Behaviour) -> Path:
    """The file with the function that shows a behaviour."""
    return SUITES / behaviour.suite / f"test_{behaviour.file}.py"
