"""Brings pytest home: it takes the value of `--submission PATH` for a place to look for tests, and its rootdir from there.

pytest finds its rootdir before it knows any plugin's options (docs.pytest.org, "Initialization: determining rootdir and
configfile"), so a path outside the house would hide our pytest.ini and conftest.py. Then it is started again, told both.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from callbox.home import HOUSE

if TYPE_CHECKING:
    import pytest


def come_home(config: pytest.Config, arguments: list[str]) -> None:
    """Start pytest again with our rootdir, where it is wanted and missed."""
    known = config.known_args_namespace
    wanted = known.submission is not None or config.invocation_params.dir == HOUSE
    if config.rootpath == HOUSE or not wanted or hasattr(config, "workerinput"):
        return
    where = [] if known.file_or_dir else [str(HOUSE / "suites")]
    told = [f"--config-file={HOUSE / 'pytest.ini'}", f"--rootdir={HOUSE}"]
    # -P: nothing is imported from the current folder, which may be a student's.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "pytest", *told, *arguments, *where])
