"""An outcome as text: the story, and beside it the behaviour's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox.story import part
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from callbox.catalogue import Behaviour
    from callbox.subject import Outcome, Subject

OUTPUT_LINES = 12
"""Lines of the program's output shown below a story: the last."""


def headline(behaviour: Behaviour, subject: Subject, lang: str) -> str:
    """Which program does not do what."""
    words = behaviour.words(lang, subject.terms.placeholders())
    return f"{behaviour.level} {behaviour.id}: {subject.name} ({subject.terms.role.name}) {words.says}"


def text(behaviour: Behaviour, subject: Subject, outcome: Outcome, lang: str) -> str:
    """All that is told of a failure."""
    words = behaviour.words(lang, subject.terms.placeholders())
    parts = [headline(behaviour, subject, lang)]
    if outcome.reason:
        parts.append(part(outcome.verdict.value, outcome.reason))
    if outcome.story and outcome.verdict is not Verdict.NOT_JUDGED:
        parts.append(outcome.story.text())
        parts += [part("why", words.why), part("try", words.tries), part("source", behaviour.source)]
        if output := outcome.story.output.splitlines()[-OUTPUT_LINES:]:
            parts.append(part("it printed", "\n".join(output)))
    return "\n".join(parts)
