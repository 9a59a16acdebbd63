"""Model-based checks: conversations drawn by Hypothesis, held against what a role promises; one that fails is shortened."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import hypothesis
from hypothesis import strategies
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from callbox.patience import PATIENCE, QUIET
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from callbox.payload import Payload
    from callbox.server import Server

    OpenServer = Callable[[float], AbstractContextManager[Server]]

PROFILES = {"quick": (30, 16), "thorough": (300, 40)}
"""Conversations, and steps of each at most, by the name that --hypothesis-profile takes."""
for profile, (conversations, steps) in PROFILES.items():
    hypothesis.settings.register_profile(profile, max_examples=conversations, stateful_step_count=steps)
hypothesis.settings.load_profile("quick")
MOST_CALLERS = 4
MOST_SEARCHED = 150
"""Conversations held at most in search of a shorter one that fails: by then it is short enough to be read."""
LETTERS = "abcxyzABC019 .,信息网😀"  # what changes case here is ASCII
M = TypeVar("M", bound="Model")

messages = strategies.text(LETTERS, min_size=1, max_size=30)


class SearchEnded(BaseException):
    """Nothing more is to be found out: short enough, or for the `error`. No Exception, so Hypothesis lets it through."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(error)
        self.error = error


class Model(RuleBasedStateMachine):
    """A fresh start of the program, whose clients do anything in any order. A rule does what it does within `acting()`."""

    def __init__(self, opened: AbstractContextManager[Server]) -> None:
        super().__init__()
        self.opened = opened
        self.server = opened.__enter__()
        self.failed = False
        self.mismatch: Mismatch | None = None

    @contextmanager
    def acting(self) -> Iterator[None]:
        """What fails in the block has failed the conversation."""
        self.failed = True
        try:
            yield
        except Mismatch as mismatch:
            self.mismatch = mismatch
            raise
        except Exception as error:
            raise SearchEnded(error) from error
        self.failed = False

    def finish(self) -> None:
        """What the program still owes when nobody has anything more to say."""

    def teardown(self) -> None:
        """Settle what is owed, unless it has failed already, and end the program."""
        try:
            if not self.failed:
                with self.acting():
                    self.finish()
        finally:
            self.opened.__exit__(None, None, None)


def hold_conversations(
    model: Callable[[AbstractContextManager[Server]], M], open_server: OpenServer, payload: Payload
) -> None:
    """Draw conversations and hold them. Raises the Mismatch of the shortest that fails: also where it failed just once,
    for what depends on the moment is wrong all the same."""
    held: list[M] = []

    def next_conversation() -> M:
        first = next((number for number, one in enumerate(held) if one.failed), None)
        if first is not None and len(held) - first > MOST_SEARCHED:
            raise SearchEnded
        # Once one has failed, the search for a shorter one need not be patient: the verdict is found.
        try:
            held.append(model(open_server(PATIENCE if first is None else QUIET)))
        except Exception as error:
            raise SearchEnded(error) from error
        return held[-1]

    settings = hypothesis.settings(
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
    )
    hypothesis.seed(payload.below(1 << 32))(next_conversation)
    try:
        run_state_machine_as_test(next_conversation, settings=settings)  # type: ignore[arg-type]
    except (Mismatch, SearchEnded, hypothesis.errors.Flaky) as ended:
        found = [one.mismatch for one in held if one.mismatch]
        if not found:
            raise getattr(ended, "error", ended) from ended
        raise min(found, key=length) from None


def length(mismatch: Mismatch) -> tuple[int, int]:
    """Of a conversation: what was said and done, and how many bytes of it were said."""
    events = mismatch.story.events
    return len(events), sum(len(event.data or b"") for event in events)
