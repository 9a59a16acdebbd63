"""A failure can be repeated by hand: the script shows the same program to do the same thing wrong."""

from __future__ import annotations

import ast
import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as some

from callbox.client import Client
from callbox.judge import way_to
from callbox.program import Program
from callbox.repeat import COMMANDS, one_liner, printed, repeat
from callbox.repeat_lines import Line, body
from callbox.repeat_script import MOST_LINES, literal, script
from callbox.story import Story
from callbox.subject import Subject
from callbox.submission import find
from callbox.transcript import Act, Event
from suites.bench.pytester import SPECIMENS
from suites.bench.starting import PATIENCE, python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from callbox.assignment import Assignment, Terms
    from callbox.booth import Lobby
    from callbox.catalogue import Catalogue
    from callbox.judge import Judge

WRONG = SPECIMENS / "wrong"
POISON = "\"\"\"\nimport os\x0c\u2028os.system('evil') \\ \ud800 \x00 '''"
CLIENT = "client 1"


@pytest.fixture
def server_terms(material: Assignment) -> Terms:
    return material.terms("tcp-forever-server")


def story(*events: Event, wanted: str = "HELLO") -> Story:
    return Story(wanted, "hello", "", events)


def event(who: str, act: Act, data: bytes | None = None, whom: str = "") -> Event:
    return Event(who, str(act), data, 0, act, whom)


def talk(number: int, data: bytes = b"hello", leave: Act = Act.CLOSE) -> Iterator[Event]:
    """A client that dials, says something, is answered, and leaves."""
    name = f"client {number}"
    yield event(name, Act.DIAL)
    yield event(name, Act.SEND, data)
    yield event("program", Act.SEND, data.upper(), name)
    yield event(name, leave)


def written(terms: Terms, *events: Event, wanted: str = "HELLO", lang: str = "en") -> str:
    return script(story(*events, wanted=wanted), terms, about="about", start="python3 server.py", lang=lang)


# ---- the script


def test_a_script_does_what_our_client_did(server_terms: Terms) -> None:
    lines = written(server_terms, *talk(1, leave=Act.END)).splitlines()
    assert lines[:4] == [
        "# about",
        "# Start the program first: python3 server.py",
        "# Wanted: HELLO",
        "# What came of it: wanted HELLO, got hello",
    ]
    assert lines[-6:] == [
        "dial(1)",
        "c[1].sendall(b'hello')",
        "hear(1, 5)",
        "c[1].shutdown(socket.SHUT_WR)",
        "hear(1)",
        "print('Wanted: HELLO')",
    ]


def test_a_script_speaks_the_language_of_the_report(server_terms: Terms) -> None:
    assert "# 应该:HELLO" in written(server_terms, *talk(1), lang="zh").splitlines()


def test_where_nobody_met_there_is_no_script(server_terms: Terms) -> None:
    assert written(server_terms) == ""
    assert written(server_terms, event("you", Act.INTERRUPT)) == ""


def varied(count: int) -> Iterator[Event]:
    """Clients of which no two are alike."""
    for number in range(1, count + 1):
        for times in range(number % 7 + 1):
            yield from talk(number, b"x" * (times + 1), Act.RESET if number % 3 else Act.CLOSE)


MANY = [
    [each for number in range(1, 201) for each in talk(number, b"%d" % number)],
    list(varied(200)),
    [event(CLIENT, Act.DIAL), event(CLIENT, Act.FLOOD)],
    [event(CLIENT, Act.DIAL), *[event(CLIENT, Act.SEND, b"a" * 65536)] * 256],
    [event(CLIENT, act) for act in Act] * 3,
]


@pytest.mark.parametrize("events", MANY, ids=["200 clients", "200 of all kinds", "a flood", "16 MiB", "everything"])
@pytest.mark.parametrize("role", ["tcp-forever-server", "tcp-loop-client", "udp-server", "udp-client", "unix-server"])
def test_a_script_is_short_and_can_be_run(events: list[Event], role: str, material: Assignment) -> None:
    text = written(material.terms(role), *events)
    compile(text, "repeat.py", "exec")
    assert len(text.splitlines()) <= MOST_LINES
    assert len(text) < 10_000


def test_alike_clients_become_a_loop(server_terms: Terms) -> None:
    text = written(server_terms, *MANY[0])
    assert "for n in range(1, 201):\n    dial(n)\n    c[n].sendall(b'1')\n    hear(n, 1)\n    c[n].close()\n" in text


def test_nothing_that_a_program_says_becomes_code(server_terms: Terms) -> None:
    name = f"{CLIENT}\nimport os"
    events = [event(name, Act.DIAL), event(name, Act.SEND, POISON.encode("utf-8", "surrogatepass"))]
    text = script(story(*events, wanted=POISON), server_terms, about=POISON, start=POISON, lang="en")
    text.encode()
    tree = ast.parse(text)
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported <= {"socket", "struct", "time", "pathlib"}
    assert not any(isinstance(node, ast.Attribute) and node.attr == "system" for node in ast.walk(tree))


def run(lines: Iterable[str]) -> list[tuple[int | None, str]]:
    """What the lines of a script come to."""
    done: list[tuple[int | None, str]] = []
    exec(
        "\n".join(lines),
        {"do": lambda number, what: done.append((number, what)), "say": lambda what: done.append((None, what))},
    )
    return done


acts = some.one_of(
    some.builds(Line, some.just("do("), some.integers(1, 3), some.sampled_from([", 'a')", ", 'b')"])),
    some.sampled_from([Line("say('x')"), Line("say('y')")]),
)


@given(some.lists(acts, max_size=12), some.integers(1, 6), some.integers(-1, 2), some.lists(acts, max_size=30))
def test_loops_come_to_the_same_as_the_lines(block: list[Line], times: int, step: int, others: list[Line]) -> None:
    items = others + [
        replace(line, number=None if line.number is None else line.number + 10 + step * turn)
        for turn in range(times)
        for line in block
    ]
    plain = [line for item in items for line in item.code(str(item.number))]
    assert run(body(items, 10_000, "en")) == run(plain)


def test_what_is_too_long_is_cut_in_the_middle_and_says_so() -> None:
    items = [Line("do(", number * number, f", {number})") for number in range(100)]
    lines = body(items, 11, "en")
    assert len(lines) == 11
    assert lines[5] == "# 90 lines of this kind are left out"
    assert lines[-1] == "do(9801, 99)"


@pytest.mark.parametrize("data", [b"", b"x" * 300, b"a" * 100 + b"b" * 1000, "信".encode() * 500, "long " * 100])
def test_what_stands_for_long_data_is_as_long(data: str | bytes) -> None:
    value = eval(literal(data))  # type: ignore[type-var]
    assert len(value) == len(data)
    assert value[:24] == data[:24]
    assert value[-24:] == data[-24:]


# ---- the shell


@pytest.mark.parametrize("data", [b"hello", bytes(range(256)), "信息 😀".encode(), b"-n", b"100%s\\n'", b"", b"\xff"])
def test_a_shell_prints_these_bytes(data: bytes) -> None:
    assert subprocess.run(["/bin/sh", "-c", printed(data)], capture_output=True, check=True).stdout == data


@pytest.mark.parametrize(
    ("role", "line"),
    [
        ("tcp-forever-server", "printf 'hello' | nc -w 2 127.0.0.1 65447"),
        ("unix-server", "printf 'hello' | nc -U -w 2 server.sock"),
        ("tcp-loop-client", "printf 'hello' | nc -l 127.0.0.1 7890"),
    ],
)
def test_one_message_is_a_line_for_the_shell(role: str, line: str, material: Assignment) -> None:
    terms = material.terms(role)
    who = CLIENT if terms.role.side == "server" else "our server"
    assert one_liner(story(event(who, Act.SEND, b"hello")), terms) == line


def test_a_datagram_and_a_last_word_are_lines_too(material: Assignment) -> None:
    udp = one_liner(story(event(CLIENT, Act.DATAGRAM, b"hello")), material.terms("udp-server"))
    assert udp == "printf 'hello' | nc -u -w 2 127.0.0.1 8080"
    last = one_liner(story(event(CLIENT, Act.SEND, b"x"), event(CLIENT, Act.END)), material.terms("tcp-loop-server"))
    assert last == "printf 'x' | nc -N -w 2 127.0.0.1 7890"


@pytest.mark.parametrize(
    "events",
    [
        [],
        [event(CLIENT, Act.SEND, b"x" * 1000)],
        [event(CLIENT, Act.SEND, b"x")] * 2,
        [event(CLIENT, Act.RESET)],
        [event(CLIENT, Act.DIAL), event("client 2", Act.DIAL)],
        [event("you", Act.TYPE, b"x"), event("our server", Act.SEND, b"x")],
    ],
    ids=["nothing", "long", "twice", "reset", "two clients", "typed"],
)
def test_what_is_more_than_that_is_no_line(server_terms: Terms, events: list[Event]) -> None:
    assert one_liner(story(*events), server_terms) == ""


def test_every_command_is_of_a_behaviour(catalogue: Catalogue) -> None:
    assert COMMANDS.keys() <= {name.partition(".")[2] for name in catalogue}


def test_what_only_the_kernel_knows_has_a_command(judge: Judge, material: Assignment) -> None:
    behaviour = judge.catalogue["tcp_server.recv_limit.reads_at_most_1024_at_a_time"]
    for name, start in (("recv_4096.py", "python3 recv_4096.py"), ("sigpipe.c", "./program")):
        (source,) = find(WRONG / "tcp-forever-server" / name, role="tcp-forever-server").programs
        command = repeat(story(), behaviour, material.terms("tcp-forever-server"), source).command
        assert command.endswith(f"strace -f -e trace=read,recvfrom,recvmsg {start}")
    backlog = judge.catalogue["tcp_server.listening.asks_for_the_assigned_backlog"]
    assert repeat(story(), backlog, material.terms("unix-server"), source).command == "ss -lxn | grep server.sock"


# ---- the same program, the same fault

LAST = re.compile(r"hear\(\d+\)\n(?=print\('Wanted)")
"""What comes when all is said: a person waits a little for it, and here nobody has to."""


def letters(line: str) -> str:
    """What is heard."""
    return line.split("'")[1]


SAME = [
    (
        "tcp-forever-server/adds_a_newline.py",
        "tcp_server.exchange.answers_with_as_many_bytes",
        lambda heard: letters(heard[-1]) == r"\n",
    ),
    (
        "tcp-loop-server/throws_upper_away.py",
        "tcp_server.exchange.upper_cases_ascii",
        lambda heard: letters(*heard).islower(),
    ),
    (
        "udp-server/answers_twice.py",
        "udp_server.exchange.answers_each_datagram_once",
        lambda heard: heard[0] == heard[1],
    ),
    ("unix-server/forgets_upper.py", "tcp_server.exchange.upper_cases_ascii", lambda heard: letters(*heard).islower()),
]


@pytest.fixture
def repeated(judge: Judge, material: Assignment, request: pytest.FixtureRequest) -> tuple[Subject, str]:
    """A specimen and the script of what it misses, which waits here as long as anybody may."""
    specimen, name = request.param
    path = WRONG / specimen
    (source,) = find(path, role=path.parent.name).programs
    subject, behaviour = Subject(source, material.terms(path.parent.name)), judge.catalogue[name]
    outcome, _ = judge.decide(behaviour, subject)
    assert outcome.story
    text = repeat(outcome.story, behaviour, subject.terms, source).script
    return subject, LAST.sub("", re.sub(r"settimeout\(\d+\)", f"settimeout({PATIENCE})", text))


@pytest.mark.parametrize(
    ("repeated", "shows"), [(row[:2], row[2]) for row in SAME], ids=[row[0] for row in SAME], indirect=["repeated"]
)
def test_the_script_shows_a_server_do_it_again(
    judge: Judge, lobby: Lobby, repeated: tuple[Subject, str], shows: Callable[[list[str]], bool]
) -> None:
    subject, text = repeated
    launch = python(text)
    launch = replace(launch, files={**launch.files, **way_to(subject.terms.path)})
    with judge.server(subject) as server, Program(lobby, launch, beside=server, patience=PATIENCE) as again:
        again.start()
        again.expect_exit(0)
    assert shows([line for line in again.output.splitlines() if " hears " in line])


@pytest.mark.parametrize(
    "repeated", [("tcp-loop-client/sends_the_q.py", "tcp_client.ending.quits_on_q")], ids=["sends_the_q"], indirect=True
)
def test_the_script_shows_a_client_do_it_again(judge: Judge, lobby: Lobby, repeated: tuple[Subject, str]) -> None:
    subject, text = repeated
    launch = judge.workshop.launch(subject.source)
    with Program(
        lobby, replace(python(text), folders=(*python(text).folders, *launch.folders)), patience=PATIENCE
    ) as again:
        again.start()
        again.expect_printed("waiting for the program")
        with Client(lobby, launch, subject.terms, patience=PATIENCE, beside=again) as client:
            client.start(*subject.arguments)
            client.type("esojvcfpdrxa")
            again.expect_printed(": q")
            client.type("q")
            again.expect_exit(0)
    assert "our server hears b'q' (1 bytes)" in again.output
