"""What the specimens show of the suites: what they break, what no other check catches, how many there are."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from callbox.assignment import ROLES
from callbox.catalogue import Level
from callbox.languages import LANGUAGES
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from callbox.catalogue import Catalogue
    from callbox.subject import Outcome
    from suites.bench.specimens import Specimen

WORDS = tomllib.loads(Path(__file__).with_name("kills.toml").read_text("utf-8"))
NEVER_ALONE: Mapping[str, str] = WORDS["never_alone"]
"""Why no specimen can miss this behaviour and nothing else."""
THINGS: Mapping[str, Sequence[str]] = WORDS["things"]
"""What is looked at from several sides, each by the behaviours that show it."""
MISSED = {Verdict.FAILED, Verdict.ADVISED}


def musts(catalogue: Catalogue) -> list[str]:
    """The behaviours that programs must have."""
    of_programs = {role.suite for role in ROLES.values()}
    return [row.id for row in catalogue.values() if row.level is Level.MUST and row.suite in of_programs]


def killed_alone(rows: Iterable[Mapping[str, Outcome]]) -> set[str]:
    """The behaviours that some specimen misses without missing anything else: no other check catches that one."""
    missed = ([name for name, outcome in row.items() if outcome.verdict in MISSED] for row in rows)
    return {names[0] for names in missed if len(names) == 1}


def gaps(rows: Iterable[Mapping[str, Outcome]], wanted: Iterable[str], words: Mapping[str, str]) -> list[str]:
    """A line for each behaviour that none misses alone though nothing says why, or that one does though it is said to be
    impossible."""
    alone = killed_alone(rows)
    return [
        *(
            f"{name}: no specimen misses this alone, and kills.toml does not say why"
            for name in wanted
            if name not in {*alone, *words}
        ),
        *(
            f"{name}: a specimen misses this alone, though kills.toml says why none can"
            for name in words
            if name in alone
        ),
    ]


def broken(specimens: Iterable[Specimen]) -> set[str]:
    """The behaviours that one of them is there to break."""
    return {name for one in specimens for name in one.ids("breaks")}


def summary(catalogue: Catalogue, wrong: Sequence[Specimen], accepted: Sequence[Specimen]) -> str:
    """How many specimens of what kind there are, by role, in Markdown."""
    lines = ["| role | wrong | accepted | in | of its MUSTs broken |", "|---|---|---|---|---|"]
    for role in (*ROLES, None):
        bad, good = ([one for one in these if role in {one.role, None}] for these in (wrong, accepted))
        must = {name for name in musts(catalogue) if role is None or role in catalogue[name].roles}
        languages = Counter(language(one) for one in (*bad, *good)).most_common()
        cells = [
            f"`{role}`" if role else "all",
            str(len(bad)),
            str(len(good)),
            ", ".join(f"{name} {count}" for name, count in languages),
            f"{len(must & broken(bad))} of {len(must)}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def language(specimen: Specimen) -> str:
    """What it is written in."""
    return next(one.name for one in LANGUAGES if specimen.path.suffix in one.suffixes)
