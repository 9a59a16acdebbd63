"""A conversation is drawn so that a student sees what passed, and where it parts from how it should go."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from callbox import differences
from callbox.bench import Bench
from callbox.events import PROGRAM, Capture, What, WireEvent
from callbox.ladder import Fold, Ladder, ladders
from callbox.ladder_svg import as_svg
from callbox.ladder_text import as_text
from callbox.shown import width
from callbox.steps import Step, steps_of, words
from callbox.story import FOLD, Story
from callbox.subject import Subject
from callbox.submission import find
from callbox.task import Options, Task
from callbox.transcript import Act, Event
from callbox.verdict import Verdict
from suites.bench.pytester import SPECIMENS

if TYPE_CHECKING:
    from pathlib import Path

    from callbox.assignment import Assignment
    from callbox.catalogue import Behaviour
    from callbox.judge import Judge

SVG = "{http://www.w3.org/2000/svg}"
CLIENT = "client 1"
POISON = "\x1b[2J\x00\ud800\u202e]]><script>alert(1)</script>&amp;\u2028\n"


def packet(seconds: float, who: str, what: What, data: bytes = b"", *, whom: str = "", note: str = "") -> WireEvent:
    return WireEvent(seconds, who, whom or (PROGRAM if who != PROGRAM else CLIENT), what, data, len(data), note)


def wire(*events: WireEvent, began: float = 0.0, more: int = 0) -> Capture:
    return Capture(events, more, 0, b"", began)


def story(*events: WireEvent, headline: str = "", told: tuple[Event, ...] = ()) -> Story:
    return Story(headline, headline, headline, told, "", wire(*events))


def talk(*answers: bytes) -> list[WireEvent]:
    """A client that dials, says a word, and is answered so."""
    events = [packet(0, CLIENT, What.SYN), packet(0, PROGRAM, What.SYN_ACK), packet(0, CLIENT, What.DATA, b"hello")]
    return events + [packet(0, PROGRAM, What.DATA, answer) for answer in answers]


WRONG = story(*talk(b"HELLO\n"), headline="it adds a newline")
RIGHT = story(*talk(b"HELLO"), packet(0, PROGRAM, What.FIN))


def parting(one: Story, other: Story) -> tuple[int | None, int | None]:
    return differences.first(steps_of(one, wired=True), steps_of(other, wired=True), PROGRAM)


# ---- as text


def test_a_ladder_has_an_arrow_for_each_thing_that_passed() -> None:
    assert as_text(ladders(WRONG), columns=50).splitlines() == [
        "  client 1                                 program",
        "      │──────────── SYN (dials) ─────────────→│",
        "      │←──────── SYN+ACK (connected) ─────────│",
        '      │──────────── "hello" 5 B ─────────────→│',
        '      │←─────────── "HELLO\\n" 6 B ────────────│',
        "      │                     it adds a newline ●",
    ]


def test_two_ladders_stand_beside_each_other_with_their_first_difference_marked() -> None:
    lines = as_text(ladders(WRONG, RIGHT), columns=80).splitlines()
    assert lines[0].split("  ")[0] == "how it went"
    assert lines[0].endswith("how it should go")
    (marked,) = [line for line in lines if "✗" in line or "✓" in line]
    assert marked.index("✗") < marked.index('"HELLO\\n"') < marked.index("✓") < marked.index('"HELLO" 5 B')


def test_ladders_that_are_too_wide_for_that_stand_one_below_the_other() -> None:
    text = as_text(ladders(WRONG, RIGHT), columns=50)
    assert text.index("✗") < text.index("how it should go") < text.index("✓")


@pytest.mark.parametrize("columns", [40, 80, 100])
@pytest.mark.parametrize("clients", [1, 2, 3, 4, 50])
def test_no_line_is_wider_than_it_may_be(columns: int, clients: int) -> None:
    names = [f"client {number + 1}" for number in range(clients)]
    events = [packet(0, name, What.DATA, "信息网络".encode() * 50) for name in names]
    many = story(*events, headline="程序 " + "waits " * 50)
    for lang in ("en", "zh"):
        lines = as_text(ladders(many, many), lang, columns).splitlines()
        assert max(map(width, lines)) <= columns


def test_columns_stay_straight_beside_wide_characters() -> None:
    said = [packet(0, CLIENT, What.DATAGRAM, text.encode()) for text in ("abc", "信息", "😀", "é")]
    lines = as_text(ladders(story(*said)), "zh", 60).splitlines()
    assert len({width(line) for line in lines[1:]}) == 1
    assert all(line.endswith("→│") for line in lines[1:])
    assert '"信息" 6 B' in lines[2]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk", "utf-8"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_ladder_can_be_written_in_any_encoding(encoding: str, lang: str) -> None:
    poisoned = story(*talk("信息 😀".encode()), headline=POISON)
    text = as_text(ladders(poisoned, RIGHT), lang, 80, encoding)
    assert text.encode(encoding).decode(encoding) == text
    assert ("实际情况" in text) == (lang == "zh" and encoding in {"gbk", "utf-8"})


def test_what_a_program_says_steers_no_terminal() -> None:
    text = as_text(ladders(story(*talk(POISON.encode("utf-8", "surrogatepass")), headline=POISON)))
    assert all(line.isprintable() for line in text.splitlines())


@pytest.mark.parametrize("count", [1, 200])
def test_ladders_of_any_length_are_readable(count: int) -> None:
    events = [packet(at, f"client {at % 2 + 1}", What.DATA, b"%d" % at) for at in range(count)]
    lines = as_text(ladders(story(*events, headline="the end"))).splitlines()
    assert len(lines) <= 2 * 35
    assert "the end" in lines[-1]
    assert any('"0" 1 B' in line for line in lines)


def test_nothing_is_drawn_of_nothing() -> None:
    assert ladders(Story("", "", "")) == ()
    assert as_text(()) == ""


# ---- what is in it


def test_what_no_wire_carries_is_told_where_it_happened() -> None:
    events = talk(b"HELLO")
    moved = Capture(tuple(replace(each, seconds=at / 10) for at, each in enumerate(events)), 0, 0, b"", began=1.0)
    told = (
        Event("you", "typed", b"hello", 1.15, Act.TYPE),
        Event(CLIENT, "sent", b"hello", 1.21, Act.SEND),
        Event(PROGRAM, "was silent towards client 1", None, 1.35, Act.SILENCE, CLIENT),
    )
    steps = steps_of(Story("", "", "", told, "", moved), wired=True)
    assert [words(step, "en", 40) for step in steps] == [
        "SYN (dials)", "SYN+ACK (connected)", 'types "hello" 5 B', '"hello" 5 B', '"HELLO" 5 B',
        "was silent towards client 1",
    ]  # fmt: skip


def test_without_a_wire_the_transcript_is_drawn() -> None:
    told = (
        Event(CLIENT, "dialled", None, 0, Act.DIAL),
        Event(CLIENT, "sent", b"hello", 1, Act.SEND),
        Event(PROGRAM, "answered client 1", b"HELLO", 1, Act.SEND, CLIENT),
        Event(CLIENT, "left with a reset (RST)", None, 1, Act.RESET),
    )
    (ladder,) = ladders(Story("", "", "", told, "", wire()))
    assert ladder.columns == (CLIENT, PROGRAM)
    assert [(step.who, words(step, "en", 40)) for step in ladder.shown()] == [
        (CLIENT, "dials"), (CLIENT, '"hello" 5 B'), (PROGRAM, '"HELLO" 5 B'), (CLIENT, "RST (cuts off)"),
    ]  # fmt: skip
    assert ladder.later() == {1: 1.0}


def test_where_only_the_first_packets_are_told_the_transcript_is_drawn() -> None:
    told = tuple(Event(CLIENT, "sent", b"%d" % at, at, Act.DATAGRAM) for at in range(2000))
    passed = [packet(0, CLIENT, What.DATAGRAM, b"0")]
    flood, few = (Story("", "", "", told, "", wire(*passed, more=more)) for more in (1999, 0))
    assert [len(list(ladders(one)[0].shown())) for one in (flood, few)] == [2 * FOLD, 1]
    for ladder in ladders(few, flood):
        assert len(list(ladder.shown())) == 2 * FOLD, "both are drawn alike, or they could not be compared"


def test_pieces_of_a_stream_are_one_step_and_datagrams_are_not() -> None:
    for what, count in ((What.DATA, 1), (What.DATAGRAM, 3)):
        assert len(steps_of(story(*[packet(0, CLIENT, what, b"x")] * 3), wired=True)) == count


def test_a_call_that_nobody_takes_is_refused_and_not_cut_off() -> None:
    refused = story(packet(0, CLIENT, What.SYN), packet(0, PROGRAM, What.RST))
    cut_off = story(*talk(), packet(0, PROGRAM, What.RST))
    assert [words(steps_of(one, wired=True)[-1], "en", 40) for one in (refused, cut_off)] == [
        "RST (refuses)",
        "RST (cuts off)",
    ]


def test_only_a_call_is_told_twice_that_tcp_sent_again() -> None:
    events = [packet(0, CLIENT, What.SYN), packet(1, CLIENT, What.SYN, note="again")]
    assert [words(step, "en", 40) for step in steps_of(story(*events), wired=True)] == [
        "SYN (dials)",
        "SYN (dials), once more",
    ]
    assert len(steps_of(story(*talk(), packet(1, CLIENT, What.DATA, b"hello", note="again")), wired=True)) == 3


def test_a_crowd_shares_a_column() -> None:
    events = [packet(0, f"client {number}", What.SYN) for number in range(1, 10)]
    (ladder,) = ladders(story(*events))
    assert len(ladder.columns) == 4
    assert {words(step, "en", 40) for step in ladder.shown()} >= {"SYN (dials)", "5: SYN (dials)"}


# ---- the first difference


@pytest.mark.parametrize(
    ("answers", "right", "places"),
    [
        ([b"HELLO\n"], [b"HELLO"], (3, 3)),
        ([b"HELLO"], [b"HELLO"], (None, None)),
        ([b"HEL", b"LO"], [b"HELLO"], (None, None)),
        ([b"HELLo"], [b"HELLO"], (3, 3)),
        ([b"HEL"], [b"HELLO"], (3, 3)),
        ([], [b"HELLO"], (3, 3)),
        ([b"HELLO"], [], (3, None)),
    ],
    ids=["longer", "same", "pieces", "other", "shorter", "nothing", "something"],
)
def test_the_first_difference_is_found(
    answers: list[bytes], right: list[bytes], places: tuple[int | None, int | None]
) -> None:
    ours = story(*talk(*answers), headline="the end" if answers != [b"HELLO"] else "")
    assert parting(ours, story(*talk(*right))) == places


def test_a_message_that_differs_is_marked_and_not_the_next_one() -> None:
    second = [packet(0, CLIENT, What.DATA, b"you"), packet(0, PROGRAM, What.DATA, b"YOU")]
    assert parting(story(*talk(b"HELLO\n"), *second), story(*talk(b"HELLO"), *second)) == (3, 3)
    assert parting(story(*talk(b"HELLO"), second[0], headline="x"), story(*talk(b"HELLO"), *second)) == (5, 5)


def test_how_lines_are_interleaved_is_no_difference() -> None:
    first, other = talk(b"A"), [replace(each, who=swapped(each.who), whom=swapped(each.whom)) for each in talk(b"B")]
    assert parting(story(*first, *other), story(*other, *first)) == (None, None)


def swapped(name: str) -> str:
    return "client 2" if name == CLIENT else name


def test_what_the_program_did_comes_before_what_we_did() -> None:
    ours = story(*talk(), packet(0, CLIENT, What.FIN), packet(0, PROGRAM, What.DATA, b"x"))
    right = story(*talk(), packet(0, PROGRAM, What.DATA, b"X"), packet(0, CLIENT, What.RST))
    assert parting(ours, right) == (4, 3)


def test_the_first_difference_is_never_folded_away() -> None:
    events = [packet(0, PROGRAM, What.DATAGRAM, b"%d" % at) for at in range(200)]
    other = [*events[:100], packet(0, PROGRAM, What.DATAGRAM, b"wrong"), *events[101:]]
    for ladder in ladders(story(*other), story(*events)):
        assert ladder.mark is not None
        marked = ladder.steps[ladder.mark]
        assert isinstance(marked, Step)
        assert marked.data == (b"100" if ladder.right else b"wrong")
        folded = [step.count for step in ladder.steps if isinstance(step, Fold)]
        assert len(folded) == 2
        assert sum(folded) + len(ladder.steps) - 2 == 200


# ---- as SVG


def parsed(pictures: tuple[Ladder, ...], lang: str = "en", title: str = "") -> ET.Element:
    return ET.fromstring(as_svg(pictures, lang, title))


def test_the_svg_says_what_it_shows_to_who_cannot_see_it() -> None:
    root = parsed(ladders(WRONG, RIGHT), title="server.py: it adds a newline")
    assert root.get("role") == "img"
    assert [root.findtext(f"{SVG}{tag}", "").split("\n")[0] for tag in ("title", "desc")] == [
        "server.py: it adds a newline",
        "how it went:",
    ]
    assert 'program → client 1: "HELLO\\n" 6 B' in root.findtext(f"{SVG}desc", "")


def test_the_svg_marks_the_first_difference_by_a_sign_too() -> None:
    root = parsed(ladders(WRONG, RIGHT))
    for kind, sign in (("wrong", "✗"), ("good", "✓")):
        (row,) = root.iterfind(f".//{SVG}g[@class='{kind}']")
        assert row.findtext(f"{SVG}text") == sign


def test_the_svg_needs_nothing_but_itself_and_says_how_it_looks_in_the_dark() -> None:
    text = as_svg(ladders(WRONG, RIGHT))
    assert "prefers-color-scheme:dark" in text
    assert "url(" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "href" not in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_hostile_bytes_and_names_make_no_other_svg(lang: str) -> None:
    poisoned = story(*talk(POISON.encode("utf-8", "surrogatepass")), headline=POISON)
    poisoned = replace(poisoned, wire=wire(*talk(), packet(0, POISON, What.SYN)))
    text = as_svg(ladders(poisoned, poisoned), lang, POISON)
    root = ET.fromstring(text.encode())
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "rect", "g", "text", "line", "path", "circle",
    }  # fmt: skip
    assert all(letter.isprintable() or letter == "\n" for letter in text)


def test_the_svg_grows_with_the_steps_and_stays_small() -> None:
    names = [f"client {number}" for number in range(1, 300)]
    many = [packet(0, name, What.DATAGRAM, os.urandom(2000)) for name in names]
    sizes = [len(as_svg(ladders(story(*many[:count]), story(*many[:count])), "zh").encode()) for count in (1, 10, 299)]
    assert sizes == sorted(sizes)
    assert sizes[-1] < 60_000


# ---- how it should go


def behaviour_and_subject(judge: Judge, material: Assignment, path: Path, id_: str) -> tuple[Behaviour, Subject]:
    (source,) = find(path, role=path.parent.name).programs
    return judge.catalogue[id_], Subject(source, material.terms(path.parent.name))


def test_beside_a_failure_stands_how_the_reference_does_it(judge: Judge, material: Assignment) -> None:
    path = SPECIMENS / "wrong" / "tcp-loop-client" / "sends_the_q.py"
    behaviour, subject = behaviour_and_subject(judge, material, path, "tcp_client.ending.quits_on_q")
    outcome, row = judge.decide(behaviour, subject)
    model = judge.model(behaviour, subject, row)
    assert outcome.verdict is Verdict.FAILED
    assert outcome.story
    assert model
    assert (model.wanted, model.got, model.cause) == ("", "", "")
    assert judge.model(behaviour, subject, row) is model
    marked = [ladder.steps[ladder.mark or 0] for ladder in ladders(outcome.story, model)]
    assert [words(step, "en", 40) for step in marked if isinstance(step, Step)] == ['"q" 1 B', "FIN (ends)"]


def test_what_was_typed_stands_above_what_was_sent_for_it(judge: Judge, material: Assignment) -> None:
    path = SPECIMENS / "wrong" / "tcp-loop-client" / "sends_the_q.py"
    behaviour, subject = behaviour_and_subject(judge, material, path, "tcp_client.sending.sends_what_was_typed")
    model = judge.model(behaviour, subject, {})
    assert model
    said = [step for step in steps_of(model, wired=True) if step.data]
    assert [step.who for step in said] == ["you", PROGRAM]


def test_unix_sockets_are_drawn_from_what_was_said_and_done(judge: Judge, material: Assignment) -> None:
    path = SPECIMENS / "wrong" / "unix-server" / "forgets_upper.py"
    behaviour, subject = behaviour_and_subject(judge, material, path, "tcp_server.exchange.upper_cases_ascii")
    outcome, row = judge.decide(behaviour, subject)
    assert outcome.story
    here, there = ladders(outcome.story, judge.model(behaviour, subject, row))
    assert next(words(step, "en", 40) for step in here.shown()) == "dials"
    assert here.mark == there.mark == 2


def test_many_starts_of_a_program_have_no_model(judge: Judge, material: Assignment) -> None:
    path = SPECIMENS / "wrong" / "tcp-forever-server" / "forgets_upper.py"
    behaviour, subject = behaviour_and_subject(judge, material, path, "tcp_server.exchange.any_conversation")
    assert judge.model(behaviour, subject, {}) is None


def test_a_reference_that_fails_is_no_model_and_harms_nobody(
    judge: Judge, material: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = SPECIMENS / "wrong" / "udp-server" / "echo.py"
    behaviour, subject = behaviour_and_subject(judge, material, path, "udp_server.exchange.upper_cases_ascii")
    assert judge.model(behaviour, subject, {"no": "such argument"}) is None
    wrong = Subject(subject.source, subject.terms)
    monkeypatch.setattr(judge, "reference", [wrong])
    monkeypatch.setattr(judge, "_models", {})
    right = Subject(replace(subject.source, name="another"), subject.terms)
    assert judge.model(behaviour, right, {}) is None


@pytest.mark.parametrize(("id_", "has_model"), [("upper_cases_ascii", True), ("answers_only_when_spoken_to", False)])
def test_a_record_of_a_failure_has_its_model_and_no_other_has(id_: str, has_model: bool) -> None:
    path = SPECIMENS / "wrong" / "tcp-forever-server" / "forgets_upper.py"
    with Bench(Task.of(Options(str(path), role="tcp-forever-server"))) as bench:
        record = next(bench.record(*row) for row in bench.plan() if row[0].id == f"tcp_server.exchange.{id_}")
    assert (record.model is not None) is has_model is (record.verdict is Verdict.FAILED)
