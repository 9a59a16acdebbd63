"""The suites fail every wrong specimen for the reason it names, and no accepted one: the suite of the suites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.bench.pytester import SPECIMENS
from suites.bench.specimens import Specimen, missed_by, specimens

if TYPE_CHECKING:
    from callbox.assignment import Assignment
    from callbox.catalogue import Catalogue
    from callbox.judge import Judge

WRONG, ACCEPTED = specimens(SPECIMENS / "wrong"), specimens(SPECIMENS / "accepted")


@pytest.mark.parametrize("specimen", WRONG, ids=str)
def test_a_wrong_specimen_fails_what_it_breaks(judge: Judge, material: Assignment, specimen: Specimen) -> None:
    missed = missed_by(judge, material, specimen)
    assert not specimen.unexpected(set(missed)), missed


@pytest.mark.parametrize("specimen", ACCEPTED, ids=str)
def test_an_accepted_specimen_fails_nothing(judge: Judge, material: Assignment, specimen: Specimen) -> None:
    missed = missed_by(judge, material, specimen)
    assert not specimen.unexpected(set(missed)), missed


@pytest.mark.parametrize("specimen", [*WRONG, *ACCEPTED], ids=str)
def test_a_header_names_what_there_is(catalogue: Catalogue, specimen: Specimen) -> None:
    assert ("breaks" in specimen.facts) != ("accepted" in specimen.facts)
    for word in ("breaks", "may", "misses"):
        for name in specimen.ids(word):
            assert name in catalogue or "*" in name, f"{specimen}: {word}: {name}"


def test_every_must_is_broken_by_a_specimen(catalogue: Catalogue) -> None:
    broken = {name for specimen in WRONG for name in specimen.ids("breaks")}
    assert [
        behaviour.id for behaviour in catalogue.values() if behaviour.level == "MUST" and behaviour.id not in broken
    ] == []
