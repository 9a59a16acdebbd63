"""The catalogue as a person looks through it: a line for each behaviour, or a table of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox.catalogue import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from callbox.assignment import Assignment
    from callbox.catalogue import Behaviour, Catalogue

MARKS = {Level.MUST: "", Level.SHOULD: "*", Level.INFO: "°"}


def listing(catalogue: Catalogue, assignment: Assignment, lang: str) -> Iterator[str]:
    """Each behaviour in two lines: level, id and roles; and its words."""
    for suite, titles in catalogue.titles.items():
        yield f"{titles[lang]} ({suite})"
        for row in catalogue.values():
            if row.suite == suite:
                terms = assignment.terms(row.roles[0]).placeholders() if row.roles else {}
                yield f"  {row.level:<6} {row.id}  [{', '.join(row.roles) or 'platform'}]"
                yield f"         {row.words(lang, terms).says}"
        yield ""


def gaps(catalogue: Catalogue, checks: Collection[str]) -> str:
    """How many behaviours there are, per role, and which have no check, or checks no words."""
    roles = sorted({role for row in catalogue.values() for role in row.roles})
    counts = [f"{role} {len(catalogue.for_role(role))}" for role in roles]
    platform = sum(not row.roles for row in catalogue.values())
    return "\n".join(
        [
            f"{len(catalogue)} behaviours: {', '.join(counts)}, platform {platform}",
            f"behaviours without a check: {some(catalogue.keys() - checks)}",
            f"checks without words: {some(set(checks) - catalogue.keys())}",
        ]
    )


def some(names: Iterable[str]) -> str:
    """Names in a row, or the word that there are none."""
    return ", ".join(sorted(names)) or "none"


def table(catalogue: Catalogue) -> str:
    """The names of all behaviours, by suite and file, in Markdown."""
    rows: dict[str, list[Behaviour]] = {}
    for row in catalogue.values():
        rows.setdefault(f"{row.suite}.{row.file}", []).append(row)
    lines = [
        f"| `{place}` | {', '.join(f'{row.name}{MARKS[row.level]}' for row in these)} |"
        for place, these in rows.items()
    ]
    return "\n".join(["| where | what (`*` SHOULD, `°` INFO, the others MUST) |", "|---|---|", *lines])
