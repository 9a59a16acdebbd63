"""The program under test: started in its box, watched, waited for, typed to, stopped and ended."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from callbox import endings, silence, tracebacks
from callbox.kernel import processes
from callbox.kernel.calls import INTERRUPTED_BY_STOPPING, Timeout
from callbox.kernel.sockets import plain
from callbox.kernel.tracer import Tracer
from callbox.patience import PATIENCE, QUIET, Clock
from callbox.saying import either, say
from callbox.story import Story
from callbox.terminal import Terminal
from callbox.transcript import PROGRAM, YOU, Act, Transcript
from callbox.verdict import BoothError, Inconclusive, Mismatch, NotJudged
from callbox.wire import Wire

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator

    from callbox.booth import Booth, Lobby
    from callbox.events import WireEvent
    from callbox.kernel.processes import Thread
    from callbox.kernel.sockets import Socket
    from callbox.launch import Launch
    from callbox.line import Line
    from callbox.silence import Silence
    from callbox.transcript import Event

T = TypeVar("T")
BUSY = 0.2
"""Share of a processor that a resting program may use for its timers: one that runs in circles takes all that it gets."""
LOOKS_AT_REST = 3
GATE = ("/bin/sh", "-c", 'read -r go && exec "$@"', "sh")
"""Waits for a line to be typed, and becomes the program."""
FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.02  # seconds between two looks when no event tells us to look


class HasFileno(Protocol):
    """Something that can be polled."""

    def fileno(self) -> int:
        """Its fd."""


class Program:
    """One run of a program in a box of its own."""

    def __init__(
        self,
        lobby: Lobby,
        launch: Launch,
        *,
        piped: bool = False,
        patience: float = PATIENCE,
        beside: Program | None = None,
    ) -> None:
        """In a box of its own or, `beside` another, in that one's: with a folder of its own in the work folder."""
        self.lobby = lobby
        self.launch = launch
        self.beside = beside
        self.patience = patience
        self.transcript = Transcript()
        self.belongings = ExitStack()
        """what of ours ends with the program: sockets, captures"""
        self.booth: Booth = beside.booth if beside else lobby.open(launch.folders, launch.limits)
        self.wire: Wire = beside.wire if beside else Wire(self.booth)
        """all that passes in the box"""
        self.terminal = Terminal(piped=piped)
        self.proven = False
        """was the last silence a proof, or did patience end?"""
        self.tracer: Tracer | None = None
        self.who = PROGRAM
        """in the transcript"""
        self.answers: Callable[[bytes], bytes] | None = None
        """the right answer to what it is told; None of one that is to answer nothing"""
        self.ended_at: int | None = None
        """the number of the event that is its end, once that was noticed"""

    def start(self, *arguments: str) -> None:
        """Start it, its work folder filled."""
        self.arguments = arguments
        self.booth.write({f"{self.folder}/{path}": file for path, file in self.launch.files.items()})
        self._run()
        self.terminal.give_away()

    def _run(self) -> None:
        argv = (*(GATE if self.launch.traced else ()), *self.launch.argv, *self.arguments)
        self.ended_at = None
        self.run = self.booth.run(argv, self.terminal.stdio, env=self.launch.env, folder=self.folder)
        if self.launch.traced:
            self._trace()

    def traced_launch(self) -> Launch:
        """How it is started once more, traced. Raises NotJudged where it could not run beside itself."""
        if not self.booth.isolated:
            raise NotJudged(say("for how many bytes it asks could only be seen in a box of its own"))
        return replace(self.launch, traced=True)

    def _trace(self) -> None:
        """Trace it from its first call on. Raises NotJudged where the kernel refuses that."""
        if not self.wait_for(lambda: self.waits_for_a_line() or None):
            raise BoothError(f"{self.launch} cannot be traced: /bin/sh does not come to wait for a line")
        try:
            self.tracer = Tracer(self.processes()[0])
        except PermissionError as error:
            raise NotJudged(say("for how many bytes it asks cannot be seen here: {error}", error=str(error))) from error
        self.belongings.callback(self.tracer.close)
        self.terminal.type(b"\n")

    def start_again(self) -> None:
        """Start it once more, as it was started, in the box and the work folder that its first run has left."""
        self.transcript.add(YOU, say("started it again"), act=Act.START)
        self._run()

    @property
    def folder(self) -> str:
        """Where it works, as seen from the box's work folder: AF_UNIX programs that meet there share it."""
        return "beside" if self.beside else "."

    # ---- what the kernel knows of it

    def processes(self) -> list[int]:
        """Its living processes, parents first."""
        return self.run.processes()

    def sockets(self, kind: str | None = None) -> list[Socket]:
        """The sockets that it holds, of one kind or all."""
        held = processes.sockets(self.processes())
        table = self.booth.sockets
        return [end for end in (table.of(kind) if kind else table.all()) if end.inode in held]

    def listeners(self, kind: str) -> list[Socket]:
        """Where it listens (tcp, unix), or which ports it has bound (udp)."""
        return [end for end in self.sockets(kind) if listens(end)]

    def asked_lengths(self, *inodes: int) -> set[int]:
        """For how many bytes it asks in the receiving calls in which it is blocked now, on the sockets of these inodes."""
        pids = self.processes()
        files = {pid: processes.open_files(pid) for pid in pids}
        lengths = set()
        for thread in processes.threads(pids):
            call = thread.call()
            name = files[thread.pid].get(call.arguments[0] & 0xFFFFFFFF) if call else None
            if call and name in {f"socket:[{inode}]" for inode in inodes}:
                lengths.add(processes.asked_length(thread.pid, call))
        return {length for length in lengths if length is not None}

    def traced_lengths(self, *inodes: int) -> dict[int, str]:
        """For how many bytes it has asked, since it was started, in calls on the sockets of these inodes, each with the runtime
        that chose the number, if one did. Only of one that was launched to be traced; raises NotJudged where the kernel
        refuses that."""
        if self.tracer is None:
            raise RuntimeError(f"{self.launch} is not traced")
        try:
            return {length: by for inode in inodes for length, by in self.tracer.asked(inode).items()}
        except PermissionError as error:
            raise NotJudged(say("for how many bytes it asks cannot be seen here: {error}", error=str(error))) from error

    def other_end(self, line: Line) -> Socket | None:
        """Its end of a conversation; None while it has not accepted it, and when it has let go of it."""
        if line.socket.family == socket.AF_UNIX:
            return next((end for end in self.sockets("unix") if end.peer == line.inode), None)
        host, port = line.name_of_ours[:2]
        ours = (plain(host), port)
        return next((end for end in self.sockets("tcp") if (plain(end.remote[0]), end.remote[1]) == ours), None)

    def ended(self) -> bool:
        """Has it ended?"""
        return self.run.ended()

    @property
    def status(self) -> int:
        """Its exit status, once it has ended; 128 + N when signal N ended it."""
        return self.run.status

    @property
    def output(self) -> str:
        """What it has printed so far."""
        self.terminal.drain()
        return self.terminal.output.text

    def on_the_wire(self) -> tuple[WireEvent, ...]:
        """What has passed between it and us so far. Raises NotJudged where packets were not captured, or not all of them."""
        if not self.wire.captures:
            raise NotJudged(say("its packets cannot be seen outside a box"))
        events = self.wire.events()
        if missed := self.wire.missed:
            raise NotJudged(say("{missed} of its packets were not captured", missed=missed))
        return events

    # ---- waiting

    def wait_for(self, look: Callable[[], T | None], *wakers: HasFileno, patience: float | None = None) -> T | None:
        """What `look` finds; None when it is proven that it never will, or patience is at its end. The output is drained
        meanwhile, and each of `wakers` becoming readable is reason to look again. Raises Inconclusive for the machine."""
        booth = self.booth
        clock = Clock(booth.all_processes, self.patience if patience is None else patience, booth.held)
        pause = 0.0
        self.proven = False
        with select.epoll() as events:
            for fd in {self.terminal.master, self.run.pidfd, *(waker.fileno() for waker in wakers)}:
                events.register(fd, select.EPOLLIN | select.EPOLLET)  # an edge: what stays readable wakes us once
            silence_before = None
            while True:
                spent = clock.spent()  # before the look: had we been stopped after it, it would be out of date
                self.terminal.drain()
                self.wire.drain()
                if (found := look()) is not None or spent:
                    return found
                self._note_end()  # after the look: what it said before its end is noted before it
                if not events.poll(pause):
                    silence_now = self.silence()
                    # To look, and to drain, may have made room for the program: only if nothing changed, it was no act.
                    self.proven = silence_now is not None and silence_now == silence_before
                    if self.proven:
                        return None
                    silence_before, pause = silence_now, 0.0 if silence_now else min(pause + FIRST_PAUSE, LONGEST_PAUSE)

    def _note_end(self) -> None:
        """Have its end in the transcript, where it belongs."""
        if self.ended_at is None and self.ended():
            self.ended_at = len(self.transcript.events)
            self.transcript.add(self.who, endings.how(self.status), act=Act.EXIT)

    def happened(self) -> list[Event]:
        """What was said and done until it ended, or until now."""
        self._note_end()
        return self.transcript.before(self.ended_at)

    def silence(self) -> Silence | None:
        """The proof that nothing in the box moves unless we do something; None when that cannot be told now."""
        proof = silence.proven(self.booth.all_processes, self._all_sockets, self.booth.held)
        if proof is None or self.terminal.reads_of_a_terminal_are_timed():
            return None
        # A program for which neither is true has not been started by bubblewrap yet, or its end was not yet noticed.
        alive = {thread.pid for thread in proof.threads if thread.state not in "ZX"}
        return proof if all(run.ended() or alive.intersection(run.processes()) for run in self.booth.runs) else None

    def _all_sockets(self) -> list[Socket]:
        """All sockets that can carry something to or from the program: in a box simply all."""
        table = self.booth.sockets.all()
        if self.booth.isolated:
            return table
        ports = {end.port for end in self.sockets()}
        return [end for end in table if end.port in ports or (end.remote and end.remote[1] in ports)]

    def waits_for_a_line(self) -> bool:
        """Is a thread of it blocked in a read of a terminal or a pipe?"""
        for thread in processes.threads(self.processes()):
            call = thread.call()
            if call and call.name in {"read", "readv"}:
                file = processes.open_files(thread.pid).get(call.arguments[0] & 0xFFFFFFFF, "")
                if file.startswith(("/dev/pts/", "pipe:")):
                    return True
        return False

    def let_time_pass(self, seconds: float) -> None:
        """Let some seconds pass by the wall's clock, whatever could be proven: to be slow on purpose."""
        self.transcript.add(YOU, say("waited for {seconds} s", seconds=f"{seconds:g}"), act=Act.WAIT)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            select.select([], [], [], min(left, LONGEST_PAUSE))
            self.terminal.drain()
            self.wire.drain()

    # ---- acting on it

    def type(self, text: str) -> None:
        """Type a line."""
        self.transcript.add(YOU, say("typed"), text.encode(), act=Act.TYPE)
        self.terminal.type(text.encode() + b"\n")

    def end_input(self) -> None:
        """End its input: Ctrl-D."""
        self.transcript.add(YOU, say("ended the input (Ctrl-D)"), act=Act.END_INPUT)
        self.terminal.end_input()

    def interrupt(self) -> None:
        """Ctrl-C, as a terminal sends it."""
        self.transcript.add(YOU, say("pressed Ctrl-C"), act=Act.INTERRUPT)
        self.run.interrupt()

    def kill(self) -> None:
        """End it with SIGKILL, which no program notices, and wait until it is gone."""
        self.transcript.add(YOU, say("killed it (SIGKILL)"), act=Act.KILL)
        signal_all(self.processes(), signal.SIGKILL)
        self.wait_for(lambda: self.ended() or None)

    @contextmanager
    def stopped(self) -> Iterator[bool]:
        """Stop it (SIGSTOP) while the block runs, so that all that the block sends is there before the program looks.

        Gives False and stops nothing where a program would notice: some calls fail with EINTR when they are continued
        (signal(7)), and a right program in C need not expect that.
        """
        self.wait_for(lambda: not processes.stopped(self.processes()) or None)  # who stopped it, would continue it
        if any(map(notices_a_stop, processes.threads(self.processes()))):
            yield False
            return
        pids: set[int] = set()

        def is_stopped() -> bool:
            return all(thread.state in "TZX" for thread in processes.threads(list(pids)))

        self.transcript.add(YOU, say("stopped it for a moment (SIGSTOP)"), act=Act.STOP)
        held = self.booth.held
        while new := set(self.processes()) - pids:  # those it forks meanwhile, too
            held.update(new)
            signal_all(new, signal.SIGSTOP)
            pids |= new
        try:
            self.wait_for(lambda: is_stopped() or None)
            yield True
            if not is_stopped():
                raise Inconclusive(say("the program was stopped by us, and continued (SIGCONT) by somebody else"))
        finally:
            self.transcript.add(YOU, say("let it go on (SIGCONT)"), act=Act.CONTINUE)
            held.difference_update(pids)
            signal_all(pids, signal.SIGCONT)

    # ---- what is wanted of it

    def expect_printed(self, text: str) -> None:
        """It prints a text."""
        if not self.wait_for(lambda: text in self.output or None):
            raise Mismatch(Story.of_print(self, text))
        self.transcript.add(PROGRAM, say("printed"), text.encode(), act=Act.PRINT)

    def expect_no_traceback(self, form: re.Pattern[str] = tracebacks.TRACEBACK) -> None:
        """What it has printed has no trace of an exception that nobody caught."""
        if found := form.search(self.output):
            raise Mismatch(
                Story.tell(self, say("it prints no traceback"), say('it prints "{text}"', text=found[0].strip()))
            )

    def expect_exit(self, *statuses: int) -> None:
        """It ends, with one of these exit statuses (any, when none is named)."""
        wanted = say("it ends with exit status {status}", status=either(statuses)) if statuses else say("it ends")
        if not self.wait_for(lambda: self.ended() or None):
            raise Mismatch(Story.tell(self, wanted, say("it goes on")))
        self._note_end()
        if statuses and self.status not in statuses:
            raise Mismatch(Story.tell(self, wanted, say("exit status {status}", status=self.status)))

    def expect_rest(self) -> None:
        """It uses next to no processor time: its silence is proven, or what it does by the clock is next to nothing."""
        for _ in range(LOOKS_AT_REST):  # a runtime may go on for a while: compiling, tidying up
            before, _ = processes.schedule(self.processes())
            self.wait_for(lambda: self.ended() or None, patience=QUIET)
            after, _ = processes.schedule(self.processes())
            if self.proven or self.ended() or after - before < BUSY * QUIET:
                return
        used = say("it ran for {seconds} of {all} s", seconds=f"{after - before:.1f}", all=f"{QUIET:g}")
        raise Mismatch(Story.tell(self, say("it rests while nobody speaks"), used))

    # ---- the end

    def close(self) -> None:
        """End everything in the box."""
        with self.belongings:
            self.terminal.drain()
            if not self.beside:
                self.wire.close()
                self.booth.close()
            self.terminal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to all of them that are still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def notices_a_stop(thread: Thread) -> bool:
    """May the call in which it is blocked fail when it is stopped and continued? So may any call that we do not know."""
    call = thread.call()
    if call is None or call.name in INTERRUPTED_BY_STOPPING:
        return True
    return call.kind.timeout is Timeout.SOCKET and silence.is_timed(thread.pid, call)


def listens(end: Socket) -> bool:
    """Is it a listener, or for UDP a socket bound to a port and to no peer?"""
    if end.kind == "udp":
        return end.state.name == "CLOSE" and end.port != 0
    return end.state.name == "LISTEN"
