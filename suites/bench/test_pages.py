"""The pages of a class and of a student: what is on them, how large they grow, and that nothing in them acts."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import unicodedata
import zlib
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import nodes

from callbox.catalogue import LANGUAGES
from callbox.grading.pages import classroom, feedback, paper
from callbox.grading.pages.classroom import class_html
from callbox.grading.pages.feedback import feedback_html, feedback_text
from callbox.grading.pages.figures import spread
from callbox.grading.pages.packing import NOTHING, pack
from callbox.grading.pages.safe import clip, last_lines
from callbox.shown import harmless
from callbox.verdict import Verdict
from suites.bench.a_class import CLIENT, SERVER, a_class, a_record, a_result, asked, telling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from callbox.grading.result import Result

PAGES = Path(paper.__file__).parent
XHTML = "{http://www.w3.org/1999/xhtml}"
UPPER, NEXT, CLOSE = (
    "tcp_server.exchange.upper_cases_ascii",
    "tcp_server.lifetime.serves_the_next_client",
    "tcp_server.disconnects.survives_a_close",
)
LISTENS, QUITS = "tcp_server.listening.listens", "tcp_client.ending.quits_on_q"
POISON = (
    "<script>owned()</script>",
    "</script><script>owned()</script>",
    "<img src=http://example.org/x onerror=owned()>",
    "<!--<script>",
    "\x1b[2J\x07\x00\x85",
    "\u202e\u2066\u200f",
    "\u2028\u2029\ufeff",
    "\ud800",
    "{{ 7 * 7 }}{% raw %}",
    '"`&amp;\\u003c',
)
poison = st.one_of(st.sampled_from(POISON), st.text(st.characters(), max_size=40)).map(str)


def parse(page: str) -> Element:
    """The page's tree; a mistake in its HTML is an error."""
    tree = html5lib.HTMLParser(strict=True).parse(page.encode("utf-8"), transport_encoding="utf-8")
    assert isinstance(tree, Element)
    return tree


def elements(tree: Element, *names: str) -> list[Element]:
    return [one for name in names for one in tree.iter(XHTML + name)]


def text_of(element: Element) -> str:
    return "".join(element.itertext())


def data_of(page: str) -> Any:
    (data,) = (one for one in elements(parse(page), "script") if one.get("id") == "data")
    return json.loads(text_of(data))


def stories_of(page: str, column: str) -> list[Any]:
    data = data_of(page)
    number = next(number for number, one in enumerate(data["columns"]) if one["id"] == column)
    lines = zlib.decompress(base64.b64decode(data["packs"][number])).decode().splitlines()
    return [json.loads(line) for line in lines]


def server_result(*verdicts: tuple[str, Verdict, str], hidden: tuple[str, ...] = (), said: str = "no") -> Result:
    """Of a server: behaviour, verdict, and what that rests on."""
    records = [a_record(name, SERVER, verdict, said, base=base) for name, verdict, base in verdicts]
    return a_result(records, hidden=hidden)


ALL_RESTS_ON_UPPER = (
    (CLOSE, Verdict.FAILED, ""),
    (UPPER, Verdict.FAILED, ""),
    (NEXT, Verdict.NOT_JUDGED, UPPER),
    ("tcp_server.listening.serves_the_queue_in_order", Verdict.NOT_JUDGED, NEXT),
    (LISTENS, Verdict.PASSED, ""),
    ("tcp_server.listening.restarts_at_once", Verdict.ADVISED, ""),
)

# ---- a student's page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_students_page_is_sound_html(lang: str) -> None:
    tree = parse(feedback_html(server_result(*ALL_RESTS_ON_UPPER), telling(lang, picture)))
    assert tree.get("lang", "").startswith(lang)
    assert not elements(tree, "script")
    assert [one.get("alt") for one in elements(tree, "img")] == [paper.words(lang)["picture"]] * 3


def picture(_: object) -> str:
    return '<svg xmlns="http://www.w3.org/2000/svg"><text>said &lt;b&gt;</text></svg>'


def test_what_is_to_be_mended_first_is_what_most_rests_on() -> None:
    tree = parse(feedback_html(server_result(*ALL_RESTS_ON_UPPER), telling()))
    (first,) = (one for one in elements(tree, "section") if one.get("class") == "first")
    (link,) = elements(first, "a")
    assert text_of(link) == telling().words(UPPER, SERVER).says
    (article,) = (one for one in elements(tree, "article") if f"#{one.get('id')}" == link.get("href"))
    assert UPPER in text_of(article)
    assert "rests on this: 2 more" in text_of(article)


def test_failures_come_in_the_order_of_the_material() -> None:
    mixed = a_result(
        [a_record(name, role, Verdict.FAILED) for name, role in ((CLOSE, SERVER), (UPPER, SERVER), (QUITS, CLIENT))]
    )
    tree = parse(feedback_html(mixed, telling()))
    told = [text_of(elements(one, "code")[0]) for one in elements(tree, "article")]
    assert told == [QUITS, UPPER, CLOSE]


def test_what_is_missed_for_the_same_reason_is_told_as_one() -> None:
    alike = [a_record(name, SERVER, Verdict.FAILED, cause="it forgets accept") for name in (CLOSE, NEXT)]
    (article,) = elements(parse(feedback_html(a_result(alike), telling())), "article")
    assert "for the same reason: 1 more" in text_of(article)
    assert telling().words(NEXT, SERVER).says in text_of(article)


def test_a_failure_is_told_with_its_words_and_its_story() -> None:
    record = a_record(UPPER, SERVER, Verdict.FAILED, "hello <b>")
    (article,) = elements(parse(feedback_html(a_result([record]), telling())), "article")
    words = telling().words(UPPER, SERVER)
    for told in (words.says, words.why, "hello <b>", "it said hello <b>", "client 1 dialled", "简单版TCP通信"):
        assert told.replace("`", "") in text_of(article)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_hidden_is_only_counted(lang: str) -> None:
    result = server_result(*ALL_RESTS_ON_UPPER, hidden=(UPPER,))
    words = telling(lang).words(UPPER, SERVER)
    for told in (feedback_html(result, telling(lang)), feedback_text(result, telling(lang))):
        assert words.says not in told
        assert "upper_cases_ascii" not in told
        assert paper.words(lang)["hidden"].format(count=1) in told
        assert paper.words(lang)["hidden_base"] in told  # of what rests on it


def test_a_student_who_did_everything_reads_so() -> None:
    well = server_result((LISTENS, Verdict.PASSED, ""), ("tcp_server.listening.restarts_at_once", Verdict.ADVISED, ""))
    page = feedback_html(well, telling())
    assert parse(page)
    assert paper.words("en")["all_well"] in page
    assert paper.words("en")["all_well"] in feedback_text(well, telling())
    unsure = server_result((LISTENS, Verdict.PASSED, ""), (UPPER, Verdict.INCONCLUSIVE, ""))
    assert paper.words("en")["all_well"] not in feedback_html(unsure, telling())


def test_what_could_not_be_judged_has_no_marks() -> None:
    result = vars(a_result([])) | {"problem": "nothing <here>"}
    told = feedback_html(type(a_result([]))(**result), telling())
    assert "nothing &lt;here&gt;" in told
    assert 'class="marks"' not in told


def test_a_page_that_would_grow_too_large_says_what_was_left_out() -> None:
    chance = random.Random(1)
    records = [a_record(name, role, Verdict.FAILED, scribble(chance, 30_000)) for name, role in asked(60)]
    page = feedback_html(a_result(records, note="\x00" * 9000), telling("en", huge_picture))
    assert len(page.encode()) < feedback.SIZE
    parse(page)
    assert re.search(
        r"To keep this page small, \d+ stories, \d+ pictures and scripts, and \d+ lines of lists were left out", page
    )


def test_no_flood_of_output_makes_a_page_too_large() -> None:
    records = [a_record(name, role, Verdict.FAILED, "\U000e0001\n" * 300_000) for name, role in asked(60)[:8]]
    assert len(feedback_html(a_result(records), telling()).encode()) < feedback.SIZE


def scribble(chance: random.Random, length: int) -> str:
    """Text that no one can compress, in lines."""
    return "\n".join(base64.b64encode(chance.randbytes(150)).decode() for _ in range(length // 200))


def huge_picture(record: Any) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg"><text>{scribble(random.Random(record.behaviour), 40_000)}</text></svg>'


# ---- the page of a class


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_class_page_is_sound_html(lang: str) -> None:
    page = class_html(a_class(5, 20), telling(lang))
    tree = parse(page)
    assert tree.get("lang", "").startswith(lang)
    assert [one.get("role") for one in elements(tree, "table")] == ["grid"]
    data = data_of(page)
    assert [len(student["codes"]) for student in data["students"]] == [20] * 5
    assert {one["role"] for one in data["columns"]} == {CLIENT}


def test_a_cell_has_its_story() -> None:
    one, other = (
        a_result([a_record(UPPER, SERVER, Verdict.FAILED, said)], key=key)
        for said, key in (("first", "s1"), ("second", "s2"))
    )
    page = class_html([one, other, one], telling("en", picture))
    assert [student["told"] for student in data_of(page)["students"]] == [[0], [1], [0]]  # told once
    stories = stories_of(page, UPPER)
    assert [story["tales"][0]["got"] for story in stories] == ["first", "second"]
    assert stories[0]["picture"] == picture(None)


def test_of_several_programs_of_a_role_the_gravest_shows() -> None:
    records = [a_record(UPPER, SERVER, verdict) for verdict in (Verdict.PASSED, Verdict.FAILED)]
    (student,) = data_of(class_html([a_result(records)], telling()))["students"]
    assert student["codes"] == "f"


def test_a_class_without_anybody_is_a_page() -> None:
    parse(class_html([], telling()))


def test_a_large_class_stays_below_five_megabytes_whatever_was_said() -> None:
    results = a_class(300, 60, lambda chance: scribble(chance, 1500))
    page = class_html(results, telling("en", lambda record: huge_picture(record)[:2000]))
    assert len(page.encode()) < 5_000_000
    assert "Stories that are shortened" in page
    data = data_of(page)
    assert len(data["students"]) == 300
    assert stories_of(page, data["columns"][-1]["id"])  # the last ones have room, too


def test_a_story_that_is_large_takes_no_room_from_the_others() -> None:
    large = [base64.b64encode(random.Random(1).randbytes(50_000)).decode()]
    small = ['{"small":1}']
    packed, less = pack([[lambda: large, lambda: small], [lambda: small]], 1000)
    told = [zlib.decompress(base64.b64decode(one)).decode().splitlines() for one in packed]
    assert told == [[NOTHING, *small], small]
    assert less == 1


def test_marks_are_spread_over_tenths() -> None:
    assert [one.count for one in spread([0, 9.99, 10, 99.9, 100, 120])] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 3]


# ---- nothing acts


@settings(max_examples=25, deadline=None)
@given(said=poison, name=poison)
@example(said="".join(POISON), name="".join(POISON))
def test_no_text_of_a_student_acts_on_their_page(said: str, name: str) -> None:
    result = a_result([a_record(UPPER, SERVER, Verdict.FAILED, said)], name, name, note=said)
    page = feedback_html(result, telling("en", picture))
    assert not elements(parse(page), "script")
    assert {one.get("src", "").partition(",")[0] for one in elements(parse(page), "img")} == {
        "data:image/svg+xml;base64"
    }
    assert_seen(page)
    assert_seen(feedback_text(result, telling()))


@settings(max_examples=25, deadline=None)
@given(said=poison, name=poison)
@example(said="".join(POISON), name="".join(POISON))
def test_no_text_of_a_student_acts_on_the_page_of_the_class(said: str, name: str) -> None:
    page = class_html([a_result([a_record(UPPER, SERVER, Verdict.FAILED, said)], name, name, note=said)], telling())
    assert [one.get("id") for one in elements(parse(page), "script")] == ["data", None]
    assert not elements(parse(page), "img")
    assert data_of(page)["students"][0]["name"] == clip(name, classroom.NAME)
    assert stories_of(page, UPPER)[0]["tales"][0]["got"] == harmless(said)
    assert_seen(page)


def assert_seen(page: str) -> None:
    """Nothing in it turns text round, steers a terminal, or is half a character."""
    kinds = {letter: unicodedata.category(letter) for letter in set(page) - {"\n", "\t"}}
    assert not [letter for letter, kind in kinds.items() if kind in {"Cc", "Cf", "Cs", "Zl", "Zp"}]


def test_texts_are_cut_in_their_middle() -> None:
    assert clip("a" * 50 + "b" * 50, 10) == "aaaaa … bbbbb"
    assert clip("short\x1b", 10) == r"short\x1b"
    assert last_lines("1\r\n2\r\n3\r\n", 2, 10) == "2\n3"


@pytest.mark.parametrize("page", ["feedback", "class"])
def test_the_policy_lets_only_our_own_style_and_script_act(page: str) -> None:
    results = a_class(2, 5)
    drawn = feedback_html(results[0], telling()) if page == "feedback" else class_html(results, telling())
    tree = parse(drawn)
    (policy,) = (one.get("content", "") for one in elements(tree, "meta") if one.get("http-equiv"))
    allowed = dict(part.split(" ", 1) for part in policy.split("; "))
    assert allowed["default-src"] == "'none'"
    assert allowed["style-src"] == hashes(elements(tree, "style"))
    scripts = [one for one in elements(tree, "script") if one.get("type") is None]
    assert allowed.get("script-src", "") == hashes(scripts)
    assert not re.search(r"(?i)\b(?:https?:)?//(?!www\.w3\.org)\w", re.sub(r'"packs":.*?\]', "", drawn))
    assert not [one for one in tree.iter() if {"style", "onclick", "onerror", "onload"} & set(one.attrib)]


def hashes(these: list[Element]) -> str:
    digests = (hashlib.sha256(text_of(one).encode()).digest() for one in these)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


# ---- words


def test_every_word_is_there_in_each_language() -> None:
    english, chinese = (paper.words(lang) for lang in ("en", "zh"))
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert fields(text) == fields(chinese[key]), key
        assert not hasattr(dict, key), f"{key}: a template would find the method of this name"


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_chinese_words_are_chinese() -> None:
    # Names of keys and of ourselves are the same in every language.
    for key, text in paper.words("zh").items():
        assert not re.findall("[A-Za-z]+", re.sub(r"\{\w+\}|callbox|Home|End|Enter|Esc", "", text)), key


@pytest.mark.parametrize("name", ["feedback.html", "class.html"])
def test_a_template_has_no_words_of_its_own(name: str) -> None:
    tree = paper.environment().parse((PAGES / name).read_text("utf-8"))
    markup = "\0".join(one.data for one in tree.find_all(nodes.TemplateData))
    seen = re.sub(r"<[^<>]*>", "", re.sub(r"<[^<>]*$|^[^<>]*>", "", markup))
    assert not re.findall(r"[A-Za-z]{2,}", re.sub(r"[\w-]*\"[^<]*?>", "", seen))


def test_every_word_is_used_and_every_word_that_is_used_is_there() -> None:
    known = paper.words("en").keys()
    assert set(used()) - known == set()
    assert known - set(used()) == set()


def used() -> Iterator[str]:
    """Keys that templates, the script and the text ask for."""
    for path in (*PAGES.glob("*.html"), *PAGES.glob("*.js"), *PAGES.glob("*.py")):
        source = path.read_text("utf-8")
        yield from re.findall(r"\bt\.(\w+)", source)
        yield from re.findall(r"\bwords\.(\w+)", source) if path.suffix == ".js" else ()
        yield from re.findall(r"(?:\bt|words\([\w.]+\))\[\"(\w+)\"\]", source)
    yield from (
        "wanted",
        "got",
        "cause",
        "conversation",
        "printed_last",
        "why",
        "try",
        "source",
    )  # parts of a story, by name
