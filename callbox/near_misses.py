"""The usual near misses: what the bytes that came say of the reason why they are not the wanted ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from callbox.saying import say
from callbox.shown import show, size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from callbox.saying import Saying

Found = tuple[bool, "Saying"]

FUNCTIONS: list[tuple[Callable[[bytes], bytes], Saying]] = [
    (bytes, say("it gave back what came, unchanged")),
    (bytes.capitalize, say("it changed only the first letter, as capitalize() does")),
    (bytes.title, say("it changed the first letter of each word, as title() does")),
    (bytes.lower, say("it gave small letters, as lower() does")),
    (bytes.upper, say("it gave capitals, as upper() does")),
    (bytes.swapcase, say("it turned capitals into small letters as well, as swapcase() does")),
]
"""What is called in place of what was asked for."""
ENCODINGS = ("gb18030", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1")
MISTAKEN_FOR = ("latin-1", "cp1252", "gb18030")
"""Encodings that UTF-8 is read as."""
LENGTHS = (1, 2, 4, 8)
"""Bytes in which the length of a message is sent before it."""


@dataclass(frozen=True)
class Talk:
    """What was said before the bytes that are looked at."""

    said: bytes = b""
    """to the program, last"""
    typed: bool = False
    """at its keyboard, not on the line"""
    earlier: tuple[bytes, ...] = ()
    """to it, before that"""
    answers: tuple[bytes, ...] = ()
    """by it"""
    others: Mapping[str, bytes] = field(default_factory=dict)
    """to it, last, by each of the others"""


def of_difference(wanted: bytes, got: bytes, talk: Talk | None = None) -> Saying:
    """Why these bytes came in place of the wanted ones, as far as they tell; empty when it is none of the usual mistakes."""
    talk = talk or Talk()
    kinds = (added(wanted, got, talk), of_another(wanted, got, talk), changed(wanted, got, talk), left_out(wanted, got))
    return next((told for kind in kinds for holds, told in kind if holds), say(""))


def added(wanted: bytes, got: bytes, talk: Talk) -> Iterator[Found]:
    """The wanted bytes are there, and others too."""
    before, there, after = got.partition(wanted) if wanted else (b"", b"", got)
    yield got == wanted + b"\n" != b"\n", say("it gave the right bytes, with a newline added")
    yield after == b"\r\n" and not before, say("it gave the right bytes, with a carriage return and a newline added")
    yield bool(after) and not (before or after.strip(b"\0")), say("it gave the right bytes, padded with NUL bytes")
    yield bool(after) and not (before or after.strip(b" ")), say("it gave the right bytes, padded with blanks")
    yield got == talk.said and got.strip() == wanted, say("it left the blanks and line ends around the message")
    yield bool(there) and got == wanted * 2, say("it gave the right bytes twice")
    yield got.startswith((b"b'", b'b"')), say("it sent the repr of a bytes object, not the bytes")
    yield (
        bool(there and before) and is_length(before, len(wanted)),
        say("it gave the right bytes, with their number in {size} before them", size=size_of(len(before))),
    )
    yield (
        bool(there and after) and not before and any(each[len(wanted) :].startswith(after) for each in talk.answers),
        say("it gave the right bytes, and after them the end of an answer before: {what}", what=show(after)),
    )
    for who, said in talk.others.items():
        theirs = bool(there) and len(before) > 2 and any(before in function(said) for function, _ in FUNCTIONS)
        yield theirs, say("it gave the right bytes, and before them an answer that is {who}'s", who=who)
    again = bool(there) and len(before) > 2 and before in b"".join(talk.answers)
    yield again, say("it gave the right bytes, and before them what it had answered already")
    yield (
        bool(there and before and after),
        say("it gave the right bytes between {before} and {after}", before=show(before), after=show(after)),
    )
    yield bool(there and before), say("it gave the right bytes, with {what} put before them", what=show(before))
    yield bool(after) and not before, say("it gave the right bytes, with {what} added", what=show(after))


def is_length(data: bytes, number: int) -> bool:
    """Is it this number, in any byte order?"""
    return len(data) in LENGTHS and number in {int.from_bytes(data, "big"), int.from_bytes(data, "little")}


def of_another(wanted: bytes, got: bytes, talk: Talk) -> Iterator[Found]:
    """It is the answer to something else."""
    # One letter is soon the same as another.
    same = {each for each in talk.answers if len(each) > 2 or len(each) != len(wanted)} - {talk.said}
    yield len(talk.answers) > 1 and same == {got}, say("it gives the same answer to everything")
    yield got in same, say("it gave an answer once more that it had given before")
    late = len(got) > 2 and any(got in function(said) for said in talk.earlier for function, _ in FUNCTIONS)
    yield late and got != talk.said, say("it gave an answer to what had been said before")
    for who, said in talk.others.items():
        theirs = {said, *(function(said) for function, _ in FUNCTIONS)}
        yield bool(said) and got in theirs and wanted not in theirs, say("it gave the answer that is {who}'s", who=who)


def changed(wanted: bytes, got: bytes, talk: Talk) -> Iterator[Found]:
    """The wanted bytes, as another function, another encoding or another hand would have made them."""
    base = wanted if talk.typed else talk.said or wanted  # what is typed is stripped, and then sent
    for function, told in FUNCTIONS:
        yield function(base) == got != wanted, told
    yield got != wanted and got.lower() == wanted.lower(), say("it gave the right letters in the wrong case")
    text = wanted.decode("utf-8", "replace")
    yield text.encode() == got, say("it put U+FFFD in place of bytes that are no UTF-8")
    yield text.upper().encode() == got, say("it changed letters outside ASCII: it changes text, not bytes")
    for name in ENCODINGS:
        yield got == in_encoding(text, name), say("it encoded the text as {encoding}", encoding=name)
    for name in MISTAKEN_FOR:
        mistaken = talk.said.decode(name, "replace")
        given = {each.encode(target, "replace") for each in (mistaken, mistaken.upper()) for target in (name, "utf-8")}
        yield not talk.said.isascii() and got in given, say("it took the bytes for {encoding} text", encoding=name)
    yield text.encode("ascii", "replace") == got, say("it put ? in place of characters outside ASCII")
    yield wanted.replace(b"\n", b"\r\n") == got, say("it turned newlines into CR LF")
    yield wanted.replace(b"\r\n", b"\n") == got, say("it turned CR LF into newlines")
    yield len(wanted) > 1 and got == wanted[::-1], say("it turned the bytes round")
    yield (
        len(wanted) == len(got) > 1 and sorted(wanted) == sorted(got),
        say("it gave the right bytes in another order"),
    )
    differing = {right for right, came in zip(wanted, got, strict=False) if right != came}
    yield (
        len(wanted) == len(got) and not any(chr(each).isalpha() for each in differing),
        say("it changed bytes that are no letters"),
    )


def in_encoding(text: str, name: str) -> bytes | None:
    """A text in an encoding; None where that has not all of its characters."""
    try:
        return text.encode(name)
    except UnicodeEncodeError:
        return None


def left_out(wanted: bytes, got: bytes) -> Iterator[Found]:
    """Something of the wanted bytes is missing."""
    lines, words = wanted.splitlines(), wanted.split()
    yield got == wanted.strip(), say("it took away the blanks and line ends around the message")
    yield bool(got) and got == wanted.partition(b"\0")[0], say("it stopped at the first NUL byte, where C strings end")
    yield wanted.replace(b"\0", b"") == got, say("it left out NUL bytes")
    yield len(lines) > 1 and got.strip() == lines[0].strip(), say("it gave only the first line")
    yield len(words) > 1 and got == words[0], say("it gave only the first word")
    yield got in (b"".join(lines), wanted.replace(b"\n", b"")), say("it left out the line ends")
    yield b"".join(words) == got, say("it left out the blanks")
    yield b" ".join(words) == got, say("it left one blank of several")
    yield bytes(each for each in wanted if each < 128) == got, say("it left out all that is not ASCII")
    yield wanted.decode("utf-8", "ignore").encode() == got, say("it left out bytes that are no UTF-8")
    yield len(wanted) > 1 and got in (wanted[1:], wanted[:-1]), say("it left out one byte")
    yield (
        bool(got) and wanted.endswith(got),
        say("it gave only the last {some} of {all} bytes", some=len(got), all=len(wanted)),
    )
    rest = iter(wanted)
    few = 0 < len(wanted) - len(got) < len(wanted) // 10 and not wanted.startswith(got)
    first = next((at for at, (right, came) in enumerate(zip(wanted, got, strict=False)) if right != came), 0)
    yield (
        few and all(each in rest for each in got),
        say(
            "it left out {number} of {all} bytes, the first of them byte {first}",
            number=len(wanted) - len(got),
            all=len(wanted),
            first=first,
        ),
    )


def of_surplus(got: bytes, talk: Talk | None = None, answer: bytes | None = None) -> Saying:
    """Why bytes came that nobody had asked for; `answer` is the right one to what was said last."""
    talk = talk or Talk()
    last = talk.answers[-1] if talk.answers else None
    kinds = [
        (talk.typed and not talk.said.strip() and not got.strip(), say("it sent the empty line that was typed")),
        (talk.typed and got.strip() == talk.said.strip(), say("it sent what was typed: {what}", what=show(got))),
        (not got, say("it sent an empty datagram")),
        (not got.strip(b"\r\n"), say("it adds a newline to what it says")),
        (not got.strip(b"\0"), say("it pads what it says with NUL bytes")),
        (
            bool(last and answer and answer.startswith(last + got)),
            say("it answered more of the message than it should: {size} more", size=size_of(len(got))),
        ),
        (got == last == answer, say("it gave its answer a second time")),
        (got == answer, say("it answered once more than it should")),
    ]
    return next((told for holds, told in kinds if holds), say("it says {what} without being spoken to", what=show(got)))


def of_print(text: str, answer: bytes, output: str) -> Saying:
    """Why a text is not among what was printed; empty when what was printed does not tell."""
    kinds = [
        (repr(answer) in output, say("it printed the repr of a bytes object, not the text")),
        (bool(text) and text.upper() in output, say("it printed the text in capitals")),
        (bool(text) and text.lower() in output, say("it printed the text in small letters")),
        (repr(text)[1:-1] in output, say("it printed the text with escapes, as repr does")),
    ]
    return next((told for holds, told in kinds if holds), say(""))
