"""Texts that a program may print and a student may be called, to hurt what reads them."""

from __future__ import annotations

from hypothesis import HealthCheck, settings, strategies

from suites.bench.results import HOSTILE

TEXTS = strategies.lists(
    strategies.sampled_from(HOSTILE[:-1]) | strategies.text(strategies.characters()), max_size=4
).map("".join)
"""Any characters, lone surrogates and controls too, with attacks in between."""
DRAWN = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
"""The same texts at every run, however long each takes: no test of these hangs on luck or on the machine."""
