"""The suites fail a wrong specimen for the reason it names, and no accepted one: the suite of the suites.

A sample, as few as break every MUST that any breaks and are of every role and language, and of the wrong ones only what
they say they break; `kill_matrix.py` judges them all, in everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from callbox import catalogue as catalogues
from callbox.home import SUITES
from callbox.submission import SubmissionError
from suites.bench import kills
from suites.bench.pytester import SPECIMENS
from suites.bench.specimens import Specimen, judged, sample, specimens

if TYPE_CHECKING:
    from callbox.assignment import Assignment
    from callbox.catalogue import Catalogue
    from callbox.judge import Judge

WRONG, ACCEPTED = specimens(SPECIMENS / "wrong"), specimens(SPECIMENS / "accepted")
MUST = set(kills.musts(catalogues.load(SUITES)))


def breaks(specimen: Specimen) -> set[str]:
    """What a wrong specimen is there for."""
    return MUST.intersection(specimen.ids("breaks"))


def kind(specimen: Specimen) -> set[str]:
    """What an accepted specimen is there for."""
    return {specimen.role, specimen.path.suffix}


@pytest.mark.parametrize("specimen", sample(WRONG, breaks), ids=str)
def test_a_wrong_specimen_misses_what_it_breaks(judge: Judge, material: Assignment, specimen: Specimen) -> None:
    try:
        outcomes = judged(judge, material, specimen, specimen.ids("breaks"))
    except SubmissionError as error:
        pytest.skip(str(error))
    assert specimen.unexpected(outcomes) == []


@pytest.mark.parametrize("specimen", sample(ACCEPTED, kind), ids=str)
def test_an_accepted_specimen_misses_no_must(judge: Judge, material: Assignment, specimen: Specimen) -> None:
    try:
        outcomes = judged(judge, material, specimen)
    except SubmissionError as error:
        pytest.skip(str(error))
    assert specimen.unexpected(outcomes) == []


@pytest.mark.parametrize("specimen", [*WRONG, *ACCEPTED], ids=str)
def test_a_header_names_what_there_is(catalogue: Catalogue, specimen: Specimen) -> None:
    assert ("breaks" in specimen.facts) != ("accepted" in specimen.facts)
    for word in ("breaks", "may", "misses"):
        for name in specimen.ids(word):
            assert name in catalogue or "*" in name, f"{specimen}: {word}: {name}"
