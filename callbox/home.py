"""Where what the bench judges by is found: the suites and the reference programs."""

from pathlib import Path

CODE = Path(__file__).parent
HOUSE = CODE / "house" if (CODE / "house").is_dir() else CODE.parent
"""The top of a checkout; of an installed package, the folder that the wheel has instead."""
REFERENCE, SUITES = HOUSE / "reference", HOUSE / "suites"
