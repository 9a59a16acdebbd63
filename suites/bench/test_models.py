"""Tests of callbox.models and of what any clients are promised: right programs keep it, and the shortest failure is told."""

from __future__ import annotations

import random
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis.stateful import rule

from callbox.models import MOST_SEARCHED, Model, hold_conversations
from callbox.patience import PATIENCE, QUIET
from callbox.payload import Payload
from callbox.story import Story
from callbox.transcript import Event
from callbox.verdict import Inconclusive, Mismatch
from suites.tcp_server.model import Conversation

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from callbox.server import Server
    from suites.bench.starting import Starter

SERIAL = """
import socket, time
door = {door}
while True:
    time.sleep(0.05)  # a slow one
    conn, _ = door.accept()
    with conn:
        try:
            while data := conn.recv(1024):
                conn.sendall(data.upper())
        except ConnectionError:
            pass
"""
TCP = "socket.create_server((HOST, PORT), backlog={backlog})"
UNIX = "socket.socket(socket.AF_UNIX); door.bind('server.sock'); door.listen({backlog})"


# The search for a failure


@dataclass
class Fickle:
    """A program that fails at some act, told with as many events; `moody` ones fail once only."""

    fails_at: int
    error: Exception | None = None
    moody: bool = False
    patiences: list[float] = field(default_factory=list)

    def open(self, patience: float) -> AbstractContextManager[Server]:
        self.patiences.append(patience)
        return nullcontext()  # type: ignore[return-value]

    def model(self, opened: AbstractContextManager[Server]) -> Model:
        program = self

        class Acts(Model):
            acts = 0

            @rule()
            def act(self) -> None:
                with self.acting():
                    self.acts += 1
                    if self.acts >= program.fails_at and not (program.moody and program.failed_before):
                        program.failed_before = True
                        raise program.error or Mismatch(story(self.acts))

        return Acts(opened)

    failed_before: bool = False


def story(acts: int) -> Story:
    return Story("it holds", "it fails", "", tuple(Event("it", "acted", None, 0.0) for _ in range(acts)))


def searched(program: Fickle, error: type[Exception]) -> Exception:
    """What the search of a program ends with."""
    with pytest.raises(error) as caught:
        hold_conversations(program.model, program.open, Payload(random.Random(1)))
    return caught.value


def test_the_shortest_conversation_that_fails_is_told() -> None:
    program = Fickle(fails_at=3)
    found = searched(program, Mismatch)
    assert isinstance(found, Mismatch)
    assert len(found.story.events) == 3
    assert program.patiences[0] == PATIENCE
    assert set(program.patiences[1:]) == {QUIET}


def test_what_fails_once_has_failed() -> None:
    assert "it fails" in str(searched(Fickle(fails_at=3, moody=True), Mismatch))


def test_what_is_no_verdict_is_not_searched_for_a_shorter_one() -> None:
    program = Fickle(fails_at=3, error=Inconclusive("the machine stood still"))
    assert searched(program, Inconclusive) is program.error
    assert len(program.patiences) == 1


def test_a_program_that_does_not_start_again_ends_the_search() -> None:
    program = Fickle(fails_at=3)
    error = Mismatch(story(0))

    def refuse(patience: float) -> AbstractContextManager[Server]:
        program.patiences.append(patience)
        raise error

    with pytest.raises(Mismatch) as caught:
        hold_conversations(program.model, refuse, Payload(random.Random(1)))
    assert caught.value is error
    assert len(program.patiences) == 1


def test_the_search_for_a_shorter_one_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callbox.models.MOST_SEARCHED", 1)
    program = Fickle(fails_at=3)
    searched(program, Mismatch)
    assert len(program.patiences) == 1 + 1 < MOST_SEARCHED


def test_a_program_that_holds_is_held_as_often_as_the_profile_says() -> None:
    program = Fickle(fails_at=1000)
    hold_conversations(program.model, program.open, Payload(random.Random(1)))
    assert len(program.patiences) == 30


# What is promised


@pytest.fixture(params=["tcp-forever-server", "unix-server"])
def held(request: pytest.FixtureRequest, start: Starter) -> Conversation:
    """A conversation, not begun, with a right serial server in whose queue two clients fit."""
    door = (UNIX if request.param == "unix-server" else TCP).format(backlog=1)
    server = start.server(SERIAL.format(door=door), request.param)
    return Conversation(nullcontext(server))


def test_who_has_hung_up_in_the_queue_keeps_a_place_there(held: Conversation) -> None:
    first = held.dial()
    for _ in range(2):
        held.leave(held.dial(), rudely=False)
    assert len(held.present) == held.most == 3
    held.talk(first, "hello")
    held.leave(first, rudely=True)
    assert held.present == []
    held.teardown()


def test_a_call_waits_until_a_slow_program_has_made_room(held: Conversation) -> None:
    for _ in range(3):
        for caller in [held.dial() for _ in range(3)]:
            held.leave(caller, rudely=False)
    held.teardown()


def test_no_character_is_cut_in_two_by_a_recv(held: Conversation) -> None:
    held.dial()
    held.dial()
    waiting = held.present[-1]
    for _ in range(40):
        held.send(waiting, "信息" * 15)
    assert held.server.terms.recv_size - 3 < len(waiting.owed) <= held.server.terms.recv_size
    waiting.owed.decode()
    held.teardown()
