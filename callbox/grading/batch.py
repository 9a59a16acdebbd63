"""A class judged: each hand-in that has not been, in a process tree of its own; what is done is kept at once."""

from __future__ import annotations

import hashlib
import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Protocol, TypeAlias

from callbox.crew import Crew, Done
from callbox.grading.papers import Begun, News, Paper, Refused, judging
from callbox.grading.store import Judged, Store
from callbox.home import CODE, REFERENCE, SUITES
from callbox.record import Record
from callbox.saying import say
from callbox.task import SEEDS, Options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from callbox.grading.handins import HandIn

TRIES = 3
"""Of a hand-in whose process died: it may have been the machine's fault."""


class Engine(Protocol):
    """Hand over papers, get what becomes of them, in any order; each paper's news end with Done. A cluster is another one."""

    def run(self, jobs: Iterable[Paper]) -> Iterator[tuple[Paper, News | Done]]:
        """Judge them."""
        ...


@dataclass(frozen=True)
class Settings:
    """What a class is judged by."""

    options: Options
    """its submission is each hand-in's"""
    same_seed: bool = False
    """one seed for all, not one for each student"""
    terms: str = ""
    """the assignment, as text: another one makes other verdicts"""

    def seed(self, student: str) -> int:
        """Of the random messages that a student's programs are sent."""
        if self.same_seed or self.options.seed is None:
            return self.options.seed or 0
        return random.Random(f"{self.options.seed}:{student}").randrange(SEEDS)

    def paper(self, handin: HandIn, only: tuple[str, ...] = ()) -> Paper:
        """A hand-in, to be judged."""
        key = handin.student.key
        return Paper(key, replace(self.options, submission=str(handin.path), seed=self.seed(key)), only)

    def fingerprint(self, handin: HandIn) -> str:
        """Of everything that decides the verdicts on a hand-in."""
        options = replace(self.options, submission=None, assignment=None, lang="", seed=self.seed(handin.student.key))
        told = (handin.content_hash, handin.folder, suites_fingerprint(), self.terms, repr(options))
        return hashlib.sha256("\0".join(told).encode()).hexdigest()


@cache
def suites_fingerprint() -> str:
    """Of the bench, the suites and the reference programs as they are."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in (CODE, SUITES, REFERENCE) for path in folder.rglob("*") if counts(path)):
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def counts(path: Path) -> bool:
    """Can a file change a verdict?"""
    return path.is_file() and path.suffix in {".py", ".toml"} and "bench" not in path.parts


@dataclass(frozen=True, slots=True)
class Finished:
    """A hand-in is done."""

    student: str
    judged: Judged


@dataclass(frozen=True, slots=True)
class Progress:
    """Another check of a hand-in is done."""

    student: str
    done: int
    planned: int


Event: TypeAlias = Finished | Progress


@dataclass
class _Going:
    """What is known so far of a hand-in."""

    began: float
    planned: int = 0
    tier: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""
    records: list[Record] = field(default_factory=list)


class Batch:
    """Judges what has to be judged, and keeps it."""

    def __init__(self, store: Store, settings: Settings, engine: Engine) -> None:
        self.store = store
        self.settings = settings
        self.engine = engine
        self.going: dict[str, _Going] = {}
        self.tries: Counter[str] = Counter()

    def waiting(self, handins: Sequence[HandIn], again: Sequence[str] = ()) -> list[Paper]:
        """Those that have not been judged as they are now; of `again`, students are judged again, or single behaviours."""
        students = {handin.student.key for handin in handins} | {handin.student.name for handin in handins}
        only = tuple(word for word in again if word not in students)
        papers = []
        for handin in handins:
            if handin.problem:
                continue
            known = self.store.judged(handin.student.key)
            if known is None or known.fingerprint != self.settings.fingerprint(handin) or named(handin, again):
                papers.append(self.settings.paper(handin))
            elif only:
                papers.append(self.settings.paper(handin, only))
        return papers

    def run(self, handins: Sequence[HandIn], papers: Sequence[Paper]) -> Iterator[Event]:
        """Judge papers, each kept as soon as it is done."""
        by_key = {handin.student.key: handin for handin in handins}
        left = list(papers)
        while left:
            lost: list[Paper] = []
            for paper, news in self.engine.run(left):
                if not isinstance(news, Done):
                    yield from self._heard(paper, news)
                elif news.trouble and self._may_try_again(paper):
                    lost.append(paper)
                else:
                    yield self._finished(paper, by_key[paper.key], news.trouble)
            left = lost

    def _heard(self, paper: Paper, news: News) -> Iterator[Progress]:
        going = self.going.setdefault(paper.key, _Going(time.monotonic()))
        match news:
            case Begun():
                going.planned, going.tier, going.notes = news.planned, news.tier, news.notes
            case Refused():
                going.problem = news.why
            case Record():
                going.records.append(news)
        yield Progress(paper.key, len(going.records), going.planned)

    def _may_try_again(self, paper: Paper) -> bool:
        self.going.pop(paper.key, None)
        self.tries[paper.key] += 1
        return self.tries[paper.key] < TRIES

    def _finished(self, paper: Paper, handin: HandIn, trouble: str) -> Finished:
        going = self.going.pop(paper.key, None) or _Going(time.monotonic())
        judged = Judged(
            fingerprint=""
            if trouble
            else self.settings.fingerprint(handin),  # the bench's fault: the next run tries again
            problem=say("the bench failed: {trouble}", trouble=trouble) if trouble else going.problem,
            notes=going.notes,
            tier=going.tier,
            seed=self.settings.seed(paper.key),
            seconds=time.monotonic() - going.began,
            records=tuple(going.records),
        )
        known = self.store.judged(paper.key)
        if paper.only and known:
            judged = known.with_records(judged.records)
        self.store.keep(paper.key, judged)
        return Finished(paper.key, judged)


def named(handin: HandIn, words: Sequence[str]) -> bool:
    """Is this student among those who were named?"""
    return handin.student.key in words or handin.student.name in words


def processes(jobs: int) -> Engine:
    """This machine's: one process for each hand-in, so many at a time."""
    return Crew(judging, jobs, fresh=True)
