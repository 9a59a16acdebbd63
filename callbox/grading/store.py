"""What has been judged, kept in one SQLite file: a run that was interrupted goes on where it was."""

from __future__ import annotations

import fcntl
import sqlite3
import zlib
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Self

from pydantic import TypeAdapter

from callbox.record import RECORDS, Record
from callbox.saying import Text

if TYPE_CHECKING:
    from pathlib import Path

LAYOUT = 1
"""Of the file; another one is not read."""
TABLES = f"""
    PRAGMA user_version = {LAYOUT};
    CREATE TABLE judged (
        student TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL,
        notes TEXT NOT NULL,
        tier TEXT NOT NULL,
        seed INTEGER NOT NULL,
        seconds REAL NOT NULL,
        records BLOB NOT NULL
    );
    CREATE TABLE by_hand (student TEXT PRIMARY KEY, points TEXT NOT NULL, note TEXT NOT NULL);
    CREATE TABLE said (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
SENTENCES: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[Text, ...])


class StoreError(ValueError):
    """A file that cannot be used, in one line."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a hand-in."""

    fingerprint: str
    """of everything that decides it: what was handed in, suites, assignment, seed; empty where the bench failed"""
    problem: str
    notes: tuple[str, ...]
    tier: str
    seed: int
    seconds: float
    records: tuple[Record, ...]

    @property
    def is_lost(self) -> bool:
        """Could the bench not judge it, and nothing be held against anybody?"""
        return not self.fingerprint

    def with_records(self, records: tuple[Record, ...]) -> Judged:
        """The same, some behaviours judged again."""
        anew = {(record.program, record.behaviour): record for record in records}
        kept = [anew.pop((record.program, record.behaviour), record) for record in self.records]
        return replace(self, records=(*kept, *anew.values()))


@dataclass(frozen=True, slots=True)
class ByHand:
    """What a teacher has set instead of the points that were counted."""

    points: Fraction
    note: str


class Store:
    """The file. Each hand-in is in it once it is done, whatever happens then."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it. Raises StoreError where it is none of ours, or somebody else's just now."""
        with ExitStack() as opened:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                fcntl.flock(opened.enter_context(path.open("ab")), fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.connection = opened.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
                self._prepare(path)
            except BlockingIOError:
                raise StoreError(f"{path}: another callbox is at work here; wait until it is done") from None
            except (OSError, sqlite3.Error) as error:
                raise StoreError(f"{path}: cannot be used: {error}") from None
            self.opened = opened.pop_all()

    def _prepare(self, path: Path) -> None:
        self.connection.execute("PRAGMA journal_mode = WAL")
        (layout,) = self.connection.execute("PRAGMA user_version").fetchone()
        (tables,) = self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not layout and not tables:
            self.connection.executescript(f"BEGIN; {TABLES} COMMIT;")
        elif layout != LAYOUT:
            raise StoreError(f"{path}: was not written by this version of callbox; name another folder with --out")

    # ---- what was judged

    def judged(self, student: str) -> Judged | None:
        """What became of a student's hand-in, if it has been judged."""
        row = self.connection.execute(
            "SELECT fingerprint, notes, tier, seed, seconds, records FROM judged WHERE student = ?", (student,)
        ).fetchone()
        if row is None:
            return None
        fingerprint, notes, tier, seed, seconds, records = row
        told = RECORDS.validate_json(zlib.decompress(records))
        problem, *others = SENTENCES.validate_json(notes)
        return Judged(fingerprint, problem, tuple(others), tier, seed, seconds, told)

    def keep(self, student: str, judged: Judged) -> None:
        """Keep what became of a hand-in."""
        packed = zlib.compress(RECORDS.dump_json(judged.records))
        self.connection.execute(
            "INSERT OR REPLACE INTO judged VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                student,
                judged.fingerprint,
                SENTENCES.dump_json((judged.problem, *judged.notes)).decode(),
                judged.tier,
                judged.seed,
                judged.seconds,
                packed,
            ),
        )

    def students(self) -> list[str]:
        """Those whose hand-in has been judged."""
        return [student for (student,) in self.connection.execute("SELECT student FROM judged ORDER BY student")]

    # ---- what a teacher has said

    def by_hand(self) -> dict[str, ByHand]:
        """Points set by hand, by student."""
        rows = self.connection.execute("SELECT student, points, note FROM by_hand").fetchall()
        return {student: ByHand(Fraction(points), note) for student, points, note in rows}

    def mark(self, student: str, by_hand: ByHand | None) -> None:
        """Set a student's points by hand; None: count them again."""
        if by_hand is None:
            self.connection.execute("DELETE FROM by_hand WHERE student = ?", (student,))
        else:
            row = (student, str(by_hand.points), by_hand.note)
            self.connection.execute("INSERT OR REPLACE INTO by_hand VALUES (?, ?, ?)", row)

    # ---- what holds for the whole class

    def said(self, name: str) -> str | None:
        """Something that an earlier run was told, or chose."""
        row = self.connection.execute("SELECT value FROM said WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def say(self, name: str, value: str) -> None:
        """Keep it for later runs."""
        self.connection.execute("INSERT OR REPLACE INTO said VALUES (?, ?)", (name, value))

    def close(self) -> None:
        """Leave one whole file."""
        with self.opened:
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
