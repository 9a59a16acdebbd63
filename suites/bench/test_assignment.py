"""The numbers and words of the assignment, and what happens when a teacher changes them."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from callbox.assignment import ROLES, Assignment, AssignmentError, load
from callbox.sheet import TRANSFORMATIONS, Transformation

Load = Callable[[str], Assignment]


@pytest.fixture
def changed(tmp_path: Path) -> Load:
    """The assignment after a teacher's file with this text."""

    def write(text: str) -> Assignment:
        file = tmp_path / "hw1.toml"
        file.write_text(text, encoding="utf-8")
        return load(file)

    return write


@pytest.mark.parametrize(
    ("role", "address", "backlog", "suite", "lives"),
    [
        ("tcp-once-server", ("127.0.0.1", 6666), 3, "tcp_server", "once"),
        ("tcp-once-client", ("127.0.0.1", 6666), None, "tcp_client", "once"),
        ("tcp-loop-server", ("127.0.0.1", 7890), 3, "tcp_server", "loop"),
        ("tcp-loop-client", ("127.0.0.1", 7890), None, "tcp_client", "loop"),
        ("tcp-forever-server", ("127.0.0.1", 65447), 5, "tcp_server", "forever"),
        ("tcp-concurrent-server", ("127.0.0.1", 65447), 5, "tcp_server", "concurrent"),
        ("udp-server", ("127.0.0.1", 8080), None, "udp_server", "forever"),
        ("udp-client", ("127.0.0.1", 8080), None, "udp_client", "loop"),
        ("unix-server", "server.sock", 5, "tcp_server", "forever"),
        ("unix-client", "server.sock", None, "tcp_client", "loop"),
    ],
)
def test_has_the_tutorials_numbers(role: str, address: object, backlog: int | None, suite: str, lives: str) -> None:
    terms = load().terms(role)
    assert (terms.address, terms.backlog, terms.recv_size) == (address, backlog, 1024)
    assert (terms.role.suite, terms.role.lives) == (suite, lives)


def test_has_terms_for_every_role() -> None:
    assert list(load().by_role) == list(ROLES)


def test_has_the_tutorials_words() -> None:
    terms = load().terms("tcp-once-client")
    assert (terms.quit_word, terms.encoding, terms.first_message) == ("q", "utf-8", "show 信息")
    assert [load().terms(role).prompt for role in ("tcp-loop-client", "udp-client")] == [">>", ">>>:"]


def test_changes_only_what_the_file_says(changed: Load) -> None:
    assignment = changed("[roles.udp-server]\nport = 9000\n")
    assert assignment.terms("udp-server") == dataclasses.replace(load().terms("udp-server"), port=9000)
    assert assignment.terms("tcp-once-server") == load().terms("tcp-once-server")


def test_lets_a_client_call_where_its_server_answers(changed: Load) -> None:
    assignment = changed('[roles.tcp-loop-server]\nhost = "::1"\nport = 9000\n[roles.unix-server]\npath = "s"\n')
    assert assignment.terms("tcp-loop-client").address == ("::1", 9000)
    assert assignment.terms("unix-client").address == "s"


def test_lets_a_client_call_elsewhere(changed: Load) -> None:
    assert changed("[roles.tcp-loop-client]\nport = 65447\n").terms("tcp-loop-client").port == 65447


@pytest.mark.parametrize(
    ("transformation", "answer"),
    [
        ("upper", b"SHOW \xe4\xbf\xa1 \xc3\xa9 1"),
        ("lower", b"show \xe4\xbf\xa1 \xc3\xa9 1"),
        ("swapcase", b"sHOW \xe4\xbf\xa1 \xc3\xa9 1"),
        ("reverse", b"1 \xa9\xc3 \xa1\xbf\xe4 wohS"),
        ("echo", b"Show \xe4\xbf\xa1 \xc3\xa9 1"),
    ],
)
def test_transforms_bytes_and_ascii_letters_only(changed: Load, transformation: str, answer: bytes) -> None:
    text = f'[words]\ntransformation = "{transformation}"\nfirst_message = "show"\n'
    assert changed(text).terms("udp-server").transform("Show 信 é 1".encode()) == answer


def test_knows_how_to_do_each_transformation_it_takes() -> None:
    assert set(TRANSFORMATIONS) == set(get_args(Transformation))


def test_fills_in_the_words_of_behaviours(changed: Load) -> None:
    values = changed('[roles.tcp-once-server]\nhost = "::1"\n').terms("tcp-once-server").placeholders()
    assert "{address} {port} {backlog} {recv_size} {path}".format(**values) == "[::1]:6666 6666 3 1024 no path"
    assert load().terms("unix-server").placeholders()["address"] == "server.sock"


def test_says_which_role_was_meant() -> None:
    with pytest.raises(AssignmentError, match="there is no role 'tcp-one-server'; did you mean 'tcp-once-server'"):
        load().terms("tcp-one-server")


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        pytest.param("[words]\nquit_wrd = 'x'", "words.quit_wrd: unknown key; did you mean 'quit_word'?", id="word"),
        pytest.param("[roles.udp-sever]", "roles.udp-sever: unknown key; did you mean 'udp-server'?", id="role"),
        pytest.param(
            "[roles.udp-server]\nprt = 1", "roles.udp-server.prt: unknown key; did you mean 'port'?", id="key"
        ),
        pytest.param("[roles.udp-server]\nbacklog = 1", "backlog: unknown key; there is host, port", id="not its key"),
        pytest.param("[roles.udp-server]\nport = '1'", "port: should be a whole number, not '1'", id="a string"),
        pytest.param("[roles.udp-server]\nport = true", "port: should be a whole number, not True", id="a boolean"),
        pytest.param("[roles.udp-server]\nport = 0", "port: should be greater than or equal to 1, not 0", id="port 0"),
        pytest.param("[roles.udp-server]\nport = 65536", "should be less than or equal to 65535", id="port 65536"),
        pytest.param("[roles.udp-server]\nrecv_size = 8", "recv_size: should be greater than", id="tiny recv"),
        pytest.param("[roles.udp-server]\nhost = 'localhost'", "'localhost' is no IP address", id="host name"),
        pytest.param("[roles.udp-server]\nhost = '0.0.0.0'", "no address that a client can call", id="any host"),
        pytest.param("[roles.unix-server]\npath = '/tmp/s'", "leads out of the program's working folder", id="path"),
        pytest.param("[roles.unix-server]\npath = '../s'", "leads out of the program's working folder", id="dots"),
        pytest.param(f"[roles.unix-server]\npath = '{'s' * 108}'", "has 1 to 107 bytes", id="long path"),
        pytest.param("[roles]\nudp-server = 3", "roles.udp-server: should be a table, not 3", id="no table"),
        pytest.param("[words]\ntransformation = 'uper'", "'uper' is unknown; did you mean 'upper'?", id="transform"),
        pytest.param("[words]\nencoding = 'utf-16'", "'utf-16' is no text encoding that has ASCII in it", id="utf-16"),
        pytest.param("[words]\nencoding = 'hex'", "'hex' is no text encoding", id="no text"),
        pytest.param("[words]\nencoding = 'ascii'", "'show 信息' cannot be written in ascii", id="not in encoding"),
        pytest.param("[words]\ntransformation = 'reverse'", "is no utf-8 text any more after 'reverse'", id="reversed"),
        pytest.param("[words]\nquit_word = ' q'", "no blanks before or after it", id="quit word never typed"),
        pytest.param("[words\n", "is not TOML: Expected ']'", id="no TOML"),
        pytest.param("a = " + "[" * 5000, "is nested too deeply", id="nested"),
    ],
)
def test_names_file_and_key_of_a_mistake(changed: Load, text: str, mistake: str) -> None:
    with pytest.raises(AssignmentError, match=re.escape(mistake)) as caught:
        changed(text)
    assert re.match(r"/.*/hw1\.toml: ", str(caught.value))
    assert len(str(caught.value).splitlines()) == 1


def test_reports_every_mistake_on_its_own_line(changed: Load) -> None:
    with pytest.raises(AssignmentError) as caught:
        changed("colour = 1\n[words]\nquit_wrd = 'x'\n[roles.udp-server]\nport = 0\n[roles.unix-client]\nport = 1\n")
    keys = [line.split(": ")[1] for line in str(caught.value).splitlines()]
    assert sorted(keys) == ["colour", "roles.udp-server.port", "roles.unix-client.port", "words.quit_wrd"]


def test_keeps_a_mistake_on_one_line_whatever_the_key_holds(changed: Load) -> None:
    with pytest.raises(AssignmentError) as caught:
        changed('"a\\nb\\u001b" = 1\n')
    assert len(str(caught.value).splitlines()) == 1
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["not UTF-8", "missing"])
def test_refuses_what_it_cannot_read(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "hw1.toml").write_bytes(content)
    with pytest.raises(AssignmentError, match=r"hw1\.toml: (is not UTF-8 text|cannot be read: No such file)"):
        load(tmp_path / "hw1.toml")


def test_may_say_which_roles_are_to_be_handed_in(changed: Load) -> None:
    assert load().asks_for == ()
    assert changed('asks_for = ["udp-server", "udp-client"]').asks_for == ("udp-server", "udp-client")
    with pytest.raises(AssignmentError, match=r"asks_for.*there is no role 'upd-server'.*udp-server"):
        changed('asks_for = ["upd-server"]')
