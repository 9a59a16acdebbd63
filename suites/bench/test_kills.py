"""The specimens show enough: each MUST broken, some from several sides, and the README says how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from callbox.subject import Outcome
from callbox.verdict import Verdict
from suites.bench import kills
from suites.bench.pytester import HOUSE, SPECIMENS
from suites.bench.specimens import specimens

if TYPE_CHECKING:
    from callbox.catalogue import Catalogue

WRONG, ACCEPTED = specimens(SPECIMENS / "wrong"), specimens(SPECIMENS / "accepted")
ENOUGH = 3
ONE, TWO, THREE = "a.b.one", "a.b.two", "a.b.three"


def row(**verdicts: str) -> dict[str, Outcome]:
    """What became of a specimen."""
    return {f"a.b.{name}": Outcome(Verdict(verdict)) for name, verdict in verdicts.items()}


def test_the_readme_has_the_summary(catalogue: Catalogue) -> None:
    told = kills.summary(catalogue, WRONG, ACCEPTED)
    assert told in (HOUSE / "README.md").read_text("utf-8"), "python suites/bench/kill_matrix.py --summary"


def test_every_must_is_broken_by_a_specimen(catalogue: Catalogue) -> None:
    assert set(kills.musts(catalogue)) - kills.broken(WRONG) == set()


@pytest.mark.parametrize("thing", kills.THINGS)
def test_a_thing_is_looked_at_from_several_sides(catalogue: Catalogue, thing: str) -> None:
    names = kills.THINGS[thing]
    assert [name for name in names if name not in catalogue] == []
    found = [str(one) for one in WRONG if set(one.ids("breaks")).intersection(names)]
    assert len(found) >= ENOUGH, found


def test_what_is_never_missed_alone_is_a_must(catalogue: Catalogue) -> None:
    assert kills.NEVER_ALONE.keys() - set(kills.musts(catalogue)) == set()


def test_a_behaviour_is_killed_alone_by_one_that_misses_nothing_else() -> None:
    alone = row(one="failed", two="passed", three="not judged")
    both = row(one="passed", two="failed", three="advised")
    assert kills.killed_alone([alone, both]) == {ONE}
    assert kills.killed_alone([both]) == set()


def test_a_gap_is_told_and_so_are_words_that_hold_no_longer() -> None:
    rows = [row(one="failed", two="passed", three="passed"), row(one="failed", two="failed", three="failed")]
    assert kills.gaps(rows, [ONE, TWO, THREE], {THREE: "it rests on that"}) == [
        f"{TWO}: no specimen misses this alone, and kills.toml does not say why"
    ]
    assert kills.gaps(rows, [ONE], {ONE: "it never does"}) == [
        f"{ONE}: a specimen misses this alone, though kills.toml says why none can"
    ]
