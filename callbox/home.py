"""Where what the bench judges by is found: the suites and the reference programs."""

from pathlib import Path

HOUSE = Path(__file__).parents[1]
REFERENCE, SUITES = HOUSE / "reference", HOUSE / "suites"
