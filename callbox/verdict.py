"""What a check can say of a program, and the exceptions by which it says so: blame is a type."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from callbox.saying import in_language, say

if TYPE_CHECKING:
    from callbox.story import Story


class Verdict(enum.StrEnum):
    """Of one behaviour of one program."""

    PASSED = "passed"
    FAILED = "failed"
    """the program misses a MUST"""
    ADVISED = "advised"
    """the program misses a SHOULD"""
    NOT_JUDGED = "not judged"
    """something that it rests on failed, or this machine or language gives no evidence"""
    INCONCLUSIVE = "inconclusive"
    """the bench or the machine failed: costs nobody points"""


NAMES = {
    Verdict.PASSED: say("passed"),
    Verdict.FAILED: say("failed"),
    Verdict.ADVISED: say("advised"),
    Verdict.NOT_JUDGED: say("not judged"),
    Verdict.INCONCLUSIVE: say("inconclusive"),
}
"""How each is told."""
MISSED = {Verdict.FAILED, Verdict.ADVISED}
"""Of a program that does not do what is wanted, and was judged on it."""


class Mismatch(AssertionError):  # noqa: N818 - a verdict on a program, no error of ours
    """The program does not do what is wanted: the only exception that fails one."""

    def __init__(self, story: Story, lang: str = "en") -> None:
        super().__init__(in_language(story.headline, lang))
        self.story = story


class NotJudged(Exception):  # noqa: N818 - it is no error
    """There is no evidence either way; the reason is a sentence."""

    def __init__(self, reason: str, *, base: str = "") -> None:
        """`base` is the behaviour that failed, where the reason is that the judged one rests on it."""
        super().__init__(reason)
        self.reason = reason
        self.base = base


class Inconclusive(Exception):  # noqa: N818 - a verdict's name
    """The bench or the machine could not finish; the reason is a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BoothError(Exception):
    """The bench or the machine failed, not the program: never a program's fault."""
