"""The numbers and words of the assignment: which programs it asks for, where they meet, and what they say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self

from callbox.sheet import TRANSFORMATIONS, Sheet, Transformation
from callbox.strict import meant, parse, validate


class AssignmentError(ValueError):
    """An assignment that cannot be used; one line for each mistake, with its file and key."""


FAMILIES: Mapping[str, str] = MappingProxyType({"ipv4": "127.0.0.1", "ipv6": "::1"})
"""Where programs meet, by address family."""
OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "--host": "host",
        "--port": "port",
        "--path": "path",
        "--backlog": "backlog",
        "--recv-size": "recv_size",
        "--quit-word": "quit_word",
        "--message": "first_message",
        "--transformation": "transformation",
    }
)
"""The options by which a program can be told what is agreed, and what of the terms each names."""


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of program that the assignment asks for: what no teacher changes about it."""

    name: str
    kind: Literal["tcp", "udp", "unix"]
    side: Literal["server", "client"]
    lives: Literal["once", "loop", "forever", "concurrent"]

    @property
    def suite(self) -> str:
        """The folder of checks that judges it; a Unix stream behaves as a TCP stream does."""
        return f"{'udp' if self.kind == 'udp' else 'tcp'}_{self.side}"

    @property
    def called(self) -> str:
        """The name of the role that answers at its address: the server that a client calls, a server itself."""
        return self.name.replace("-client", "-server")


ROLES: Mapping[str, Role] = MappingProxyType(
    {
        role.name: role
        for role in (
            Role("tcp-once-server", "tcp", "server", "once"),
            Role("tcp-once-client", "tcp", "client", "once"),
            Role("tcp-loop-server", "tcp", "server", "loop"),
            Role("tcp-loop-client", "tcp", "client", "loop"),
            Role("tcp-forever-server", "tcp", "server", "forever"),
            Role("tcp-concurrent-server", "tcp", "server", "concurrent"),
            Role("udp-server", "udp", "server", "forever"),
            Role("udp-client", "udp", "client", "loop"),
            Role("unix-server", "unix", "server", "forever"),
            Role("unix-client", "unix", "client", "loop"),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed about one role. Sizes are bytes; what a role does not have is None."""

    role: Role
    host: str | None
    port: int | None
    path: str | None
    backlog: int | None
    recv_size: int
    prompt: str | None
    quit_word: str
    encoding: str
    transformation: Transformation
    first_message: str

    @property
    def address(self) -> tuple[str, int] | str:
        """(host, port), or the path of a Unix socket relative to the working folder."""
        if self.host is not None and self.port is not None:
            return self.host, self.port
        if self.path is not None:
            return self.path
        raise AssignmentError(f"{self.role.name} has neither host and port nor a path")

    def as_options(self, takes: Iterable[str]) -> tuple[str, ...]:
        """What is agreed, as arguments for a program that takes these options."""
        told = {option: getattr(self, name) for option, name in OPTIONS.items() if option in takes}
        return tuple(str(word) for option, value in told.items() if value is not None for word in (option, value))

    def transform(self, message: bytes) -> bytes:
        """The right answer to `message`; for `reverse` a message is what one recv or datagram holds."""
        return TRANSFORMATIONS[self.transformation](message)

    @property
    def transforms_in_pieces(self) -> bool:
        """Is the answer the same however a message is cut? To turn a message round, it has to be whole."""
        parts = b"aB", b"Cd"
        return self.transform(b"".join(parts)) == b"".join(map(self.transform, parts))

    def placeholders(self) -> Mapping[str, object]:
        """What {recv_size}, {port}, {address} and so on stand for in a behaviour's words."""
        host = f"[{self.host}]" if self.host and ":" in self.host else self.host
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        said = {name: f"no {name}" if value is None else value for name, value in values.items()}
        return said | {"role": self.role.name, "address": self.path or f"{host}:{self.port}"}


@dataclass(frozen=True, slots=True)
class Assignment:
    """The terms of every role, and the file that changed some of them."""

    source: Path | None
    by_role: Mapping[str, Terms]
    asks_for: tuple[str, ...] = ()
    """the roles that are to be handed in; none where it does not say"""

    def over(self, family: str | None) -> Self:
        """The same at the loopback address of an address family; as it is, where none is named."""
        host = FAMILIES[family] if family else None
        moved = {
            name: replace(terms, host=host) if host and terms.host else terms for name, terms in self.by_role.items()
        }
        return replace(self, by_role=moved)

    def terms(self, role_name: str) -> Terms:
        """The terms of one role; an unknown name is an AssignmentError that says what was meant."""
        if role_name not in self.by_role:
            raise AssignmentError(f"there is no role {role_name!r}; {meant(role_name, self.by_role)}")
        return self.by_role[role_name]


def load(path: Path | None = None) -> Assignment:
    """The tutorial's assignment, with what the TOML file at `path` changes. An AssignmentError has a line a mistake."""
    ours = Path(__file__).with_name("assignment.toml")
    tables = parse(_read(ours), str(ours), AssignmentError)
    if path is not None:
        tables = _laid_over(tables, parse(_read(path), str(path), AssignmentError))
    sheet = validate(tables, Sheet, str(path or ours), AssignmentError)
    return Assignment(path, {role.name: _terms(role, sheet) for role in ROLES.values()}, tuple(sheet.asks_for))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else wrong
        raise AssignmentError(f"{path}: cannot be read: {reason}") from None


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """`below`, changed where `above` says something; a mistake in `above` stays in, to be reported."""
    laid = below | above
    for key in below.keys() & above.keys():
        if isinstance(below[key], dict) and isinstance(above[key], dict):
            laid[key] = _laid_over(below[key], above[key])
    return laid


def _terms(role: Role, sheet: Sheet) -> Terms:
    numbers = dict.fromkeys(("host", "port", "path", "backlog", "prompt"), None)
    called = sheet.roles.of(role.called).model_dump(include={"host", "port", "path"})
    own = sheet.roles.of(role.name).model_dump(exclude_none=True)
    return Terms(role=role, **{**numbers, **called, **own}, **sheet.words.model_dump())
