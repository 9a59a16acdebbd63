"""How a person repeats a failure by hand: a script, a line for the shell, a command that shows what only the kernel knows."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from callbox.events import PROGRAM
from callbox.repeat_script import script
from callbox.transcript import Act

if TYPE_CHECKING:
    from collections.abc import Mapping

    from callbox.assignment import Terms
    from callbox.catalogue import Behaviour
    from callbox.story import Story
    from callbox.submission import ProgramSource

LONGEST = 400
"""Bytes in a line for the shell."""
PLAIN = {Act.DIAL, Act.SEND, Act.DATAGRAM, Act.END, Act.CLOSE}
"""What nc does."""
LISTENERS = "ss -{letters} {where}"
RECEIVING = "{build}strace -f -e trace=read,recvfrom,recvmsg {run}"
DIALLING = "{build}strace -f -e trace=connect,sendto {run}"
COMMANDS: Mapping[str, str] = {
    "listening.listens": LISTENERS,
    "listening.listens_at_the_assigned_address": LISTENERS,
    "listening.binds_the_assigned_address": LISTENERS,
    "listening.is_not_reachable_from_outside": LISTENERS,
    "listening.asks_for_the_assigned_backlog": LISTENERS,
    "listening.queues_as_many_clients_as_it_asked_for": LISTENERS,
    "listening.restarts_at_once": "ss -tan {where}",
    "recv_limit.reads_at_most_1024_at_a_time": RECEIVING,
    "receiving.reads_at_most_1024_at_a_time": RECEIVING,
    "connecting.connects_to_the_assigned_address": DIALLING,
    "connecting.sends_to_the_assigned_address": DIALLING,
    "connecting.keeps_its_port": DIALLING,
    "connecting.ends_when_nobody_listens": "{build}{run}; echo $?",
    "connecting.says_so_when_nobody_listens": "{build}{run}; echo $?",
    "connecting.may_start_before_the_server": "{build}{run}; echo $?",
    "ending.prompts": "{build}{run}",
    "disconnects.lets_go_of_a_client_that_left": "ss -tanp {where}",
    "disconnects.rests_when_nobody_speaks": "{build}strace -f {run}",
    "disconnects.keeps_going": "ss -anp {where}",
}
"""What shows it where it is no matter of what is said: by the behaviour's name within its suite."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """How to repeat a failure; each is empty where there is none."""

    script: str
    """a Python program that plays our side, and needs the standard library only"""
    one_liner: str
    """the same for a shell, where nc can do it"""
    command: str
    """shows what no conversation does"""


def repeat(story: Story, behaviour: Behaviour, terms: Terms, source: ProgramSource, lang: str = "en") -> Repeat:
    """How to repeat what a story tells of a program that its author has at hand."""
    build, run = started_by(source, terms)
    says = behaviour.words(lang, terms.placeholders()).says
    return Repeat(
        script(story, terms, about=f"{behaviour.id}: {source.name} {says}", start=build + run, lang=lang),
        one_liner(story, terms),
        command(behaviour, terms, build, run),
    )


def started_by(source: ProgramSource, terms: Terms) -> tuple[str, str]:
    """How a person builds a program (with an `&&` after it, or nothing), and starts it."""
    arguments = terms.as_options(source.takes) if source.takes else filter(None, [terms.path])
    build = f"{_line(*source.build)} && " if source.build else ""
    return build, _line(*source.run, *arguments)


def _line(program: str, *arguments: str) -> str:
    return shlex.join([by_hand(program), *arguments])


def by_hand(program: str) -> str:
    """A program as a person calls it: by its path when it lies in the folder, else by its name."""
    name = PurePosixPath(program).name
    return program if program.startswith("./") else "python3" if name.startswith("python3") else name


def command(behaviour: Behaviour, terms: Terms, build: str, run: str) -> str:
    """What shows a fact of the kernel's; empty for a behaviour that is a matter of what is said."""
    kind = {"tcp": "ltn", "udp": "lun", "unix": "lxn"}[terms.role.kind]
    where = terms.path or f"sport = :{terms.port}"
    shown = f"| grep {shlex.quote(where)}" if terms.path else shlex.quote(where)
    template = COMMANDS.get(behaviour.id.partition(".")[2], "")
    return template.format(letters=kind, where=shown, build=build, run=run)


def one_liner(story: Story, terms: Terms) -> str:
    """A line for the shell that says what we said, where that was one message to one line and nothing by hand; else empty."""
    ours = [event for event in story.events if event.who != PROGRAM]
    said = [event.data or b"" for event in ours if event.act in {Act.SEND, Act.DATAGRAM}]
    met = {event.who for event in ours} | {event.whom for event in story.events if event.whom}
    if not met or len(met) > 1 or len(said) > 1 or len(b"".join(said)) > LONGEST:
        return ""
    if any(event.act not in PLAIN for event in ours):
        return ""
    ends = any(event.act is Act.END for event in ours)
    return f"{printed(b''.join(said))} | nc {' '.join(_options(terms, ends=ends))}"


def _options(terms: Terms, *, ends: bool) -> list[str]:
    """Those of OpenBSD's nc, which Linux and macOS have: -N says our last at the end of the input, -w waits for an answer."""
    kind = {"tcp": [], "udp": ["-u"], "unix": ["-U"]}[terms.role.kind]
    place = [shlex.quote(terms.path)] if terms.path else [str(terms.host), str(terms.port)]
    serves = terms.role.side == "server"
    return [*kind, *(["-N"] if ends else []), *(["-w", "2"] if serves else ["-l"]), *place]


def printed(data: bytes) -> str:
    """A printf of sh that writes these bytes."""
    text = "".join(map(_escaped, data.decode("utf-8", "surrogateescape")))
    dash = "\\055" if text.startswith("-") else ""  # or it would be an option
    return f"printf '{dash}{text[1:] if dash else text}'"


def _escaped(letter: str) -> str:
    if letter.isprintable() and letter not in "'\\%":
        return letter
    return "%%" if letter == "%" else "".join(f"\\{byte:03o}" for byte in letter.encode("utf-8", "surrogateescape"))
