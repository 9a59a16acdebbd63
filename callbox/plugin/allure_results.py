"""What Allure shows of a check, and the traps of allure-pytest dealt with."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import allure
from allure_commons import logger

from callbox.catalogue import Level
from callbox.ladder_svg import as_svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from callbox.catalogue import Behaviour, Words
    from callbox.ladder import Ladder
    from callbox.repeat import Repeat
    from callbox.subject import Outcome, Subject

SEVERITY = {
    Level.MUST: allure.severity_level.CRITICAL,
    Level.SHOULD: allure.severity_level.MINOR,
    Level.INFO: allure.severity_level.TRIVIAL,
}


def configure(config: pytest.Config) -> None:
    """A worker parses the command line again: it would clean away the results of the others."""
    if hasattr(config, "workerinput") and hasattr(config.option, "clean_alluredir"):
        config.option.clean_alluredir = False
    asdict = vars(logger)["asdict"]
    if not hasattr(asdict, "cleans"):
        vars(logger)["asdict"] = cleaning(asdict)


def cleaning(asdict: Any) -> Any:
    """Lone surrogates in a text would end the session when Allure writes it."""

    def clean_asdict(*args: Any, **kwargs: Any) -> Any:
        return clean(asdict(*args, **kwargs))

    clean_asdict.cleans = True  # type: ignore[attr-defined]
    return clean_asdict


def clean(value: Any) -> Any:
    """The same data, every text in it fit for UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(clean, value))
    return value


def describe(behaviour: Behaviour, subject: Subject, lang: str, suite_title: str) -> None:
    """Name and place of a check in the report."""
    words = behaviour.words(lang, subject.terms.placeholders())
    place(behaviour, words, suite_title)
    allure.dynamic.title(f"{subject.name} {words.says}")
    allure.dynamic.parameter("program", subject.name)
    allure.dynamic.parameter("role", subject.terms.role.name)


def describe_fact(behaviour: Behaviour, lang: str, suite_title: str) -> None:
    """Name and place of a check that has no program under test."""
    words = behaviour.words(lang, {})
    place(behaviour, words, suite_title)
    allure.dynamic.title(words.says)


def place(behaviour: Behaviour, words: Words, suite_title: str) -> None:
    """Where a behaviour belongs, how grave it is, and why it matters."""
    allure.dynamic.description(f"{words.why}\n\n{behaviour.id} ({behaviour.source})")
    allure.dynamic.epic(suite_title)
    allure.dynamic.feature(behaviour.file)
    allure.dynamic.story(words.says)
    allure.dynamic.severity(SEVERITY[behaviour.level])
    allure.dynamic.tag(behaviour.level.value)


def attach(outcome: Outcome, text: str) -> None:
    """The story, what the program printed, and what passed on the wire."""
    allure.dynamic.tag(outcome.verdict.value)
    allure.attach(text, "story", allure.attachment_type.TEXT)
    if outcome.story and outcome.story.output:
        allure.attach(outcome.story.output, "output of the program", allure.attachment_type.TEXT)
    if outcome.story and (wire := outcome.story.wire) and (told := wire.text()):
        allure.attach(told, "wire", allure.attachment_type.TEXT)
        allure.attach(wire.pcap, "wire.pcap", allure.attachment_type.PCAP)


def attach_help(pictures: Sequence[Ladder], repeat: Repeat, lang: str, title: str) -> None:
    """The picture of a failure, beside the one of how it should go, and how to repeat it by hand."""
    if pictures:
        allure.attach(as_svg(pictures, lang, title), "picture", allure.attachment_type.SVG)
    if repeat.script:
        allure.attach(repeat.script, "repeat.py", allure.attachment_type.TEXT)
    if lines := [line for line in (repeat.one_liner, repeat.command) if line]:
        allure.attach("\n".join(lines), "in a shell", allure.attachment_type.TEXT)


def write_environment(folder: str, facts: dict[str, str]) -> None:
    """The table of the run's circumstances."""
    path = Path(folder, "environment.properties")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{key}={value}\n" for key, value in facts.items()))


def write_crash(folder: str, nodeid: str, message: str) -> None:
    """A result for a check whose worker died: allure-pytest would leave none."""
    now = int(time.time() * 1000)
    result = {
        "uuid": str(uuid.uuid4()), "name": nodeid, "fullName": nodeid, "status": "broken", "stage": "finished",
        "start": now, "stop": now, "statusDetails": {"message": message}, "labels": [], "parameters": [],
    }  # fmt: skip
    Path(folder, f"{result['uuid']}-result.json").write_text(json.dumps(result))
