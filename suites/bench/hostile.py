"""Texts that a program may print and a student may be called, to hurt what reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, example, given, settings, strategies

from suites.bench.results import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = strategies.lists(
    strategies.sampled_from(HOSTILE[:-1]) | strategies.text(strategies.characters()), min_size=1, max_size=4
).map("".join)
"""Any characters, lone surrogates and controls too, with attacks in between."""
DRAWN = settings(
    max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
"""The same draws at every run, however long each takes: no test of these hangs on luck or on the machine."""


def with_any_text(test: Callable[[str], None]) -> Callable[[], None]:
    """A test for each of the attacks, and for what is drawn."""
    tested = DRAWN(given(TEXTS)(test))
    for text in ("", *HOSTILE):
        tested = example(text)(tested)
    return tested
