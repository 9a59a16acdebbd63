"""Judges programs again and again, under better and worse circumstances: their verdicts must come out the same each time.

Each run has a seed of its own: it says other things to the programs, and judges them and their behaviours in another order.

Run: python suites/bench/stability.py [--runs N] [--seed N] [--under idle,pinned,busy-8,busy-32,stops] [PART OF A NAME …]
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING

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

from suites.bench import disturbances
from suites.bench.pytester import SPECIMENS
from suites.bench.specimens import sample, specimens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from suites.bench.specimens import Specimen

Row = tuple[str, str]
"""A verdict, and what it comes to in a line."""
Table = dict[tuple[str, str], Row]
"""What became of each behaviour (second) of each program (first)."""


@cache
def lobby() -> Lobby:
    """Of this process."""
    return Lobby(isolated=True)


def programs(python: str | None) -> dict[str, tuple[Path, str]]:
    """Where each program of known verdict lies, and its role: the reference programs and all specimens."""
    reference = {
        f"reference/{one.name}": (REFERENCE / one.name, one.role or "")
        for one in find(REFERENCE, python=python).programs
    }
    return reference | {str(one): (one.path, one.role) for one in everything()}


def everything() -> list[Specimen]:
    """All specimens that are no attacks."""
    return [*specimens(SPECIMENS / "wrong"), *specimens(SPECIMENS / "accepted")]


def of_each_kind() -> list[str]:
    """The names of as few specimens as are of every role and language, wrong ones and accepted."""

    def traits(one: Specimen) -> set[str]:
        kind = "wrong" if "breaks" in one.facts else "accepted"
        return {f"{kind} {one.role}", one.path.suffix}

    return [str(one) for one in sample(everything(), traits)]


def judge_program(name: str, python: str | None, seed: int) -> Table | str:
    """The verdicts of one program; or why it cannot be run here."""
    path, role = programs(python)[name]
    assignment = assignments.load()
    judge = Judge(lobby(), catalogues.load(SUITES), load_checks(SUITES), seed=seed, patience=PATIENCE)
    try:
        (source,) = find(path, role=role, python=python).programs
        subject = Subject(source, assignment.terms(role))
        own = [one for one in judge.catalogue.for_role(role) if one.suite == subject.terms.role.suite]
        random.Random(f"{seed} {name}").shuffle(own)
        outcomes = {(name, one.id): judge.judge(one, subject) for one in own}
    except SubmissionError as error:
        return str(error)
    return {key: (str(outcome.verdict), outcome.headline) for key, outcome in outcomes.items()}


def run(names: Sequence[str], jobs: int, python: str | None, seed: int) -> Table:
    """Judge them once."""
    order = list(names)
    random.Random(seed).shuffle(order)
    table: Table = {}
    with ProcessPoolExecutor(jobs) as pool:
        waiting = {pool.submit(judge_program, name, python, seed): name for name in order}
        for number, done in enumerate(as_completed(waiting), 1):
            result = done.result()
            note = f": not run: {result}" if isinstance(result, str) else ""
            print(f"    {number:4}/{len(order)}  {waiting[done]}{note}", flush=True)
            if not isinstance(result, str):
                table |= result
    return table


def circumstances(name: str, seed: int) -> AbstractContextManager[object]:
    """What lasts while a run lasts. Raises ValueError for an unknown name."""
    match name.split("-"):
        case ["idle"]:
            return nullcontext()
        case ["pinned"]:
            return disturbances.pinned()
        case ["busy", loops] if loops.isdigit():
            return disturbances.busy(int(loops))
        case ["stops"]:
            return disturbances.stops(seed)
    raise ValueError(f"{name}: no such circumstances; there are idle, pinned, stops and busy-N")


def differences(first: Mapping[tuple[str, str], Row], table: Mapping[tuple[str, str], Row]) -> list[str]:
    """A line for each verdict that is not the same."""
    missing: Row = ("not there", "")
    lines = []
    for key in sorted(first.keys() | table.keys()):
        (was, why), (now, whence) = first.get(key, missing), table.get(key, missing)
        if was != now:
            program, behaviour = key
            lines.append(f"{program} {behaviour}: {now} ({whence}), was {was} ({why})")
    return lines


def main() -> int:
    """Run after run; the exit status is 1 when two tables differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2, help="how many under each circumstances")
    parser.add_argument("--seed", type=int, default=0, help="of the first run; each has the next")
    parser.add_argument("--under", default="idle", metavar="NAME,…", help="idle, pinned, busy-N, stops")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--python", metavar="PATH", help="the interpreter for .py programs")
    parser.add_argument("--sample", action="store_true", help="the reference programs, and specimens of each kind")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    try:
        for name in options.under.split(","):
            circumstances(name, options.seed)
    except ValueError as error:
        parser.error(str(error))
    known = list(programs(options.python))
    some = (
        {name for name in known if name.startswith("reference/")}.union(of_each_kind())
        if options.sample
        else set(known)
    )
    chosen = [
        name for name in known if name in some and (not options.names or any(part in name for part in options.names))
    ]
    return judge_all(chosen, options)


def judge_all(names: Sequence[str], options: argparse.Namespace) -> int:
    """The runs, compared with the first."""
    first: Table = {}
    different = 0
    plan = [(under, number) for under in options.under.split(",") for number in range(1, options.runs + 1)]
    for seed, (under, number) in enumerate(plan, options.seed):
        print(f"{under} {number}/{options.runs}: {len(names)} programs, seed {seed}", flush=True)
        began = time.monotonic()
        with circumstances(under, seed):
            table = run(names, options.jobs, options.python, seed)
        first = first or table
        found = differences(first, table)
        different += bool(found)
        print(
            f"{under} {number}: {len(table)} verdicts in {time.monotonic() - began:.0f} s, {len(found)} differ",
            *found,
            sep="\n  ",
        )
    print(f"{len(plan)} runs, {different} with a table that differs")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
