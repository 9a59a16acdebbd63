"""A program under test that serves: started until it listens, and dialled where it does."""

from __future__ import annotations

import errno
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from callbox import causes
from callbox.kernel import processes
from callbox.kernel.sockets import Socket, State
from callbox.line import DatagramLine, Line
from callbox.patience import QUIET
from callbox.program import Program
from callbox.saying import say
from callbox.story import Story
from callbox.transcript import WAS_REFUSED, Act
from callbox.verdict import Inconclusive, Mismatch, NotJudged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from callbox.assignment import Terms
    from callbox.booth import Lobby
    from callbox.launch import Launch

LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class Server(Program):
    """One run of a server. It is dialled at the assigned address or, if it listens elsewhere, there."""

    listener: Socket
    """where it listens, as it was when that was found out"""
    keeper: int
    """the process that listens"""

    def __init__(self, lobby: Lobby, launch: Launch, terms: Terms, *, patience: float) -> None:
        super().__init__(lobby, launch, patience=patience)
        self.terms = terms
        self.kind = terms.role.kind
        self.answers = self.answer_to
        self.dialled = 0

    def start(self, *arguments: str) -> None:
        """Start it and wait until it listens. Raises Mismatch when it never does, and Inconclusive when somebody else has its
        address, as may be outside a box."""
        if self.kind != "unix" and any(map(self._serves_as_assigned, self.booth.sockets.of(self.kind))):
            address = self.terms.placeholders()["address"]
            raise Inconclusive(say("another program of this machine has {address}", address=address))
        super().start(*arguments)
        self._find_listener()

    def start_again(self) -> None:
        """Start it once more in the same box, where its first run has ended. Raises Mismatch when it never listens."""
        super().start_again()
        self._find_listener()

    @contextmanager
    def traced(self) -> Iterator[Server]:
        """A second run of it, in a box of its own, that is traced from its first call on."""
        with Server(self.lobby, self.traced_launch(), self.terms, patience=self.patience) as again:
            again.start(*self.arguments)
            yield again

    def _find_listener(self) -> None:
        """Wait until it listens."""
        found = self.wait_for(self._listens_somewhere)
        if found is None:
            raise Mismatch(self._never_listens())
        if not self.is_assigned(found):  # it may have more than one, and the assigned one may come last
            found = self.wait_for(self._listens_as_assigned, patience=QUIET) or found
        self.listener = found
        self.keeper, _ = processes.sockets(self.processes()).get(found.inode, (0, 0))

    def _listens_somewhere(self) -> Socket | None:
        return self._listens_as_assigned() or next(iter(self.listeners(self.kind)), None)

    def _listens_as_assigned(self) -> Socket | None:
        return next(filter(self.is_assigned, self.listeners(self.kind)), None)

    def is_assigned(self, end: Socket) -> bool:
        """Is this the assigned address, or one that is reached there?"""
        if self.terms.host is None:
            path = self.terms.path or ""
            return end.name.endswith(f"/{path}") or end.name == path or self._has_moved(end, path)
        return end.port == self.terms.port and end.reaches(self.terms.host)

    def _has_moved(self, end: Socket, path: str) -> bool:
        """Was it bound elsewhere, and its file renamed to `path`, so that who finds it can call?"""
        return bool(end.file) and end.file == (self.booth.inode(path) or 0) & 0xFFFFFFFF

    def _serves_as_assigned(self, end: Socket) -> bool:
        return self.is_assigned(end) and (end.kind == "udp" or end.state is State.LISTEN)

    def _never_listens(self) -> Story:
        """It never listened: where else it is to be found, or what it does instead."""
        address = self.terms.placeholders()["address"]
        wanted = (
            say("it binds {address}", address=address)
            if self.kind == "udp"
            else say("it listens on {address}", address=address)
        )
        others = [end for kind in ("tcp", "udp", "unix") if kind != self.kind for end in self.listeners(kind)]
        bound = [end for end in self.sockets(self.kind) if end.port]
        if others:
            cause = say(
                "it opened a socket of another kind: {kind} at {address}",
                kind=others[0].kind.upper(),
                address=others[0].address,
            )
        elif bound:
            why = causes.of(self)
            cause = say("it bound {address} and never called listen: {why}", address=bound[0].address, why=why)
        else:
            cause = causes.of(self)
        return Story.tell(self, wanted, say("it never does"), cause)

    def queue(self) -> Socket | None:
        """Its listener as it is now: who waits in its queue, and how many may. None when it is closed."""
        return next((end for end in self.booth.sockets.of(self.kind) if end.inode == self.listener.inode), None)

    # ---- dialling

    @property
    def address(self) -> tuple[str, int]:
        """Where it is dialled: the assigned host where that reaches it."""
        host, port = self.listener.host, self.listener.port
        if self.is_assigned(self.listener) and self.terms.host:
            return self.terms.host, port
        return LOOPBACK.get(host, host), port

    def dial(self) -> Line:
        """A conversation with it. Raises Mismatch when it does not take the call."""
        line = self.knock()
        if self.wait_for(lambda: line.connected or line.refused or None, line.socket) is None or line.refused:
            raise Mismatch(self._does_not_take(line))
        return line

    def _does_not_take(self, line: Line) -> Story:
        wanted = say("{client} can connect", client=line.name)
        if not line.refused:
            return Story.tell(self, wanted, say("nothing answers: its queue is full, and it accepts nobody"))
        self.transcript.add(line.name, WAS_REFUSED)
        return Story.tell(self, wanted, say("the connection is refused"))

    def knock(self) -> Line:
        """Begin to connect, and do not wait for the handshake."""
        self.dialled += 1
        name = say("client {number}", number=self.dialled)
        if self.kind == "unix":
            end, code = self._knock_at_a_path()
        else:
            end = self.booth.make_socket(self._family, socket.SOCK_STREAM)
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what we send in pieces, travels in pieces
            code = end.connect_ex(self.address)
        self.transcript.add(name, say("dialled"), act=Act.DIAL)
        line = Line(self, end, name)
        line.refused = code not in {0, errno.EINPROGRESS, errno.EAGAIN}
        return line

    def _knock_at_a_path(self) -> tuple[socket.socket, int]:
        path = self.terms.path if self.is_assigned(self.listener) else self.listener.name
        path = (path or "").removeprefix(f"{self.booth.home}/")
        if path.startswith(("/", "\0")):
            raise NotJudged(
                say(
                    "it listens at {address}, outside its work folder, where nobody can call it",
                    address=self.listener.address,
                )
            )

        def call() -> tuple[socket.socket, int] | None:
            try:
                return self.booth.unix_socket(path), 0
            except BlockingIOError:  # its queue is full (unix(7)); TCP would call again by itself
                return None
            except OSError as error:
                return self.booth.make_socket(socket.AF_UNIX, socket.SOCK_STREAM), error.errno or errno.ECONNREFUSED

        return self.wait_for(call) or (self.booth.make_socket(socket.AF_UNIX, socket.SOCK_STREAM), errno.EAGAIN)

    @property
    def _family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET

    def port(self, host: str | None = None) -> DatagramLine:
        """A port of ours from which datagrams are sent to it, at `host` where it is bound to every address."""
        self.dialled += 1
        end = self.booth.make_socket(self._family, socket.SOCK_DGRAM)
        end.bind(("::1" if self._family is socket.AF_INET6 else "127.0.0.1", 0))
        name = say("client {number}", number=self.dialled)
        return DatagramLine(self, end, name, (host or self.address[0], self.address[1]))

    # ---- what is wanted of it

    def answer_to(self, message: bytes) -> bytes:
        """The right answer."""
        return self.terms.transform(message)

    def answer_in_pieces(self, message: bytes) -> bytes:
        """The right answer to a message, however it is cut into pieces. NotJudged where it depends on that (reverse)."""
        if not self.terms.transforms_in_pieces:
            what = self.terms.transformation
            raise NotJudged(say("what {transformation} gives depends on where a message is cut", transformation=what))
        return self.answer_to(message)

    def accepts(self, line: Line) -> bool:
        """Does it take a client that waits in its queue?"""
        return self.wait_for(lambda: self.other_end(line)) is not None

    def lets_go(self, line: Line) -> bool:
        """Has it noticed that a client has left, and closed its side, or ended over it?"""
        return self.wait_for(lambda: True if self.other_end(line) is None else None, patience=QUIET) is True

    def has_its_say(self, line: Line) -> None:
        """Wait, and read nothing, until it has ended its side of a conversation, or will not. When it closes with bytes unread,
        its kernel throws away what ours has not acknowledged: ours does so at once, but not while somebody is reading."""
        self.wait_for(lambda: self.state_of(line) is not State.ESTABLISHED or None, line.socket)

    def catches_up(self, behind: int = 0) -> bool:
        """Does it take clients off its queue until at most `behind` wait there?"""
        return self.wait_for(lambda: (queue := self.queue()) is None or queue.receiving <= behind or None) is not None

    def expect_service(self, message: bytes) -> None:
        """A polite client is answered, and by the program as it was started: nothing has restarted it. What else reaches
        this client is for another check to judge."""
        with self.dial() as line:
            line.send(message)
            line.expect_among(self.answer_to(message))
        pids = self.processes()
        if self.keeper not in pids and self.listener.inode not in processes.sockets(pids):
            came = say("another process listens in its place")
            raise Mismatch(Story.tell(self, say("the same process serves on"), came))

    def expect_exit(self, *statuses: int) -> None:
        """It ends, with one of these exit statuses (any, when none is named), and its listener is gone."""
        super().expect_exit(*statuses)
        if left := self.listeners(self.kind):
            came = say("a process of it still listens on {address}", address=left[0].address)
            raise Mismatch(Story.tell(self, say("its listener is gone"), came))

    def state_of(self, line: Line) -> State:
        """The state of our end of a conversation."""
        inode = line.inode
        return next((end.state for end in self.booth.sockets.of(self.kind) if end.inode == inode), State.CLOSE)
