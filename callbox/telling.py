"""An outcome as text: the story, and beside it the behaviour's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox.catalogue import Level
from callbox.saying import in_language, say
from callbox.story import part
from callbox.verdict import NAMES, Verdict

if TYPE_CHECKING:
    from callbox.catalogue import Behaviour
    from callbox.subject import Outcome, Subject

LEVELS = {Level.MUST: say("MUST"), Level.SHOULD: say("SHOULD"), Level.INFO: say("INFO")}
WHY, TRY, SOURCE, PRINTED = say("why"), say("try"), say("source"), say("it printed")
OUTPUT_LINES = 12
"""Lines of the program's output shown below a story: the last."""


def headline(behaviour: Behaviour, subject: Subject, lang: str) -> str:
    """Which program does not do what."""
    words = behaviour.words(lang, subject.terms.placeholders())
    return f"{in_language(LEVELS[behaviour.level], lang)} {behaviour.id}: {subject.name} ({subject.terms.role.name}) {words.says}"


def text(behaviour: Behaviour, subject: Subject, outcome: Outcome, lang: str) -> str:
    """All that is told of a failure."""
    words = behaviour.words(lang, subject.terms.placeholders())
    parts = [headline(behaviour, subject, lang)]
    if outcome.reason:
        parts.append(part(NAMES[outcome.verdict], outcome.reason, lang))
    if outcome.story and outcome.verdict is not Verdict.NOT_JUDGED:
        parts.append(outcome.story.text(lang))
        parts += [
            part(name, text, lang) for name, text in ((WHY, words.why), (TRY, words.tries), (SOURCE, behaviour.source))
        ]
        if output := outcome.story.output.splitlines()[-OUTPUT_LINES:]:
            parts.append(part(PRINTED, "\n".join(output), lang))
    return "\n".join(parts)
