"""Judges every specimen in every behaviour of its role, and says where the suites are blind or too strict.

Run: python suites/bench/kill_matrix.py [--jobs N] [--python PATH] [--out FILE.html] [--summary] [PART OF A PATH …]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path

from callbox import assignment as assignments
from callbox import catalogue as catalogues
from callbox.booth import Lobby
from callbox.home import REFERENCE, SUITES
from callbox.judge import Judge
from callbox.patience import PATIENCE
from callbox.subject import Subject
from callbox.submission import SubmissionError, find
from callbox.suite import load_checks

sys.path.insert(0, str(SUITES.parent))

from typing import TYPE_CHECKING

from suites.bench import kills
from suites.bench.matrix_page import draw
from suites.bench.pytester import SPECIMENS
from suites.bench.specimens import Specimen, judged, specimens

if TYPE_CHECKING:
    from callbox.subject import Outcome


@cache
def judge() -> Judge:
    """The judge of this process."""
    terms = assignments.load().terms
    return Judge(
        Lobby(isolated=True),
        catalogues.load(SUITES),
        load_checks(SUITES),
        seed=0,
        patience=PATIENCE,
        reference=[Subject(one, terms(one.role or "")) for one in find(REFERENCE).programs],
    )


def judge_it(specimen: Specimen, python: str | None) -> dict[str, Outcome] | str:
    """The outcome of each behaviour, or why it cannot be run here."""
    try:
        return judged(judge(), assignments.load(), specimen, python=python)
    except SubmissionError as error:
        return str(error)


def main() -> int:
    """Judge them, draw the matrix; the exit status is 1 when one is not what its header says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--python", metavar="PATH", help="the interpreter for .py specimens")
    parser.add_argument("--out", type=Path, help="where to draw the matrix (HTML)")
    parser.add_argument("--summary", action="store_true", help="print how many specimens there are, and stop")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    wrong, accepted = specimens(SPECIMENS / "wrong"), specimens(SPECIMENS / "accepted")
    catalogue = catalogues.load(SUITES)
    if options.summary:
        print(kills.summary(catalogue, wrong, accepted))
        return 0
    everything = [*wrong, *accepted]
    chosen = [one for one in everything if not options.names or any(name in str(one.path) for name in options.names)]
    start = time.monotonic()
    rows: dict[Specimen, dict[str, Outcome]] = {}
    faults = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        waiting = {pool.submit(judge_it, specimen, options.python): specimen for specimen in chosen}
        for number, done in enumerate(as_completed(waiting), 1):
            specimen, result = waiting[done], done.result()
            if isinstance(result, str):
                print(f"{number:4}/{len(chosen)}  {specimen}: not run: {result}", flush=True)
                continue
            rows[specimen] = result
            unexpected = specimen.unexpected(result)
            faults += bool(unexpected)
            print(f"{number:4}/{len(chosen)}  {specimen}", *unexpected, sep="\n            ", flush=True)
    print(f"{len(rows)} specimens judged, {faults} not as they say, in {time.monotonic() - start:.0f} s")
    if chosen == everything and (gaps := kills.gaps(rows.values(), kills.musts(catalogue), kills.NEVER_ALONE)):
        print(*gaps, sep="\n")
        faults += len(gaps)
    if options.out:
        options.out.write_text(draw({one: rows[one] for one in chosen if one in rows}, catalogue), "utf-8")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
