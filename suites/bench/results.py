"""Results of students who never were, for the tests of what is made of results."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache

from callbox import assignment, catalogue
from callbox.catalogue import Level
from callbox.grading.exports.telling import Teller
from callbox.grading.result import Item, Marks, Result, Student
from callbox.home import SUITES
from callbox.record import Record
from callbox.saying import say
from callbox.story import Story
from callbox.subject import Outcome
from callbox.transcript import Event
from callbox.verdict import Verdict

ROLE = "tcp-loop-server"
LISTENS, UPPER, PIECES, PRINTS, BACKLOG = (
    *("tcp_server.listening.listens", "tcp_server.exchange.upper_cases_ascii"),
    *("tcp_server.exchange.answers_the_same_however_it_is_cut", "tcp_server.lifetime.prints_what_the_client_said"),
    "tcp_server.listening.asks_for_the_assigned_backlog",
)
HOSTILE = (
    "=1+1",
    "＝HYPERLINK(1)",
    "@SUM(A1)",
    "\t-1",
    "\r+1",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</pre></details><b>hi</b>",
    "\x1b[31mred\x1b[0m\x00\x07\x85",
    "\udcff\ud800",
    "\u202eevil\u2066",
    "\ufffe\uffff]]>&amp;",
    "\n::error::mine\r\n::set-output name=a::b\n",
    "%0A::stop-commands::x",
    "`````\n# head\n[a](javascript:alert(1)) ![b](http://x/y.png) | *c* |",
    "'; DROP TABLE students",
    '",\n"',
    "信息\u3000😀",
    "x" * 20_000,
)
"""What a program may print, and a student be called."""


@cache
def teller(lang: str = "en") -> Teller:
    """Tells in one language what the suites demand and the tutorial agrees."""
    return Teller(catalogue.load(SUITES), assignment.load(), lang)


def story(text: str = "word") -> Story:
    """A story in which a program has its say everywhere."""
    return Story(f"WORD {text}", text, text, (Event("program", text, b"\xff\n\x1b", 0.5),), text)


def record(behaviour: str, verdict: Verdict, text: str = "word", program: str = "server.py") -> Record:
    """One behaviour, judged."""
    told = {
        Verdict.PASSED: Outcome(verdict),
        Verdict.FAILED: Outcome(verdict, story(text)),
        Verdict.ADVISED: Outcome(verdict, story(text)),
        Verdict.NOT_JUDGED: Outcome(
            verdict, story(text), say("it rests on {base}, which failed", base=UPPER), base=UPPER
        ),
        Verdict.INCONCLUSIVE: Outcome(verdict, reason=f"OSError: {text}"),
    }
    return Record(program, ROLE, behaviour, Level.MUST, told[verdict], 0.25)


def result(key: str = "alice", text: str = "word", **changes: object) -> Result:
    """A student whose program came to every verdict once."""
    by_id = {
        LISTENS: Verdict.PASSED,
        UPPER: Verdict.FAILED,
        PRINTS: Verdict.ADVISED,
        PIECES: Verdict.NOT_JUDGED,
        BACKLOG: Verdict.INCONCLUSIVE,
    }
    items = (
        Item(LISTENS, ROLE, Fraction(2), Fraction(2)),
        Item(UPPER, ROLE, Fraction(0), Fraction(3)),
        Item(PIECES, ROLE, Fraction(0), Fraction(4), "hidden"),
        Item(BACKLOG, ROLE, Fraction(1), Fraction(1)),
        Item("udp_server.listening.binds_the_assigned_address", "udp-server", Fraction(0), Fraction(5)),
    )
    made = Result(
        student=Student(key, f"Name {text}", {}),
        problem="",
        notes=(text,),
        late=True,
        handed_in=datetime(2026, 3, 1, 23, 59, 30, tzinfo=UTC),
        records=tuple(record(behaviour, verdict, text) for behaviour, verdict in by_id.items()),
        marks=Marks(Fraction(8, 3), Fraction(15), Fraction(1), Fraction(1, 3), items),
        seed=7,
        tier="full",
        seconds=1.25,
        content_hash="abc",
    )
    return replace(made, **changes)  # type: ignore[arg-type]
