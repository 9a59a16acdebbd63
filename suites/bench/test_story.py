"""A failure is told in words that a student can read: what was wanted, what came, and where they part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from callbox.shown import SHORT, compare, count, show, text_of, width
from callbox.story import FOLD, Story, conversation, part
from callbox.transcript import Event, Transcript

if TYPE_CHECKING:
    from collections.abc import Sequence


# Bytes as text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"hello", "hello"),
        ("信息 😀".encode(), "信息 😀"),
        (b"\xff\xfe", r"\xff\xfe"),
        (b"a\0b", r"a\x00b"),
        (b"\r\n\t", r"\r\n\t"),
        (b"\x1b[2J", r"\x1b[2J"),
        (b'"quoted" \\', r"\"quoted\" \\"),
        ("信".encode()[:2], r"\xe4\xbf"),
        ("\u202eevil".encode(), r"\u202eevil"),
    ],
)
def test_bytes_are_shown_as_text_and_the_rest_is_escaped(data: bytes, text: str) -> None:
    assert text_of(data) == text


@pytest.mark.parametrize("data", [bytes(range(256)), b"\xed\xa0\x80", b"\xf0\x9f\x98"])
def test_whatever_is_shown_can_be_printed_and_written(data: bytes) -> None:
    shown = text_of(data)
    assert shown.isprintable()
    assert shown.encode().decode() == shown


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", '"" (0 bytes)'), (b"x", '"x" (1 byte)'), (b"x" * SHORT, f'"{"x" * SHORT}" ({SHORT} bytes)')],
)
def test_a_short_message_is_shown_whole(data: bytes, words: str) -> None:
    assert show(data) == words


def test_a_long_message_is_shortened_in_the_middle() -> None:
    assert show(b"a" * 500 + b"z" * 500) == f'"{"a" * (SHORT // 2)}" … "{"z" * (SHORT // 2)}" (1000 bytes)'


@pytest.mark.parametrize("size", range(60, 70))
def test_a_message_is_shortened_between_characters(size: int) -> None:
    assert "\\x" not in show(b"." * (size % 7) + "信".encode() * size)


# Both beside each other


def caret(wanted: bytes, got: bytes) -> tuple[str, str]:
    """What is shown of the bytes that came, and what stands above the caret, by columns."""
    shown, pointer = compare(wanted, got)[1].splitlines()
    column, columns = len(pointer) - len(pointer.lstrip(" ")), 0
    for character in shown:
        if columns == column:
            return shown, character
        columns += width(character)
    raise AssertionError("the caret points beyond the line")


@pytest.mark.parametrize(
    ("wanted", "got", "pointed"),
    [
        (b"HELLO", b"HELlO", "l"),
        (b"HELLO", b"hELLO", "h"),
        (b"HELLO", b"HELLOX", "X"),
        (b"HELLO", b"HELL", '"'),
        ("信息A".encode(), "信息a".encode(), "a"),
        ("😀😀B".encode(), "😀😀b".encode(), "b"),
        (b"\xff\xff!", b"\xff\xff?", "?"),
        (b'"quoted" A', b'"quoted" B', "B"),
        (b"x" * 1000 + b"A", b"x" * 1000 + b"B", "B"),
        ("信".encode() * 300 + b"A", "信".encode() * 300 + b"B", "B"),
        (b"\n\n\nA", b"\n\n\nB", "B"),
    ],
    ids=[
        "middle",
        "first",
        "too long",
        "too short",
        "wide",
        "emoji",
        "escapes",
        "quotes",
        "far",
        "far and wide",
        "newlines",
    ],
)
def test_the_caret_stands_under_the_first_wrong_byte(wanted: bytes, got: bytes, pointed: str) -> None:
    assert caret(wanted, got)[1] == pointed


@pytest.mark.parametrize(("wanted", "got"), [("信A".encode(), "俠A".encode()), ("é".encode(), "è".encode())])
def test_a_character_that_differs_in_its_last_byte_is_pointed_at_as_a_whole(wanted: bytes, got: bytes) -> None:
    assert caret(wanted, got)[1] == got.decode()[0]


def test_the_caret_names_the_byte() -> None:
    assert compare(b"x" * 1000 + b"A", b"x" * 1000 + b"B")[1].endswith("^ byte 1000")


def test_long_bytes_are_cut_around_the_first_wrong_one() -> None:
    wanted, got = (b"a" * 500 + middle + b"z" * 500 for middle in (b"right", b"wrong"))
    shown_wanted, shown_got = compare(wanted, got)
    assert re.fullmatch(r'…\d+ bytes… "a+rightz+" …\d+ more \(1005 bytes\)', shown_wanted)
    assert re.fullmatch(r'…\d+ bytes… "a+wrongz+" …\d+ more \(1005 bytes\)', shown_got.splitlines()[0])
    assert len(shown_wanted) < 120


@pytest.mark.parametrize("at", range(300, 306))
def test_a_cut_falls_between_characters(at: int) -> None:
    wanted, got = ("信息".encode() * 200 for _ in range(2))
    got = got[:at] + b"!" + got[at + 1 :]
    shown = compare(wanted, got)[0].split('"')[1]
    assert set(shown) == set("信息")


def test_bytes_that_are_no_text_are_cut_anywhere() -> None:
    shown = compare(b"\x80" * 1000 + b"A", b"\x80" * 1000 + b"B")[1].splitlines()[0]
    assert shown.startswith('…976 bytes… "')
    assert len(shown) < 150


def test_nothing_is_told_as_nothing() -> None:
    assert compare(b"HELLO", b"") == ('"HELLO" (5 bytes)', "nothing")


def test_something_is_compared_with_nothing() -> None:
    assert compare(b"", b"hi")[1].splitlines()[0] == '"hi" (2 bytes)'


@pytest.mark.parametrize(("data", "words"), [(b"", "0 bytes"), (b"x", "1 byte"), (b"xx", "2 bytes")])
def test_bytes_are_counted(data: bytes, words: str) -> None:
    assert count(data) == words


# The conversation


def talk(events: int) -> Sequence[str]:
    transcript = Transcript()
    for number in range(events):
        transcript.add("client 1", "sent", b"%d" % number)
    return conversation(transcript.events)


def test_a_conversation_has_a_line_for_each_event() -> None:
    transcript = Transcript()
    transcript.add("client 1", "dialled")
    transcript.add("client 1", "sent", b"hello\n")
    assert conversation(transcript.events) == ["client 1 dialled", r'client 1 sent "hello\n" (6 bytes)']


def test_a_long_conversation_is_folded_in_the_middle() -> None:
    lines = talk(1000)
    assert len(lines) == 2 * FOLD + 1
    assert lines[FOLD] == f"… {1000 - 2 * FOLD} more …"
    assert lines[FOLD - 1].startswith(f'client 1 sent "{FOLD - 1}"')
    assert lines[-1].startswith('client 1 sent "999"')


def test_folding_never_makes_a_conversation_longer() -> None:
    assert talk(2 * FOLD + 1) == [
        f'client 1 sent "{number}" ({count(b"%d" % number)})' for number in range(2 * FOLD + 1)
    ]
    assert len(talk(2 * FOLD + 2)) == 2 * FOLD + 1


# All of it


STORY = Story(
    "HELLO\nin capitals",
    "hello",
    "it shouts too little",
    (Event("client 1", "dialled", None, 0), Event("client 1", "hung up", None, 1)),
    "printed",
)


def test_the_headline_is_the_cause() -> None:
    assert STORY.headline == "it shouts too little"


def test_without_a_cause_the_headline_says_what_was_wanted_and_what_came() -> None:
    assert Story("HELLO\nin capitals", "hello\n^", "").headline == "wanted HELLO, got hello"


def test_the_parts_of_a_story_stand_in_columns() -> None:
    assert STORY.text().splitlines() == [
        "  wanted        HELLO",
        "                in capitals",
        "  got           hello",
        "  cause         it shouts too little",
        "  conversation  client 1 dialled",
        "                client 1 hung up",
    ]


def test_a_story_without_a_cause_leaves_it_out() -> None:
    assert "cause" not in Story("a", "b", "").text()


@pytest.mark.parametrize("got", ["", "\n", "\n\n"], ids=repr)
def test_a_story_of_empty_lines_can_be_told(got: str) -> None:
    assert Story(got, got, "").headline == "wanted , got "


def test_a_part_has_its_lines_indented_alike() -> None:
    assert part("why", "one\ntwo") == "  why           one\n                two"
    assert part("why", "").strip() == "why"


def test_what_a_program_printed_cannot_steer_a_terminal() -> None:
    assert part("it printed", "\x1b[31mred\x1b]0;title\x07\r\u202etxt.exe\n\ttwo") == (
        "  it printed    \\x1b[31mred\\x1b]0;title\\x07\\r\\u202etxt.exe\n                \ttwo"
    )
