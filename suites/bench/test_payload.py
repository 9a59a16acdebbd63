"""Tests of callbox.payload: what is said to a program asks no more of it than the check that says it."""

from __future__ import annotations

import random

import pytest

from callbox.payload import Payload, caseless


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "gbk"])
def test_any_bytes_are_the_same_in_capitals_as_bytes_and_as_text(encoding: str) -> None:
    payload = Payload(random.Random(1))
    for _ in range(300):
        data = caseless(payload.octets(88), encoding)
        as_text = data.decode(encoding, "surrogateescape").upper().encode(encoding, "surrogateescape")
        assert as_text == data.upper()


def test_what_has_no_case_and_what_is_no_text_stays() -> None:
    data = "信息 😀 a".encode() + b"\xff\xa0\xe4\xbf\xc3"
    assert caseless(data, "utf-8") == data
    assert caseless("é信ß".encode() + b"\xc3", "utf-8") == "?信?".encode() + b"\xc3"


@pytest.mark.parametrize("quit_word", ["q", "exit", "thequickbrownfoxjumpsoverthelazydog"])
def test_a_word_is_never_taken_for_the_quit_word(quit_word: str) -> None:
    word = Payload(random.Random(1), quit_word).word(1000)
    assert len(word) == 1000
    assert quit_word not in word
