"""A failure as a script: the standard library, our side of the conversation, and the student's program on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from callbox.events import PROGRAM
from callbox.repeat_lines import Line, body
from callbox.saying import Saying, in_language, say
from callbox.shown import on_one_line
from callbox.transcript import Act

if TYPE_CHECKING:
    from collections.abc import Iterator

    from callbox.assignment import Terms
    from callbox.story import Story
    from callbox.transcript import Event

MOST_LINES = 40
WHOLE, SHOWN_ENDS = 300, 24
"""Bytes up to which data is written out; of more, this many at each end: what we say at such length is random letters."""
SECONDS = {"server": 2, "client": 15}
"""For which the script waits until something comes: a person has to type to a client."""
LIVE = {Act.DIAL, Act.SEND, Act.DATAGRAM, Act.FLOOD, Act.END, Act.SILENCE}
"""Acts after which a line is still open."""
BY_HAND = {
    Act.END_INPUT: say("press Ctrl-D in its terminal, then Enter here"),
    Act.INTERRUPT: say("press Ctrl-C in its terminal, then Enter here"),
    Act.KILL: say("end it with kill -9, then press Enter here"),
    Act.START: say("start it again, then press Enter here"),
    Act.STOP: say("stop it with Ctrl-Z in its terminal, then press Enter here"),
    Act.CONTINUE: say("let it go on: fg in its terminal, then press Enter here"),
}
ACCEPT = """\
def accept(n):
    print({waiting})
    c[n], _ = door.accept()"""
HEAR = """\
def hear(n, count=1 << 30):
    got, end = b"", ""
    c[n].settimeout({seconds})
    try:
        while len(got) < count and (data := c[n].recv(min(count - len(got), 65536))):
            got += data
        end = "" if len(got) >= count else ", then FIN"
    except OSError as error:
        end = f", then {{error}}"
    print(f"{who} hears {{got[:100]}} ({{len(got)}} bytes){{end}}")"""
HEAR_DATAGRAM = """\
def hear(n):
    global peer
    c[n].settimeout({seconds})
    try:
        got, peer = c[n].recvfrom(65535)
        print(f"{who} hears {{got[:100]}} ({{len(got)}} bytes) from {{peer}}")
    except OSError as error:
        print(f"{who} hears nothing: {{error}}")"""
RESET = """\
def reset(n):
    c[n].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c[n].close()"""
FLOOD = """\
def flood(n):
    c[n].settimeout(2)
    try:
        c[n].sendall(b"x" * (16 << 20))
    except OSError as error:
        print(f"client {n} cannot send: {error}")"""
T = TypeVar("T", str, bytes)


def script(story: Story, terms: Terms, *, about: str, start: str, lang: str) -> str:
    """Our side of a story's conversation, at most MOST_LINES lines; empty where nobody has met. `about` says what it shows,
    `start` how the program is started."""
    writer = Writer(story, terms, lang)
    items = list(writer.items())
    if not any(item.number is not None for item in items):
        return ""
    head = writer.head(about, start, "\n".join(item.before + item.after for item in items))
    last = f"print({writer.said(writer.wanted)})"
    return "\n".join([*head, *body(items, MOST_LINES - len(head) - 1, lang), last, ""])


class Writer:
    """Writes the lines of one story."""

    def __init__(self, story: Story, terms: Terms, lang: str) -> None:
        self.story = story
        self.terms = terms
        self.lang = lang
        self.serves = terms.role.side == "server"
        self.datagrams = terms.role.kind == "udp"

    def said(self, text: str) -> str:
        """A sentence as a literal of the script."""
        return repr(on_one_line(in_language(text, self.lang)))

    @property
    def wanted(self) -> Saying:
        """What a right program would have done."""
        return say("Wanted: {wanted}", wanted=self.story.wanted)

    # ---- what is done

    def items(self) -> Iterator[Line]:
        """A line for each event that is ours to repeat, and last of all what comes then."""
        ports: set[int] = set()
        live: dict[int, None] = {}
        heard = False
        for event in self.story.events:
            number = number_of(event.who if event.who != PROGRAM else event.whom)
            if self.datagrams and self.serves and event.act is Act.DATAGRAM and number not in ports:
                ports.add(number)
                yield Line("c[", number, f"] = socket.socket(socket.{self._family}, socket.SOCK_DGRAM)")
            lines = list(self._of_program(event, number) if event.who == PROGRAM else self._of_us(event, number))
            yield from lines
            if lines and event.act in LIVE:
                live.pop(number, None)
                live[number] = None
            elif event.act in {Act.CLOSE, Act.RESET}:
                live.pop(number, None)
            heard = event.who == PROGRAM and event.act in {Act.END, Act.RESET}
        if live and not heard:
            yield Line("hear(", list(live)[-1], ")")

    def _of_us(self, event: Event, number: int) -> Iterator[Line]:
        said = literal(event.data or b"")
        target = "ADDRESS" if self.serves else "peer"
        lines = {
            Act.DIAL: Line("dial(", number, ")"),
            Act.SEND: Line("c[", number, f"].sendall({said})", "send"),
            Act.DATAGRAM: Line("c[", number, f"].sendto({said}, {target})", "send"),
            Act.FLOOD: Line("flood(", number, ")"),
            Act.END: Line("c[", number, "].shutdown(socket.SHUT_WR)"),
            Act.RESET: Line("reset(", number, ")"),
            Act.CLOSE: Line("c[", number, "].close()"),
            Act.SHUT: Line("door.close()"),
            Act.WAIT: Line("time.sleep(1)"),
        }
        if event.act is Act.TYPE:
            text = literal((event.data or b"").decode(errors="replace"))
            yield Line(f"print({self.said(say('now type into the program:'))}, ", None, f"{text})", "type")
        elif event.act in BY_HAND:
            yield Line(f"input({self.said(BY_HAND[event.act])} + ' ')")
        elif event.act in lines and (event.data or event.act is not Act.SEND):
            yield lines[event.act]

    def _of_program(self, event: Event, number: int) -> Iterator[Line]:
        count = len(event.data or b"")
        if event.act is Act.DIAL:
            yield Line("accept(", number, ")")
        elif event.act in {Act.SEND, Act.DATAGRAM}:
            yield Line("hear(", number, f", {count})" if event.act is Act.SEND else ")", "heard")
        elif event.act in {Act.END, Act.RESET, Act.SILENCE}:
            yield Line("hear(", number, ")")
        elif event.act is Act.PRINT:
            text = literal((event.data or b"").decode(errors="replace"))
            yield Line(f"print({self.said(say('does it print this?'))}, ", None, f"{text})", "print")
        elif event.act is Act.EXIT:
            yield Line(f"print({self.said(say('has it ended?'))})")

    # ---- what that needs

    def head(self, about: str, start: str, code: str) -> list[str]:
        """What the script is, and the functions that its code calls."""
        order = "Start the program first: {start}" if self.serves else "Start this first, and then the program: {start}"
        told = [
            about,
            say(order, start=start),
            self.wanted,
            say("What came of it: {headline}", headline=self.story.headline),
        ]
        modules = ["pathlib", "socket", "struct", "time"]
        functions = "\n".join([*self._meeting(), *self._functions(code)])
        needed = [f"import {name}" for name in modules if f"{name}." in code + functions]
        comments = [f"# {on_one_line(in_language(line, self.lang))}" for line in told]
        return [*comments, *needed, "", f"ADDRESS, c = {self.terms.address!r}, {{}}", *functions.splitlines(), ""]

    def _meeting(self) -> list[str]:
        """How the script comes to talk with the program."""
        kind = f"socket.{self._family}, socket.SOCK_{'DGRAM' if self.datagrams else 'STREAM'}"
        if self.serves and self.datagrams:
            return []
        if self.serves:
            return ["def dial(n):", f"    c[n] = socket.socket({kind})", "    c[n].connect(ADDRESS)"]
        door = [f"c[1] = door = socket.socket({kind})"]
        if self._family == "AF_UNIX":
            door.append("pathlib.Path(ADDRESS).unlink(missing_ok=True)")
        else:
            door.append("door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)")
        if self.datagrams:
            return [*door, "door.bind(ADDRESS)"]
        waiting = self.said(say("waiting for the program to dial"))
        return [*door, "door.bind(ADDRESS)", "door.listen()", *ACCEPT.format(waiting=waiting).splitlines()]

    @property
    def _family(self) -> str:
        address = self.terms.address
        return "AF_UNIX" if isinstance(address, str) else "AF_INET6" if ":" in address[0] else "AF_INET"

    def _functions(self, code: str) -> list[str]:
        """What the code calls, of RESET, FLOOD and a way to hear."""
        hear = (HEAR_DATAGRAM if self.datagrams else HEAR).format(
            seconds=SECONDS[self.terms.role.side], who="client {n}" if self.serves else "our server"
        )
        found = {"hear(": hear, "reset(": RESET, "flood(": FLOOD}
        return [line for name, text in found.items() if name in code for line in text.splitlines()]


def number_of(name: str) -> int:
    """Which client or call somebody of ours is."""
    digits = "".join(letter for letter in name if letter.isdecimal())
    return int(digits) if digits else 1


def literal(data: T) -> str:
    """Bytes or text as Python writes them; the middle of very many is stood for by as many others."""
    if len(data) <= WHOLE:
        return repr(data)
    head, tail = data[:SHOWN_ENDS], data[-SHOWN_ENDS:]
    middle = repr(data[:0])[:-1] + "x'"
    return f"{head!r} + {middle} * {len(data) - 2 * SHOWN_ENDS} + {tail!r}"
