"""A hostile text is text and nothing else, wherever it goes."""

from __future__ import annotations

import unicodedata
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, strategies
from markdown_it import MarkdownIt

from callbox.grading.exports import safe
from callbox.grading.exports.points import number, written
from callbox.shown import harmless
from suites.bench.hostile import DRAWN, with_any_text
from suites.bench.results import HOSTILE
from suites.bench.tags import Tags


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb", "a\nb"),
        ("a\rb", r"a\rb"),
        ("\x1b[2J\x00", r"\x1b[2J\x00"),
        ("\udcff", r"\xff"),
        ("\ud800", r"\ud800"),
        ("\u202eevil", r"\u202eevil"),
        ("\u2028\x85\ufeff", r"\u2028\x85\ufeff"),
        ("信息\u3000😀\t\xa0", "信息\u3000😀\t\xa0"),
    ],
)
def test_what_is_no_text_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert harmless(text) == shown


@with_any_text
def test_what_is_plain_is_utf8_and_xml_and_moves_no_cursor(text: str) -> None:
    plain = harmless(text)
    assert plain.encode().decode() == plain
    assert not {character for character in plain if unicodedata.category(character)[0] == "C"} - {"\n", "\t"}
    element = ET.Element("a")
    element.text = plain
    assert ET.fromstring(ET.tostring(element)).text == (plain or None)
    assert harmless(plain) == plain


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@a", "＝1", "＋1", "－1", "＠a", "﹦1", " =1", "\t=1", "\r\n=1", "\u3000=1"]
)
def test_a_formula_is_marked_as_text(text: str) -> None:
    assert safe.cell(text).startswith("'")


@with_any_text
def test_no_cell_begins_a_formula_or_ends_a_row(text: str) -> None:
    cell = safe.cell(text)
    assert not unicodedata.normalize("NFKC", cell).lstrip().startswith(("=", "+", "-", "@"))
    assert len(cell.splitlines()) <= 1
    assert "\t" not in cell


@pytest.mark.parametrize("text", ["1", "alice", "a-b", "信息", "'quoted'", ""])
def test_a_harmless_cell_stays_as_it_is(text: str) -> None:
    assert safe.cell(text) == text


@with_any_text
def test_a_block_is_one_block_of_markdown_and_its_text(text: str) -> None:
    page = Tags(MarkdownIt("commonmark", {"html": True}).render(safe.block(text) + "\n\n*after*\n"))
    assert page.tags == ["pre", "p", "em"]
    assert page.text.startswith(harmless(text))


@with_any_text
def test_a_command_is_one_line_that_tells_the_text(text: str) -> None:
    data, prop = safe.command_data(text), safe.command_property(text)
    assert len(data.splitlines()) <= 1
    assert data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%") == harmless(text)
    assert not {":", ",", "\n", "\r"} & set(prop)


def test_a_long_text_is_cut_and_says_so() -> None:
    cut = safe.capped(HOSTILE[-1], "… {count} more", 100)
    assert cut == "x" * 100 + "\n… 19900 more"
    assert safe.capped("short {count}", "… {count} more", 100) == "short {count}"


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ("2", "2"),
        ("1/3", "0.33"),
        ("1/8", "0.125"),
        ("0.00001", "0"),
        ("-1/3", "-0.33"),
        ("2.99999", "3"),
        ("2/3", "0.67"),
        ("12.3456", "12.3456"),
        ("100000000.01", "100000000.01"),
    ],
)
def test_points_are_what_a_rubric_can_ask_for_or_hundredths(points: str, told: str) -> None:
    assert written(Fraction(points)) == told


def test_a_country_writes_a_decimal_comma() -> None:
    assert written(Fraction(5, 2), ",") == "2,5"


@DRAWN
@given(strategies.fractions(-10_000, 10_000))
def test_points_lose_less_than_a_hundredth(points: Fraction) -> None:
    assert abs(Fraction(str(number(points))) - points) <= Fraction(1, 200)
