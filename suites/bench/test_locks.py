"""What keeps words and proof together: a behaviour has words and a check, or it is neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox.home import SUITES
from callbox.suite import load_checks

if TYPE_CHECKING:
    from callbox.catalogue import Catalogue


def test_every_check_has_words(catalogue: Catalogue) -> None:
    assert sorted(load_checks(SUITES).keys() - catalogue.keys()) == []


def test_all_words_have_a_check(catalogue: Catalogue) -> None:
    assert sorted(catalogue.keys() - load_checks(SUITES).keys()) == []
