"""The words are in order, and a catalogue that is not says so in one clear line a mistake."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from callbox.assignment import ROLES
from callbox.catalogue import LANGUAGES, PLACEHOLDERS, Catalogue, CatalogueError, Level, load

SUITES = Path(__file__).parents[1]
# What the words must not spell out: any number but 0 that is not part of a name such as UTF-8 or AF_INET6.
NUMBER = re.compile(r"(?<![\w.-])[1-9]", re.ASCII)

RIGHT = """
[suite]
roles = ["udp-server", "udp-client"]
ground = "exchange.answers"
en = "UDP"
zh = "UDP"

[exchange.answers]
level = "MUST"
source = "udp(7)"
en = { says = "answers {recv_size} bytes", why = "Why.", try = "Try." }
zh = { says = "回应", why = "原因。", try = "建议。" }

[exchange.answers_twice]
level = "SHOULD"
roles = ["udp-server"]
rests_on = ["exchange.answers"]
source = "udp(7)"
en = { says = "answers twice", why = "Why.", try = "Try." }
zh = { says = "回应两次", why = "原因。", try = "建议。" }
"""

Written = Callable[[str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(text: str) -> Path:
        file = tmp_path / "suites" / "udp" / "behaviours.toml"
        file.parent.mkdir(parents=True)
        file.write_text(text, "utf-8")
        return tmp_path / "suites"

    return write


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(SUITES)


def test_every_role_has_something_demanded_of_it(catalogue: Catalogue) -> None:
    assert all(any(row.level is Level.MUST for row in catalogue.for_role(role)) for role in ROLES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_fill_in_the_assignment_and_spell_out_none_of_its_numbers(catalogue: Catalogue, language: str) -> None:
    terms = dict.fromkeys(PLACEHOLDERS, "▢")
    for row in catalogue.values():
        words = row.words(language, terms)
        for text in (words.says, words.why, words.tries):
            assert not NUMBER.search(text), (row.id, text)
            assert "{" not in text, (row.id, text)


def test_sentences_end_and_what_follows_the_name_of_a_program_does_not(catalogue: Catalogue) -> None:
    for row in catalogue.values():
        for texts in row.texts.values():
            assert texts.says[-1] not in ".。", row.id
            assert {texts.why[-1], texts.tries[-1]} <= {".", "。"}, row.id


def test_each_language_is_written_in_its_own_script(catalogue: Catalogue) -> None:
    for row in catalogue.values():
        for language, texts in row.texts.items():
            for text in (texts.says, texts.why, texts.tries):
                assert bool(re.search("[一-鿿]", text)) is (language == "zh"), (row.id, text)


def test_what_is_demanded_never_rests_on_advice(catalogue: Catalogue) -> None:
    for row in catalogue.values():
        for other in row.rests_on:
            assert catalogue.find(other).level is Level.MUST, (row.id, other)
            assert set(row.roles) & set(catalogue.find(other).roles), (row.id, other)


def test_a_behaviour_carries_what_its_row_says(written: Written) -> None:
    base, other = load(written(RIGHT)).values()
    assert (base.id, base.level, base.roles) == ("udp.exchange.answers", Level.MUST, ("udp-server", "udp-client"))
    assert (other.level, other.roles, other.rests_on) == (Level.SHOULD, ("udp-server",), (base.id,))
    assert base.words("en", {"recv_size": 77}).says == "answers 77 bytes"
    assert base.words("zh", {}).tries == "建议。"


def test_a_suite_without_roles_is_of_the_platform_and_of_no_program(written: Written) -> None:
    without = RIGHT.replace('["udp-server", "udp-client"]', "[]").replace('roles = ["udp-server"]\n', "")
    catalogue = load(written(without.replace('ground = "exchange.answers"', "")))
    assert [(row.roles, row.is_ground) for row in catalogue.values()] == [((), False), ((), False)]
    assert not any(catalogue.for_role(role) for role in ROLES)


def test_a_term_that_holds_braces_is_taken_as_it_is(written: Written) -> None:
    assert (
        load(written(RIGHT)).find("udp.exchange.answers").words("en", {"recv_size": "{x}"}).says == "answers {x} bytes"
    )


MISTAKES = {
    "level": ('"SHOULD"', '"should"', 'exchange.answers_twice.level: unknown level "should"; did you mean "SHOULD"?'),
    "role": ('"udp-client"]', '"udp-cleint"]', 'suite.roles.1: unknown role "udp-cleint"; did you mean "udp-client"?'),
    "role of a row": (
        '["udp-server"]',
        '["udp-sever"]',
        'exchange.answers_twice.roles: unknown role of this suite "udp-sever"; did you mean "udp-server"?',
    ),
    "no roles at all": (
        '["udp-server"]',
        "[]",
        "exchange.answers_twice.roles: Tuple should have at least 1 item after validation, not 0",
    ),
    "suite without roles": (
        '["udp-server", "udp-client"]\nground = "exchange.answers"',
        "[]",
        'exchange.answers_twice.roles: unknown role of this suite "udp-server"',
    ),
    "ground without roles": (
        RIGHT,
        RIGHT.replace('["udp-server", "udp-client"]', "[]").replace('roles = ["udp-server"]\n', ""),
        "suite.ground: a suite without roles judges no program, and has no ground",
    ),
    "field of a row": (
        "rests_on",
        "rest_on",
        'exchange.answers_twice.rest_on: unknown field "rest_on"; did you mean "rests_on"?',
    ),
    "field of the words": (
        '"回应两次", why',
        '"回应两次", whys = "多", why',
        'exchange.answers_twice.zh.whys: unknown field "whys"; did you mean "why"?',
    ),
    "field of the suite": (
        'en = "UDP"',
        'en = "UDP"\nrole = "x"',
        'suite.role: unknown field "role"; did you mean "roles"?',
    ),
    "missing field": ('level = "SHOULD"', "", "exchange.answers_twice.level: is missing"),
    "missing words": ('says = "回应两次", ', "", "exchange.answers_twice.zh.says: is missing"),
    "missing language": (
        'zh = { says = "回应两次", why = "原因。", try = "建议。" }',
        "",
        "exchange.answers_twice.zh: is missing",
    ),
    "empty words": ('"回应两次"', '" "', "exchange.answers_twice.zh.says: String should have at least 1 character"),
    "no table": ('zh = "UDP"', 'zh = "UDP"\n[listening]\nlistens = true', "listening.listens: is no table"),
    "rests on nothing known": (
        '["exchange.answers"]',
        '["exchange.answer"]',
        'exchange.answers_twice.rests_on: unknown behaviour "exchange.answer"; did you mean "exchange.answers"?',
    ),
    "rests on itself": (
        '["exchange.answers"]',
        '["exchange.answers_twice"]',
        "exchange.answers_twice.rests_on: goes round in a circle, exchange.answers_twice → exchange.answers_twice",
    ),
    "placeholder": (
        "{recv_size}",
        "{recvsize}",
        'exchange.answers.en.says: unknown placeholder "recvsize"; did you mean "recv_size"?',
    ),
    "lone brace": ("{recv_size}", "{", "exchange.answers.en.says: expected '}' before end of string"),
    "id that is there twice": (
        "answers_twice]",
        "answers]",
        "Cannot declare ('exchange', 'answers') twice (at line 14, column 18)",
    ),
}


@pytest.mark.parametrize(("old", "new", "line"), MISTAKES.values(), ids=MISTAKES.keys())
def test_each_mistake_gives_its_one_line(written: Written, old: str, new: str, line: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        load(written(RIGHT.replace(old, new)))
    assert str(caught.value) == f"suites/udp/behaviours.toml: {line}"


def test_all_mistakes_of_a_file_are_told_at_once(written: Written) -> None:
    with pytest.raises(CatalogueError) as caught:
        load(written(RIGHT.replace("level", "levle")))
    assert len(str(caught.value).splitlines()) == 4  # two rows: a field that is missing, a field that is unknown


def test_a_folder_without_words_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no suite in it has"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("ask", "line"),
    [
        (
            lambda c: c.find("udp.exchange.answer"),
            'unknown behaviour "udp.exchange.answer"; did you mean "udp.exchange.answers"?',
        ),
        (lambda c: c.for_role("udp_server"), 'unknown role "udp_server"; did you mean "udp-server"?'),
        (lambda c: c["udp.exchange.answers"].words("zhh", {}), 'unknown language "zhh"; did you mean "zh"?'),
        (
            lambda c: c["udp.exchange.answers"].words("en", {}),
            "udp.exchange.answers: the assignment says nothing of {recv_size}",
        ),
    ],
    ids=["behaviour", "role", "language", "term"],
)
def test_asking_for_what_is_not_there_names_what_is(
    written: Written, ask: Callable[[Catalogue], object], line: str
) -> None:
    catalogue = load(written(RIGHT))
    with pytest.raises(CatalogueError) as caught:
        ask(catalogue)
    assert str(caught.value) == line
