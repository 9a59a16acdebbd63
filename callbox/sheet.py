"""What an assignment's TOML file may hold, and in which bounds."""

import ipaddress
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from callbox.strict import Strict, meant

Transformation = Literal["upper", "lower", "reverse", "echo", "swapcase"]

# bytes.upper and its like change ASCII letters only, as the tutorial's `data.upper()` does.
TRANSFORMATIONS: Mapping[Transformation, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "upper": bytes.upper,
        "lower": bytes.lower,
        "reverse": lambda message: message[::-1],
        "echo": bytes,
        "swapcase": bytes.swapcase,
    }
)


def _an_address(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise ValueError(f"{host!r} is no IP address such as 127.0.0.1 or ::1 (the box looks up no names)") from None
    if address.is_unspecified or address.is_multicast or host == "255.255.255.255":
        raise ValueError(f"{host} is no address that a client can call")
    return host


def _inside(path: str) -> str:
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise ValueError(f"{path!r} leads out of the program's working folder; a name such as 'server.sock' is wanted")
    if "\0" in path or not 0 < len(path.encode()) <= 107:  # sockaddr_un holds 108 bytes with the NUL
        raise ValueError("a Unix socket's path has 1 to 107 bytes and no NUL")
    return path


def _a_line(text: str) -> str:
    if not text.isprintable() or text.strip() != text or not text:
        raise ValueError(f"{text!r} should be one line of text, with no blanks before or after it: clients strip them")
    return text


def _printable(text: str) -> str:
    if not text.isprintable() or not text:
        raise ValueError(f"{text!r} should be text that is seen on a screen")
    return text


def _ascii_stays(encoding: str) -> str:
    """Letters are changed as ASCII bytes, so ASCII text must be itself in this encoding (utf-16 is not)."""
    every = bytes(range(128))
    try:
        if every.decode(encoding) == every.decode("ascii") and every.decode("ascii").encode(encoding) == every:
            return encoding
    except (LookupError, ValueError):
        pass
    raise ValueError(f"{encoding!r} is no text encoding that has ASCII in it, such as utf-8, gbk or latin-1")


_Host = Annotated[str, AfterValidator(_an_address)]
_Port = Annotated[int, Field(ge=1, le=65535)]
_Path = Annotated[str, AfterValidator(_inside)]
_Line = Annotated[str, AfterValidator(_a_line)]
_Prompt = Annotated[str, AfterValidator(_printable)]
_Backlog = Annotated[int, Field(ge=0, le=512)]  # a check opens two connections more than this
_RecvSize = Annotated[int, Field(ge=16, le=65536)]  # at least a word


class Numbers(Strict):
    """What every role has."""

    recv_size: _RecvSize


class _TcpServer(Numbers):
    host: _Host
    port: _Port
    backlog: _Backlog


class _UdpServer(Numbers):
    host: _Host
    port: _Port


class _UnixServer(Numbers):
    path: _Path
    backlog: _Backlog


class _Client(Numbers):
    host: _Host | None = None
    port: _Port | None = None


class _LineClient(_Client):
    prompt: _Prompt


class _UnixClient(Numbers):
    path: _Path | None = None
    prompt: _Prompt


class _Roles(Strict):
    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"))

    tcp_once_server: _TcpServer
    tcp_once_client: _Client
    tcp_loop_server: _TcpServer
    tcp_loop_client: _LineClient
    tcp_forever_server: _TcpServer
    tcp_concurrent_server: _TcpServer
    udp_server: _UdpServer
    udp_client: _LineClient
    unix_server: _UnixServer
    unix_client: _UnixClient

    def of(self, role_name: str) -> Numbers:
        """One role's table."""
        numbers: Numbers = getattr(self, role_name.replace("-", "_"))
        return numbers


class _Words(Strict):
    transformation: Transformation
    encoding: Annotated[str, AfterValidator(_ascii_stays)]
    quit_word: _Line
    first_message: _Line

    @model_validator(mode="after")
    def _can_be_said(self) -> "_Words":
        """The words exist in the encoding, and the answer to the first message can be printed as text."""
        for word in (self.quit_word, self.first_message):
            try:
                said = word.encode(self.encoding)
                TRANSFORMATIONS[self.transformation](said).decode(self.encoding)
            except UnicodeEncodeError:
                raise ValueError(f"{word!r} cannot be written in {self.encoding}") from None
            except UnicodeDecodeError:
                how = f"{word!r} is no {self.encoding} text any more after {self.transformation!r}"
                raise ValueError(f"{how}; choose ASCII words") from None
        return self


def _a_role(role: str) -> str:
    known = [field.alias or name for name, field in _Roles.model_fields.items()]
    if role not in known:
        raise ValueError(f"there is no role {role!r}; {meant(role, known)}")
    return role


class Sheet(Strict):
    """The whole file."""

    asks_for: list[Annotated[str, AfterValidator(_a_role)]] = Field(default_factory=list)
    words: _Words
    roles: _Roles
