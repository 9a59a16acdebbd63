"""What the bytes themselves say of a mistake: each of the usual ones has its own sentence, and the others have none."""

from __future__ import annotations

import pytest

from callbox.near_misses import Talk, of_difference, of_print, of_surplus

HELLO = Talk(b"hello")
MANY = Talk(b"hello", answers=(b"FIRST", b"FIRST"), others={"client 2": b"other"})
TITLE = Talk(b"hello big world")
MIXED = Talk(b"Hello World")
TYPED = Talk(b"  some text ", typed=True)
WIDE = "SHOW 信息".encode()

NEAR_MISSES = [
    (b"HELLO", b"HELLO\n", HELLO, "it gave the right bytes, with a newline added"),
    (b"HELLO", b"HELLO\r\n", HELLO, "it gave the right bytes, with a carriage return and a newline added"),
    (b"HELLO", b"HELLO\0\0\0", HELLO, "it gave the right bytes, padded with NUL bytes"),
    (b"HELLO", b"HELLO   ", HELLO, "it gave the right bytes, padded with blanks"),
    (b"HELLO", b"HELLOHELLO", HELLO, "it gave the right bytes twice"),
    (b"HELLO", b"ok: HELLO", HELLO, 'it gave the right bytes, with "ok: " (4 bytes) put before them'),
    (b"HELLO", b"HELLO!", HELLO, 'it gave the right bytes, with "!" (1 byte) added'),
    (b"HELLO", b"<HELLO>", HELLO, 'it gave the right bytes between "<" (1 byte) and ">" (1 byte)'),
    (b"HELLO", b"\0\0\0\5HELLO", HELLO, "it gave the right bytes, with their number in 4 bytes before them"),
    (b"HELLO", b"\5HELLO", HELLO, "it gave the right bytes, with their number in 1 byte before them"),
    (b"HI", b"HIRST", MANY, 'it gave the right bytes, and after them the end of an answer before: "RST" (3 bytes)'),
    (b"HELLO", b"b'HELLO'", HELLO, "it sent the repr of a bytes object, not the bytes"),
    (b"HELLO", b'b"HELLO"', HELLO, "it sent the repr of a bytes object, not the bytes"),
    (b"some text", b"  some text ", TYPED, "it left the blanks and line ends around the message"),
    (b"HELLO", b"hello", HELLO, "it gave back what came, unchanged"),
    (b"HELLO", b"Hello", HELLO, "it changed only the first letter, as capitalize() does"),
    (b"HELLO BIG WORLD", b"Hello Big World", TITLE, "it changed the first letter of each word, as title() does"),
    (b"HELLO WORLD", b"hELLO wORLD", MIXED, "it turned capitals into small letters as well, as swapcase() does"),
    (b"HELLO WORLD", b"hello world", MIXED, "it gave small letters, as lower() does"),
    (b"  text", b"  TEXT", Talk(b"  text", typed=True), "it gave capitals, as upper() does"),
    (b"HELLO", b"HELlO", HELLO, "it gave the right letters in the wrong case"),
    (b"HELLO", b"F", Talk(b"hello", answers=(b"F",)), "it gave an answer once more that it had given before"),
    (b"HELLO", b"FIRST", MANY, "it gives the same answer to everything"),
    (b"HELLO", b"FIRST", Talk(b"hello", answers=(b"FIRST",)), "it gave an answer once more that it had given before"),
    (b"HI", b"OTHERHI", MANY, "it gave the right bytes, and before them an answer that is client 2's"),
    (b"HI", b"FIRSTHI", MANY, "it gave the right bytes, and before them what it had answered already"),
    (b"HELLO", b"BEFORE", Talk(b"hello", earlier=(b"before",)), "it gave an answer to what had been said before"),
    (b"some text", b"SOME TEXT", TYPED, "it gave capitals, as upper() does"),
    (b"HELLO", b"OTHER", MANY, "it gave the answer that is client 2's"),
    ("GRüN".encode(), "GRÜN".encode(), HELLO, "it changed letters outside ASCII: it changes text, not bytes"),
    ("STRAßE".encode(), b"STRASSE", HELLO, "it changed letters outside ASCII: it changes text, not bytes"),
    (WIDE, "SHOW 信息".encode("gbk"), HELLO, "it encoded the text as gb18030"),
    (WIDE, "SHOW 信息".encode("utf-16"), HELLO, "it encoded the text as utf-16"),
    (b"HELLO", b"\xef\xbb\xbfHELLO", Talk(), 'it gave the right bytes, with "\\ufeff" (3 bytes) put before them'),
    ("É".encode(), "É".encode().decode("latin-1").encode(), Talk("É".encode()), "it took the bytes for latin-1 text"),
    (b"A\xff", "A\ufffd".encode(), HELLO, "it put U+FFFD in place of bytes that are no UTF-8"),
    (WIDE, b"SHOW ??", HELLO, "it put ? in place of characters outside ASCII"),
    (WIDE, b"SHOW ", HELLO, "it left out all that is not ASCII"),
    (b"A\xffB", b"AB", HELLO, "it left out all that is not ASCII"),
    ("信".encode() + b"\xff", "信".encode(), HELLO, "it left out bytes that are no UTF-8"),
    (b"A\nB", b"A\r\nB", HELLO, "it turned newlines into CR LF"),
    (b"A\r\nB", b"A\nB", HELLO, "it turned CR LF into newlines"),
    (b"HELLO", b"OLLEH", HELLO, "it turned the bytes round"),
    (b"HELLO", b"LLOHE", HELLO, "it gave the right bytes in another order"),
    (b"A1{", b"A1[", HELLO, "it changed bytes that are no letters"),
    (b" HELLO\n", b"HELLO", Talk(b" hello\n"), "it took away the blanks and line ends around the message"),
    (b"HEL\0LO", b"HEL", HELLO, "it stopped at the first NUL byte, where C strings end"),
    (b"H\0E\0L", b"HEL", HELLO, "it left out NUL bytes"),
    (b"ONE TWO\nTHREE", b"ONE TWO", HELLO, "it gave only the first line"),
    (b"ONE TWO", b"ONE", HELLO, "it gave only the first word"),
    (b"ONE\nTWO\n3", b"ONETWO3", HELLO, "it left out the line ends"),
    (b"ONE TWO", b"ONETWO", HELLO, "it left out the blanks"),
    (b"ONE  TWO", b"ONE TWO", HELLO, "it left one blank of several"),
    (b"HELLO", b"ELLO", HELLO, "it left out one byte"),
    (b"HELLO", b"LO", HELLO, "it gave only the last 2 of 5 bytes"),
    (bytes(range(99)), bytes(set(range(99)) - {7, 50}), HELLO, "it left out 2 of 99 bytes, the first of them byte 7"),
    (b"HELLO", b"WORLD", HELLO, ""),
    (b"HELLO", b"HEL", HELLO, ""),
    (b"HELLO", b"", HELLO, ""),
    (b"", b"hi", Talk(), 'it gave the right bytes, with "hi" (2 bytes) added'),
]


@pytest.mark.parametrize(("wanted", "got", "talk", "sentence"), NEAR_MISSES)
def test_a_near_miss_has_its_sentence(wanted: bytes, got: bytes, talk: Talk, sentence: str) -> None:
    assert of_difference(wanted, got, talk) == sentence


@pytest.mark.parametrize(
    ("got", "talk", "answer", "sentence"),
    [
        (b"\n", Talk(), None, "it adds a newline to what it says"),
        (b"\r\n", Talk(), None, "it adds a newline to what it says"),
        (b"\0\0", Talk(), None, "it pads what it says with NUL bytes"),
        (b"hello", Talk(), None, 'it says "hello" (5 bytes) without being spoken to'),
        (b"", Talk(), None, "it sent an empty datagram"),
        (b"HELLO", Talk(b"hello", answers=(b"HELLO",)), b"HELLO", "it gave its answer a second time"),
        (b"HELLO", Talk(b"hello", answers=(b"FIRST",)), b"HELLO", "it answered once more than it should"),
        (
            b"LO",
            Talk(b"hello", answers=(b"HEL",)),
            b"HELLO",
            "it answered more of the message than it should: 2 bytes more",
        ),
        (b"q", Talk(b"q", typed=True), None, 'it sent what was typed: "q" (1 byte)'),
        (b"\n", Talk(b"  ", typed=True), None, "it sent the empty line that was typed"),
    ],
)
def test_what_is_too_much_has_its_sentence(got: bytes, talk: Talk, answer: bytes | None, sentence: str) -> None:
    assert of_surplus(got, talk, answer) == sentence


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        ("answer: b'Hi'", "it printed the repr of a bytes object, not the text"),
        ("answer: HI", "it printed the text in capitals"),
        ("answer: hi", "it printed the text in small letters"),
        ("2 bytes came", ""),
    ],
)
def test_a_near_miss_in_print_has_its_sentence(printed: str, sentence: str) -> None:
    assert of_print("Hi", b"Hi", printed) == sentence
