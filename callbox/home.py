"""Where what the bench judges by is found: the suites and the reference programs."""

from pathlib import Path

CODE = Path(__file__).parent
HOUSE = CODE.parent
REFERENCE, SUITES = HOUSE / "reference", HOUSE / "suites"
