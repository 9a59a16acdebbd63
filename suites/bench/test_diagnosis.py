"""Many failures with one root are told as one, and one thing is named to be mended first."""

from __future__ import annotations

from callbox.catalogue import Level
from callbox.diagnosis import Root, first_to_mend, roots
from callbox.record import Record
from callbox.saying import say
from callbox.story import Story
from callbox.subject import Outcome
from callbox.tracebacks import find
from callbox.verdict import Verdict

TRACE = 'Traceback (most recent call last):\n  File "/box/server.py", line 2, in <module>\n    boom\n{}Error: x\n'
SOURCE = {"server.py": b"\nboom\n"}


def missed(name: str, cause: str = "", level: Level = Level.MUST, program: str = "server.py") -> Record:
    verdict = Verdict.FAILED if level is Level.MUST else Verdict.ADVISED
    outcome = Outcome(verdict, Story("this", "that", cause))
    return Record(program, "tcp-once-server", name, level, outcome, 0)


def resting(name: str, base: str, level: Level = Level.MUST) -> Record:
    outcome = Outcome(Verdict.NOT_JUDGED, None, say("it rests on {base}, which failed", base=base), base)
    return Record("server.py", "tcp-once-server", name, level, outcome, 0)


def passed(name: str) -> Record:
    return Record("server.py", "tcp-once-server", name, Level.MUST, Outcome(Verdict.PASSED), 0)


def names(root: Root | None) -> tuple[str, list[str]]:
    assert root
    return root.record.behaviour, [record.behaviour for record in root.folded]


def test_what_rests_on_a_failure_is_folded_under_it() -> None:
    records = [passed("a"), resting("b", "d"), missed("d"), resting("e", "d")]
    assert [names(root) for root in roots(records)] == [("d", ["b", "e"])]


def test_chains_are_followed_to_the_root() -> None:
    records = [missed("a"), resting("b", "a"), resting("c", "b"), resting("d", "c")]
    assert [names(root) for root in roots(records)] == [("a", ["b", "c", "d"])]


def test_a_circle_comes_to_an_end() -> None:
    assert len(roots([resting("a", "b"), resting("b", "a")])) == 2


def test_what_is_missed_for_the_same_reason_is_told_once() -> None:
    records = [
        missed("a", "it adds a newline"),
        missed("b", "it hangs up"),
        missed("c", "it adds a newline"),
        resting("d", "c"),
    ]
    assert [names(root) for root in roots(records)] == [("a", ["c", "d"]), ("b", [])]


def test_exceptions_of_the_same_line_are_the_same_reason() -> None:
    causes = [
        say("it ended right after {what}: {why}", what=what, why=find(TRACE.format(what), SOURCE))
        for what in ("Reset", "BrokenPipe")
    ]
    assert causes[0] != causes[1]
    assert [names(root) for root in roots([missed("a", causes[0]), missed("b", causes[1])])] == [("a", ["b"])]


def test_failures_without_a_cause_are_not_the_same() -> None:
    assert [names(root) for root in roots([missed("a"), missed("b")])] == [("a", []), ("b", [])]


def test_musts_come_before_advice_and_each_in_the_order_of_the_records() -> None:
    records = [missed("a", level=Level.SHOULD), missed("c"), missed("b"), missed("d", level=Level.SHOULD)]
    assert [root.record.behaviour for root in roots(records)] == ["c", "b", "a", "d"]


def test_a_must_leads_advice_that_says_the_same() -> None:
    records = [missed("a", "it hangs up", Level.SHOULD), missed("b", "it hangs up")]
    assert [names(root) for root in roots(records)] == [("b", ["a"])]


def test_what_rests_on_what_was_not_judged_here_is_told_by_itself_and_last() -> None:
    records = [resting("a", "elsewhere"), resting("b", "elsewhere"), missed("c", level=Level.SHOULD)]
    assert [names(root) for root in roots(records)] == [("c", []), ("a", ["b"])]


def test_what_says_nothing_of_a_program_is_no_root() -> None:
    unsure = Record("server.py", "tcp-once-server", "a", Level.MUST, Outcome(Verdict.INCONCLUSIVE, reason="busy"), 0)
    blind = Record("server.py", "tcp-once-server", "b", Level.MUST, Outcome(Verdict.NOT_JUDGED, reason="no box"), 0)
    assert roots([unsure, blind, passed("c")]) == ()
    assert first_to_mend([unsure, blind, passed("c")]) is None


def test_programs_are_told_apart() -> None:
    records = [missed("a", "same"), missed("a", "same", program="client.py"), missed("b", "same")]
    assert [(root.record.program, names(root)) for root in roots(records)] == [
        ("server.py", ("a", ["b"])),
        ("client.py", ("a", [])),
    ]


def test_first_is_mended_what_most_rests_on() -> None:
    records = [missed("a"), missed("b"), resting("c", "b"), missed("d")]
    assert names(first_to_mend(records)) == ("b", ["c"])


def test_of_equals_the_first_is_mended_first() -> None:
    assert names(first_to_mend([missed("a"), missed("b")]))[0] == "a"


def test_a_must_is_mended_before_advice_on_which_more_rests() -> None:
    records = [missed("a", level=Level.SHOULD), resting("b", "a"), missed("c")]
    assert names(first_to_mend(records))[0] == "c"


def test_the_ground_is_mended_first() -> None:
    records = [missed("listens"), *(resting(name, "listens") for name in "abc")]
    assert names(first_to_mend(records)) == ("listens", ["a", "b", "c"])
