"""Judges one behaviour of one program: opens what the check asks for, runs it, and turns what happened into a verdict."""

from __future__ import annotations

import random
import stat
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeAlias

from callbox.client import Client
from callbox.patience import QUIET
from callbox.payload import Payload
from callbox.program import Program
from callbox.saying import say
from callbox.server import Server
from callbox.story import Story
from callbox.subject import Ground, Outcome, Subject
from callbox.tools import find_tool, other_side
from callbox.verdict import BoothError, Inconclusive, Mismatch, NotJudged, Verdict
from callbox.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from callbox.booth import Lobby
    from callbox.catalogue import Behaviour, Catalogue
    from callbox.suite import Check

TALKS = "interop.pairs.talks_with_the_other_side"
OPENED_ONCE = {"server", "client", "piped_client", "early_client"}
"""Of what a check can ask for: one start of the program, all that is said to which is one story."""
OpenPair: TypeAlias = "Callable[[], AbstractContextManager[tuple[Server, Client]]]"
WithTool: TypeAlias = "Callable[[str], AbstractContextManager[tuple[Server, Client]]]"


class Judge:
    """Everything that outlives a check: the lobby, built programs, what was found out about each program."""

    def __init__(
        self,
        lobby: Lobby,
        catalogue: Catalogue,
        checks: Mapping[str, Check],
        *,
        seed: int,
        patience: float,
        reference: Sequence[Subject] = (),
        others: Sequence[Subject] = (),
    ) -> None:
        """Programs talk with us, with the `reference` programs, and with `others` instead of these, where there are any."""
        self.lobby = lobby
        self.catalogue = catalogue
        self.seed = seed
        self.patience = patience
        self.reference = reference
        self.others = others
        self.workshop = Workshop(lobby)
        self.checks = checks
        self._grounds: dict[Subject, Ground] = {}
        self._verdicts: dict[tuple[str, Subject], Outcome] = {}
        self._models: dict[tuple[str, str, str], Story | None] = {}

    # ---- what a check is handed

    def payload(self, name: str, subject: Subject) -> Payload:
        """Random bytes for a check; `name` makes them its own, the seed makes them come again."""
        return Payload(random.Random(f"{self.seed}:{name}"), subject.terms.quit_word)

    @contextmanager
    def server(self, subject: Subject, patience: float | None = None) -> Iterator[Server]:
        """The program, listening."""
        launch = self.workshop.launch(subject.source)
        with Server(self.lobby, launch, subject.terms, patience=patience or self.patience) as server:
            server.start(*subject.arguments)
            yield server

    @contextmanager
    def client(self, subject: Subject, *, piped: bool = False, early: bool = False) -> Iterator[Client]:
        """The program, started, with our server where it dials; an early one is there before our server is."""
        address = self.ground(subject).address
        launch = self.workshop.launch(subject.source)
        with Client(self.lobby, launch, subject.terms, patience=self.patience, address=address, piped=piped) as client:
            if not early:
                client.open_door()
            client.start(*subject.arguments)
            yield client

    def pairs(self, subject: Subject) -> list[OpenPair]:
        """Starts of the program together with each of the other side that meets it at its address, or can be told of it."""
        return [partial(self.pair, subject, other) for one in self._partners(subject) if (other := one.met_at(subject))]

    def _partners(self, subject: Subject) -> Sequence[Subject]:
        """The reference programs or, in their place, another submission's: those of them that talk with the reference."""
        if not self.others or subject in self.others:
            return self.reference
        talks = self.catalogue[TALKS]
        return [one for one in self.others if self.of_base(talks, one).verdict is Verdict.PASSED]

    def with_tool(self, subject: Subject, name: str) -> AbstractContextManager[tuple[Server, Client]]:
        """The program together with a tool that talks with it. Raises NotJudged where that is not installed."""
        terms = replace(subject.terms, role=other_side(subject.terms.role))
        return self.pair(subject, Subject(find_tool(name, terms), terms))

    @contextmanager
    def pair(self, one: Subject, other: Subject) -> Iterator[tuple[Server, Client]]:
        """Two programs in one box, the server listening before the client starts."""
        server, client = sorted((one, other), key=lambda subject: subject.terms.role.side, reverse=True)
        launches = [self.workshop.launch(one.source) for one in (server, client)]
        folders = dict.fromkeys(folder for launch in launches for folder in launch.folders)
        serving = replace(launches[0], folders=tuple(folders))
        with Server(self.lobby, serving, server.terms, patience=self.patience) as called:
            called.start(*server.arguments)
            calling = replace(launches[1], files={**launches[1].files, **way_to(client.terms.path)})
            with Client(self.lobby, calling, client.terms, patience=self.patience, beside=called) as caller:
                caller.transcript = called.transcript
                called.who, caller.who = say("the server"), say("the client")
                caller.start(*client.arguments)
                yield called, caller

    # ---- what every check of a program stands on

    def ground(self, subject: Subject) -> Ground:
        """Does the program come to listen, or to dial? Found out once."""
        if subject not in self._grounds:
            find = self._ground_of_client if subject.terms.role.side == "client" else self._ground_of_server
            try:
                self._grounds[subject] = find(subject)
            except Mismatch as mismatch:
                self._grounds[subject] = Ground(mismatch.story)
        return self._grounds[subject]

    def _ground_of_server(self, subject: Subject) -> Ground:
        with self.server(subject):
            return Ground(None)

    def _ground_of_client(self, subject: Subject) -> Ground:
        launch = self.workshop.launch(subject.source)
        with Client(self.lobby, launch, subject.terms, patience=self.patience) as client:
            client.open_door()
            client.start(*subject.arguments)
            return Ground(None, client.find_address())

    def stands(self, subject: Subject) -> None:
        """Raise NotJudged when the program never gets as far as to be judged."""
        if story := self.ground(subject).story:
            reason = say("{program} does not get that far: {why}", program=subject.name, why=story.headline)
            raise NotJudged(reason, base=self.catalogue.ground(subject.terms.role.name).id)

    # ---- verdicts

    def judge(self, behaviour: Behaviour, subject: Subject) -> Outcome:
        """Run a behaviour's check on a program, in all its rows: the first that is not passed decides."""
        return self.decide(behaviour, subject)[0]

    def decide(self, behaviour: Behaviour, subject: Subject) -> tuple[Outcome, Mapping[str, Any]]:
        """The same, with the row that decided it."""
        check = self.checks[behaviour.id]
        for row in check.rows:
            outcome = self.run(check.function, behaviour, subject, {**row, **self.handed(behaviour, subject)})
            if outcome.verdict is not Verdict.PASSED:
                return outcome, row
        return Outcome(Verdict.PASSED), {}

    def handed(self, behaviour: Behaviour, subject: Subject) -> dict[str, Any]:
        """All that a behaviour's check asks for."""
        return {name: self.hand(name, behaviour, subject) for name in self.checks[behaviour.id].asks_for}

    def run(
        self,
        check: Callable[..., None],
        behaviour: Behaviour,
        subject: Subject,
        handed: Mapping[str, Any],
        witness: Callable[[Program], None] | None = None,
    ) -> Outcome:
        """Run a check with these arguments, once; those that are context managers are entered. A witness is shown the program
        of a check that came to its end."""
        try:
            self.before(behaviour, subject)
            if "servers" in handed:  # many starts, and a long search when one fails: not where the reason is known
                self.rests_firmly(behaviour, subject)
            with ExitStack() as stack:
                opened = {
                    name: stack.enter_context(given) if isinstance(given, AbstractContextManager) else given
                    for name, given in handed.items()
                }
                check(**opened)
                if witness:
                    witness(next(given for given in opened.values() if isinstance(given, Program)))
        except (Mismatch, NotJudged, Inconclusive, BoothError) as error:
            return self.outcome(behaviour, subject, error)
        return Outcome(Verdict.PASSED)

    def model(self, behaviour: Behaviour, subject: Subject, row: Mapping[str, Any]) -> Story | None:
        """How the reference program of the same role does it, in one row of the check, where a right program is seen to do it:
        the same seed has the same things said to it. It is asked for only when a program has missed a behaviour, and found
        out once. None for a check that opens many programs, or one that we know nothing better of than itself."""
        role = subject.terms.role.name
        reference = next((one for one in self.reference if one.terms.role.name == role), None)
        if (
            reference is None
            or reference.source is subject.source
            or not OPENED_ONCE & {*self.checks[behaviour.id].asks_for}
        ):
            return None
        key = behaviour.id, role, repr(row)
        if key not in self._models:
            self._models[key] = self._model(behaviour, reference, row)
        return self._models[key]

    def _model(self, behaviour: Behaviour, reference: Subject, row: Mapping[str, Any]) -> Story | None:
        seen: list[Story] = []

        def witness(program: Program) -> None:
            program.wait_for(
                lambda: program.ended() or None, patience=QUIET
            )  # what it does when we have left is told too
            seen.append(Story.tell(program, "", "", ""))

        try:
            handed = {**row, **self.handed(behaviour, reference)}
            self.run(self.checks[behaviour.id].function, behaviour, reference, handed, witness)
        except Exception:  # noqa: BLE001 - whatever it is, the program's verdict stands, and is told without a model
            return None
        return seen[0] if seen else None

    def hand(self, name: str, behaviour: Behaviour, subject: Subject) -> Any:
        """What a check asks for by a name. Under pytest, fixtures of these names give the same."""
        openers: dict[str, Callable[[], Any]] = {
            "server": lambda: self.server(subject),
            "client": lambda: self.client(subject),
            "piped_client": lambda: self.client(subject, piped=True),
            "early_client": lambda: self.client(subject, early=True),
            "pairs": lambda: self.pairs(subject),
            "with_tool": lambda: partial(self.with_tool, subject),
            "servers": lambda: partial(self.server, subject),
            "payload": lambda: self.payload(behaviour.id, subject),
            "terms": lambda: subject.terms,
        }
        return openers[name]()

    def before(self, behaviour: Behaviour, subject: Subject) -> None:
        """What stands in the way of judging: nothing, or NotJudged. The behaviour that is the ground itself is judged."""
        if behaviour.is_ground and (story := self.ground(subject).story):
            raise Mismatch(story)
        self.stands(subject)

    def outcome(self, behaviour: Behaviour, subject: Subject, error: BaseException) -> Outcome:
        """The verdict that an exception stands for; anything that is not about the program is the bench's."""
        if isinstance(error, NotJudged):
            return Outcome(Verdict.NOT_JUDGED, reason=error.reason, base=error.base)
        if isinstance(error, Inconclusive):
            return Outcome(Verdict.INCONCLUSIVE, reason=error.reason)
        if not isinstance(error, Mismatch):
            return Outcome(Verdict.INCONCLUSIVE, reason=say("the bench failed: {trouble}", trouble=str(error)))
        try:
            self.rests_firmly(behaviour, subject)
        except NotJudged as base:
            return Outcome(Verdict.NOT_JUDGED, error.story, base.reason, base.base)
        missed = {"MUST": Verdict.FAILED, "SHOULD": Verdict.ADVISED, "INFO": Verdict.PASSED}
        return Outcome(missed[behaviour.level], error.story)

    def rests_firmly(self, behaviour: Behaviour, subject: Subject) -> None:
        """Raise NotJudged when something that a behaviour rests on is missed."""
        for base in self.bases(behaviour, subject):
            if self.of_base(base, subject).missed:
                raise NotJudged(say("it rests on {base}, which failed", base=base.id), base=base.id)

    def bases(self, behaviour: Behaviour, subject: Subject) -> list[Behaviour]:
        """The behaviours that this one rests on, of those that the program's role has."""
        known = [self.catalogue[base] for base in behaviour.rests_on]
        return [base for base in known if subject.terms.role.name in base.roles]

    def of_base(self, base: Behaviour, subject: Subject) -> Outcome:
        """The verdict on a behaviour that others rest on: asked for only when one of those fails, and judged once."""
        if (base.id, subject) not in self._verdicts:
            self._verdicts[base.id, subject] = self.judge(base, subject)
        return self._verdicts[base.id, subject]


def way_to(path: str | None) -> dict[str, tuple[bytes, int]]:
    """A link by which a program in a folder of its own finds the socket of the one that it stands beside."""
    return {path: (f"{'../' * len(PurePosixPath(path).parts)}{path}".encode(), stat.S_IFLNK)} if path else {}
