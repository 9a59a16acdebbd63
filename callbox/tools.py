"""Programs that nobody here wrote and that talk to any server or client: netcat and its like, with a person at the keyboard."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from callbox.assignment import ROLES, Role
from callbox.saying import say
from callbox.submission import ProgramSource
from callbox.verdict import NotJudged

if TYPE_CHECKING:
    from callbox.assignment import Terms

FILTERS = {
    "upper": "stdbuf -o0 tr a-z A-Z",
    "lower": "stdbuf -o0 tr A-Z a-z",
    "swapcase": "stdbuf -o0 tr a-zA-Z A-Za-z",
    "echo": "stdbuf -o0 cat",
}
"""Commands that answer as a server does, byte by byte; `reverse` is none of them."""
SOCAT = ("socat", "-t", "3600")
"""Half a conversation goes on: without `-t` (seconds), it ends half a second after the other half."""
PATH = "/usr/local/bin:/usr/bin:/bin"
"""Where a box has programs."""


def other_side(role: Role) -> Role:
    """The role of whoever talks with a program: a client that is typed to, a server that goes on."""
    side = "client" if role.side == "server" else "server"
    name = {"tcp-client": "tcp-loop-client", "tcp-server": "tcp-forever-server"}.get(f"{role.kind}-{side}")
    return ROLES[name or f"{role.kind}-{side}"]


def find_tool(name: str, terms: Terms) -> ProgramSource:
    """How a tool is started as a client or server with these terms; AF_UNIX paths come as its argument. Raises NotJudged
    where it is not installed, or cannot do this."""
    words = words_for(name, terms)
    program = words[0]
    if not shutil.which(program, path=PATH):
        raise NotJudged(say("{program} is not installed on this machine", program=program))
    run = ("/bin/sh", "-c", f"exec {' '.join(words)}") if terms.path else ("/usr/bin/env", *words)
    return ProgramSource(name, terms.role.name, (terms.role.name,), None, {}, None, run, frozenset(), (), {})


def words_for(name: str, terms: Terms) -> list[str]:
    """The command. For AF_UNIX it is a line for the shell, in which `$0` is the path."""
    serves, host, port = terms.role.side == "server", terms.host or "", str(terms.port)
    match name:
        case "nc" | "ncat":
            program = "nc.openbsd" if name == "nc" else "ncat"
            listen = ["-l"] if serves else []
            kind = {"tcp": [], "udp": ["-u"], "unix": ["-U"]}[terms.role.kind]
            return [program, *listen, *kind, *(['"$0"'] if terms.path else [host, port])]
        case "telnet":
            return ["telnet", host, port]
        case "curl":
            return ["curl", "-sN", f"telnet://{bracketed(host)}:{port}"]
        case "socat":
            return [*SOCAT, "-", address(terms)]
        case "socat EXEC":
            if terms.transformation not in FILTERS:
                what = terms.transformation
                raise NotJudged(say("no filter gives {transformation} byte by byte", transformation=what))
            line = f"EXEC:{FILTERS[terms.transformation]}"
            return [*SOCAT, address(terms), f"'{line}'" if terms.path else line]
    raise ValueError(f"there is no tool {name!r}")


def bracketed(host: str) -> str:
    """A host as it stands before a colon."""
    return f"[{host}]" if ":" in host else host


def address(terms: Terms) -> str:
    """An address as socat has it."""
    kind, serves = terms.role.kind.upper(), terms.role.side == "server"
    if terms.path:
        return f'"{kind}-{"LISTEN" if serves else "CONNECT"}:$0"'
    family = "6" if terms.host and ":" in terms.host else "4"
    if not serves:
        return f"{kind}{family}:{bracketed(terms.host or '')}:{terms.port}"
    return f"{kind}{family}-LISTEN:{terms.port},bind={bracketed(terms.host or '')}"
