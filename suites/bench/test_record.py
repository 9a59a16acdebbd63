"""Records and sentences survive being kept, and sentences are told in another language afterwards."""

from __future__ import annotations

import pickle
from string import Formatter

import pytest

from callbox.catalogue import Level
from callbox.events import Capture, What, WireEvent
from callbox.record import RECORDS, Record
from callbox.saying import Saying, in_language, say, table
from callbox.story import Story
from callbox.subject import Outcome
from callbox.transcript import Act, Event
from callbox.verdict import Verdict

BASE = say("it rests on {base}, which failed", base="a.b.c")
INSIDE = say("{program} does not get that far: {why}", program="server.py", why=BASE)


def test_a_sentence_is_its_english_text() -> None:
    assert BASE == "it rests on a.b.c, which failed"
    assert in_language(BASE, "en") == BASE


def test_a_sentence_in_a_sentence_is_told_in_the_same_language() -> None:
    told = in_language(INSIDE, "zh")
    assert in_language(BASE, "zh") in told
    assert in_language(BASE, "zh") != BASE


def test_what_is_no_sentence_of_ours_stays_as_it_is() -> None:
    assert in_language("it rests on {base}, which failed", "zh") == "it rests on {base}, which failed"


def test_a_sentence_survives_pickling() -> None:
    again = pickle.loads(pickle.dumps(INSIDE))
    assert in_language(again, "zh") == in_language(INSIDE, "zh")


@pytest.mark.parametrize("lang", ["zh"])
def test_translations_name_the_values_of_their_templates(lang: str) -> None:
    for template, translation in table(lang).items():
        assert names(template).keys() == names(translation).keys(), template


def names(template: str) -> dict[str, str]:
    return {name: name for _, name, _, _ in Formatter().parse(template) if name}


def test_a_record_survives_being_kept() -> None:
    wire = Capture((WireEvent(0.5, "client 1", "program", What.DATA, b"\xff\x00", 2),), 1, 2, b"\xd4\xc3\xb2\xa1\x00")
    told = (Event("client 1", "sent", b"\xff\n", 0.25, Act.SEND, "program"), Event("program", "ended", None, 1.5))
    story = Story("WORD", "word", BASE, told, "printed", wire)
    records = (
        Record("server.py", "tcp-once-server", "a.b.d", Level.MUST, Outcome(Verdict.FAILED, story), 0.1, story),
        Record(
            "server.py", "tcp-once-server", "a.b.e", Level.SHOULD, Outcome(Verdict.NOT_JUDGED, None, BASE, "a.b.c"), 0
        ),
    )
    again = RECORDS.validate_json(RECORDS.dump_json(records))
    assert again == records
    assert isinstance(again[1].outcome.reason, Saying)
    assert again[1].rests_on_failed
    assert not again[0].rests_on_failed


def test_what_is_no_text_is_kept_escaped() -> None:
    story = Story("a word", "printed \udcff", "")
    kept = RECORDS.dump_json((Record("a.py", "r", "a.b.c", Level.MUST, Outcome(Verdict.FAILED, story), 0),))
    assert r"printed \\udcff" in kept.decode()
