"""What became of a check, as data that can be sent, kept and told later."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ConfigDict, TypeAdapter

from callbox.catalogue import Level
from callbox.repeat import Repeat
from callbox.story import Story
from callbox.subject import Outcome
from callbox.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Record:
    """One behaviour of one program, judged."""

    program: str
    role: str
    behaviour: str
    """its id"""
    level: Level
    outcome: Outcome
    seconds: float
    """that judging it took"""
    model: Story | None = None
    """of a program that misses it: how the reference program of its role does it, where there is one"""
    repeat: Repeat | None = None
    """of a program that misses it: how its author repeats that by hand"""

    @property
    def verdict(self) -> Verdict:
        """What it comes to."""
        return self.outcome.verdict

    @property
    def rests_on_failed(self) -> bool:
        """Is it not judged because of something that failed, and not for lack of evidence?"""
        return bool(self.outcome.base)


RECORDS: TypeAdapter[tuple[Record, ...]] = TypeAdapter(
    tuple[Record, ...], config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
)
"""Records as JSON and back."""
