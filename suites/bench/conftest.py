"""What the tests of the bench are handed: lobbies, boxes, and programs that are written on the spot."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from callbox import assignment
from callbox.booth import Lobby
from callbox.probe import try_a_box
from suites.bench.starting import Starter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from callbox.assignment import Assignment
    from callbox.booth import Booth
    from callbox.catalogue import Catalogue
    from callbox.judge import Judge

# Started in the background, we have Ctrl-C ignored, and so would have all that is tested with it (bash(1), "SIGNALS").
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def lobby() -> Iterator[Lobby]:
    """Gives boxes, where the machine does."""
    if refusal := try_a_box():
        pytest.skip(f"this machine gives no box: {refusal}")
    lobby = Lobby(isolated=True)
    yield lobby
    lobby.close()


@pytest.fixture(scope="session")
def host_lobby() -> Iterator[Lobby]:
    """Gives what there is where a machine refuses boxes."""
    lobby = Lobby(isolated=False)
    yield lobby
    lobby.close()


@pytest.fixture(params=["box", "host"])
def any_lobby(request: pytest.FixtureRequest) -> Lobby:
    """One after the other."""
    found: Lobby = request.getfixturevalue({"box": "lobby", "host": "host_lobby"}[request.param])
    return found


@pytest.fixture
def booth(lobby: Lobby) -> Iterator[Booth]:
    """An open box."""
    with lobby.open() as booth:
        yield booth


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is closed after the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def start(lobby: Lobby, stack: ExitStack) -> Starter:
    """Starts programs in boxes."""
    return Starter(lobby, stack)


@pytest.fixture
def start_anywhere(any_lobby: Lobby, stack: ExitStack) -> Starter:
    """Starts programs in boxes, and outside."""
    return Starter(any_lobby, stack)


@pytest.fixture(scope="session")
def material() -> Assignment:
    """The assignment as the material has it."""
    return assignment.load()


@pytest.fixture
def catalogue(judge: Judge) -> Catalogue:
    """The words of every behaviour."""
    return judge.catalogue
