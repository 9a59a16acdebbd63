"""A path → the programs in it: roles by names, commands by language, and one clear line for what is no submission."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from callbox import intake
from callbox.hints import hint, plain_words
from callbox.intake import SourceFile
from callbox.languages import LANGUAGES, find_tool
from callbox.submission import ProgramSource, Submission, SubmissionError, find

REFERENCE = Path(__file__).parents[2] / "reference"
C_MAIN, C_PART = b"#include <stdio.h>\nint main(void) { return 0; }\n", b"int twice(int n) { return 2 * n; }\n"
JAVA = b"public class %b {\n  public static void main(String[] a) { new Talk(); }\n}\n"


def folder(top: Path, files: Mapping[str, bytes] | Iterable[str]) -> Path:
    """A folder with these files; those without content get a line of Python."""
    for name in files:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(files[name] if isinstance(files, Mapping) else b"print()\n")
    return top


def roles(submission: Submission) -> dict[str, str | None]:
    return {program.name: program.role for program in submission.programs}


def only(submission: Submission) -> ProgramSource:
    [program] = submission.programs
    return program


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(SubmissionError) as caught:
        find(path, **options)
    assert str(caught.value).isprintable(), "one line, in letters that every report can show"
    return str(caught.value)


def find_or_skip(tool: str) -> None:
    try:
        find_tool(tool, "this check")
    except SubmissionError as missing:
        pytest.skip(str(missing))


# Roles by names


def test_finds_every_reference_program_with_its_role() -> None:
    found = roles(find(REFERENCE))
    assert len(found) == len(list(REFERENCE.rglob("*.py")))
    assert all(role and name.split("/")[0] in role for name, role in found.items())


@pytest.mark.parametrize(
    ("name", "inside", "role"),
    [
        ("server.py", "tcp-once", "tcp-once-server"),
        ("sever.py", "tcp-once", "tcp-once-server"),
        ("client.c", "tcp_loop", "tcp-loop-client"),
        ("服务端.py", "TCP循环通信", "tcp-loop-server"),
        ("客户端.py", "简单版TCP通信", "tcp-once-client"),
        ("main.py", "服务端不关闭的TCP通信", "tcp-forever-server"),
        ("threads_server.py", "tcp-concurrent", "tcp-concurrent-server"),
        ("server.py", "01_udp", "udp-server"),
        ("UdpClient.java", "hw", "udp-client"),
        ("TCPOnceServer.java", "hw", "tcp-once-server"),
        ("wang_tcp_forever_server2.py", "hw", "tcp-forever-server"),
        ("tcp_server.py", "tcp-once", "tcp-once-server"),
        ("main.py", "tcp-forever", "tcp-forever-server"),  # no other role is a tcp-forever one
        ("drops_a_client.py", "tcp-forever-server", "tcp-forever-server"),
        ("waits_for_the_server.py", "udp-client", "udp-client"),
        ("client.py", "tcp-once-server", "tcp-once-client"),
        ("tcp/server.py", "unix", None),  # tcp and unix: which tcp?
        ("unix/server.py", "udp", "unix-server"),
        ("server.py", "tcp-and-udp", None),
        ("client.py", "tcp-forever", None),
        ("server_for_client.py", "hw", None),
        ("several.py", "hw", None),
        ("observer.py", "udp", None),
        ("server.py", "hw", None),
    ],
)
def test_reads_a_role_from_names(name: str, inside: str, role: str | None) -> None:
    may_be = hint(name, inside).may_be
    assert (may_be == (role,)) if role else len(may_be) > 1


@pytest.mark.parametrize("name", ["TCPOnceServer2", "01_tcp_once_sever", "Tcp Once服务端", "tcp-once-SERVER"])
def test_reads_a_name_however_it_is_written(name: str) -> None:
    assert plain_words(name) == "tcp-once-server"


def test_reads_the_role_of_a_single_file_from_its_folder(tmp_path: Path) -> None:
    top = folder(tmp_path / "wrong" / "tcp-once-server", ["forgets_upper.py"])
    assert roles(find(top / "forgets_upper.py")) == {"forgets_upper.py": "tcp-once-server"}


def test_reads_the_role_from_the_folder_that_it_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder(tmp_path / "udp", ["server.py"]))
    assert roles(find(Path())) == {"server.py": "udp-server"}


def test_says_what_to_type_when_it_has_to_look(tmp_path: Path) -> None:
    program = only(find(folder(tmp_path / "hw", ["tcp_client.py"])))
    assert (program.role, program.may_be) == (None, ("tcp-once-client", "tcp-loop-client"))
    assert "--role with one of tcp-once-client, tcp-loop-client" in str(program.doubt)


def test_has_no_doubt_when_it_knows(tmp_path: Path) -> None:
    program = only(find(folder(tmp_path / "udp", ["server.py"])))
    assert (program.doubt, program.may_be) == (None, ("udp-server",))


# --role


def test_takes_the_role_it_is_given(tmp_path: Path) -> None:
    top = folder(tmp_path / "hw", ["client.py"])
    assert roles(find(top, role="udp-server")) == {"client.py": "udp-server"}


@pytest.mark.parametrize("name", ["hw", "tcp-loop"])
def test_picks_the_program_of_the_role_it_is_given(tmp_path: Path, name: str) -> None:
    top = folder(tmp_path / name, ["server.py", "client.py"])
    assert roles(find(top, role="tcp-loop-client")) == {"client.py": "tcp-loop-client"}


def test_says_which_programs_could_have_the_role_it_is_given(tmp_path: Path) -> None:
    top = folder(tmp_path / "tcp-concurrent", ["a_server.py", "b_server.py"])
    assert "several of the programs fit (a_server.py, b_server.py)" in refusal(top, role="tcp-concurrent-server")
    assert "none of the programs is one by its name" in refusal(top, role="udp-server")


def test_says_which_role_was_meant(tmp_path: Path) -> None:
    assert "did you mean 'tcp-once-server'" in refusal(folder(tmp_path, ["server.py"]), role="tcp-one-server")


# Which files are programs


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(["server.py", "helper.py", "README.md"], ["server.py"], id="helpers"),
        pytest.param(["main.py"], ["main.py"], id="the only source"),
        pytest.param(["test_server.py"], ["test_server.py"], id="the only source, though it looks like a test"),
        pytest.param(["server.py", "test_server.py", "tests/client.py"], ["server.py"], id="tests"),
        pytest.param(["server.py", "__init__.py", "._server.py"], ["server.py"], id="leftovers"),
        pytest.param(["udp/server.py", "common/util.py"], ["udp/server.py"], id="a folder of helpers"),
        pytest.param(["udp-server/a.py", "udp/client.py"], ["udp-server/a.py", "udp/client.py"], id="by folder"),
        pytest.param(
            {"server.py": b"from server_tools import talk\n", "server_tools.py": b"1\n"}, ["server.py"], id="imported"
        ),
        pytest.param({"main.py": b"import talk, os\n", "talk.py": b"1\n"}, ["main.py"], id="imported by the unnamed"),
        pytest.param({"a.js": b"require('./my-talk.js')\n", "my-talk.js": b"1\n"}, ["a.js"], id="required"),
        pytest.param(
            {"client.py": b"import server\n", "server.py": b"1\n"}, ["client.py", "server.py"], id="constants"
        ),
        pytest.param({"server.c": C_MAIN, "server_tools.c": C_PART}, ["server.c"], id="C without main"),
        pytest.param({"talk.c": C_MAIN, "tools.c": C_PART, "a.out": b"\x7fELF"}, ["talk.c"], id="compiled by hand"),
        pytest.param({"Chat.java": JAVA % b"Chat", "Talk.java": b"class Talk { }\n"}, ["Chat.java"], id="Java"),
    ],
)
def test_knows_programs_from_their_parts(tmp_path: Path, files: Mapping[str, bytes], found: list[str]) -> None:
    top = folder(tmp_path / "hw", files)
    for compiled in top.rglob("a.out"):
        compiled.chmod(0o755)
    assert list(roles(find(top))) == found


def test_says_what_it_took_for_a_part(tmp_path: Path) -> None:
    notes = find(folder(tmp_path / "udp", ["server.py", "helper.py", ".git/config", "server.pyc"])).notes
    assert notes[0] == ".git/: left behind"
    assert notes[1].startswith("helper.py: taken for a part of the others")


def test_asks_when_it_cannot_tell_which_file_is_the_program(tmp_path: Path) -> None:
    told = refusal(folder(tmp_path / "hw", ["a.py", "b.py"]))
    assert "cannot tell which of these is a program: a.py, b.py" in told
    assert '[[program]] role = "tcp-once-server" file = "a.py"' in told


def test_brings_a_programs_own_folder_along(tmp_path: Path) -> None:
    top = folder(tmp_path, ["udp/server.py", "udp/data/words.txt", "tcp-once/server.py"])
    udp = next(program for program in find(top).programs if program.role == "udp-server")
    assert sorted(udp.files) == ["data/words.txt", "server.py"]


def test_brings_nothing_from_beside_a_single_file(tmp_path: Path) -> None:
    top = folder(tmp_path / "udp-server", ["alice.py", "bob.py"])
    assert list(only(find(top / "alice.py")).files) == ["alice.py"]


# How each language is built and run


def test_runs_python_with_the_interpreter_below_any_environment(tmp_path: Path) -> None:
    program = only(find(folder(tmp_path / "udp", ["server.py"])))
    python, script = program.run
    asked = subprocess.run([python, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == sys.base_prefix
    assert script == "server.py"
    assert program.env["PYTHONUNBUFFERED"] == "1"
    assert sys.base_prefix.startswith("/usr") or program.read_only == (Path(sys.base_prefix),)


def test_runs_python_with_the_interpreter_it_is_given(tmp_path: Path) -> None:
    program = only(find(folder(tmp_path / "udp", ["server.py"]), python=sys.executable))
    assert program.run[0] == sys.executable
    assert {Path(sys.prefix), Path(sys.base_prefix)} >= set(program.read_only)


@pytest.mark.parametrize("python", ["/bin/false", "no-such-python"])
def test_refuses_an_interpreter_that_is_none(tmp_path: Path, python: str) -> None:
    assert "there is no Python interpreter" in refusal(folder(tmp_path / "udp", ["server.py"]), python=python)


@pytest.mark.parametrize(
    ("files", "build", "run"),
    [
        pytest.param({"server.c": C_MAIN}, "gcc -O1 -pthread -o program server.c -lm", "./program", id="C"),
        pytest.param(
            {"server.c": C_MAIN, "client.c": C_MAIN, "net.c": C_PART, "program/x": b""},
            "gcc -O1 -pthread -o program_ server.c net.c -lm",
            "./program_",
            id="C with a part",
        ),
        pytest.param({"-server.cc": C_MAIN}, "g++ -O1 -pthread -o program ./-server.cc -lm", "./program", id="C++"),
        pytest.param(
            {"Server.java": JAVA % b"Server", "T.java": b"class Talk { }\n", "Client.java": b"class Client { broken"},
            "javac -encoding UTF-8 -d . Server.java T.java",
            "java -XX:+UseSerialGC -XX:-UsePerfData -cp . Server",
            id="Java",
        ),
        pytest.param(
            {
                "src/net/talk/Server.java": b"package net.talk;\n" + JAVA % b"Server",
                "src/net/Talk.java": b"class Talk{}",
            },
            "javac -encoding UTF-8 -d . net/talk/Server.java net/Talk.java",
            "java -XX:+UseSerialGC -XX:-UsePerfData -cp . net.talk.Server",
            id="Java in a package",
        ),
        pytest.param({"server.js": b"1"}, "", "node server.js", id="JavaScript"),
        pytest.param({"server.pl": b"1"}, "", "perl server.pl", id="Perl"),
        pytest.param({"server.tcl": b"1"}, "", "tclsh server.tcl", id="Tcl"),
        pytest.param({"server.sh": b"1"}, "", "bash server.sh", id="shell"),
    ],
)
def test_knows_how_to_build_and_run(tmp_path: Path, files: Mapping[str, bytes], build: str, run: str) -> None:
    for command in filter(None, (build, run)):
        tool = command.partition(" ")[0]
        if not tool.startswith("./"):
            find_or_skip(tool)
    program = next(each for each in find(folder(tmp_path / "hw", files)).programs if "erver" in each.name)
    called = [" ".join([Path(argv[0]).name, *argv[1:]]) if argv else "" for argv in (program.build, program.run)]
    assert called == [build, run.removeprefix("./")]


@pytest.mark.parametrize(
    ("source", "main"),
    [
        (
            b"class Handler { }\npublic class Server {\n static class In { }\n static public void main(String[] a)",
            "Server",
        ),
        (b"class A { }\nclass B {\n  class C { }\n  public static void main(String a[])", "B"),
        (b"// class Wrong\nclass Talk {\n void main()", "Talk"),
        (b"\xe4\xff void main(", "server"),
    ],
)
def test_starts_the_class_with_main(tmp_path: Path, source: bytes, main: str) -> None:
    find_or_skip("javac")
    assert only(find(folder(tmp_path, {"server.java": source}))).run[-1] == main


def test_calls_the_rust_compiler_itself(tmp_path: Path) -> None:
    find_or_skip("rustc")
    program = only(find(folder(tmp_path / "udp", {"server.rs": b"fn main() {}\n"})))
    assert program.build is not None
    run = subprocess.run([program.build[0], "--version"], env={}, capture_output=True, check=True)
    assert run.stdout.startswith(b"rustc")
    assert any(arg.startswith("linker=/") for arg in program.build)


@pytest.mark.parametrize("content", [b"#!/bin/sh\n", b"\x7fELF"], ids=["#!", "ELF"])
def test_runs_an_executable_as_itself(tmp_path: Path, content: bytes) -> None:
    (folder(tmp_path / "udp", {"server": content}) / "server").chmod(0o755)
    program = only(find(tmp_path / "udp"))
    assert (program.build, program.run) == (None, ("./server",))
    assert program.files["server"] == SourceFile(content, executable=True)


def test_runs_a_python_script_without_a_suffix(tmp_path: Path) -> None:
    (folder(tmp_path / "udp", {"server": b"#!/usr/bin/env python3\n"}) / "server").chmod(0o755)
    assert only(find(tmp_path / "udp")).run[1:] == ("server",)


def test_names_the_interpreter_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callbox.languages.SYSTEM_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", "relative:")
    told = refusal(folder(tmp_path / "udp", {"server.lua": b"1"}))
    assert told == "server.lua (Lua): needs lua or lua5.4 or lua5.3 or luajit, which this machine does not have"


def test_gives_each_suffix_to_one_language() -> None:
    suffixes = [suffix for language in LANGUAGES for suffix in language.suffixes]
    assert len(suffixes) == len(set(suffixes))


# callbox.toml


def test_believes_callbox_toml_and_nothing_else(tmp_path: Path) -> None:
    listing = b'[[program]]\nrole = "udp-server"\nfile = "tcp/client.py"\ntakes = ["--host", "--port"]\n'
    program = only(find(folder(tmp_path, {"tcp/client.py": b"1", "server.py": b"1", "callbox.toml": listing})))
    assert (program.name, program.role, program.run[1]) == ("tcp/client.py", "udp-server", "client.py")
    assert program.takes == {"--host", "--port"}


def test_builds_and_runs_as_callbox_toml_says(tmp_path: Path) -> None:
    listing = (
        b'[[program]]\nrole = "udp-server"\nfile = "x.zig"\nbuild = ["sh", "make.sh"]\nrun = ["python3", "-O", "x"]\n'
    )
    program = only(find(folder(tmp_path, {"x.zig": b"1", "callbox.toml": listing})))
    assert program.build is not None
    assert (Path(program.build[0]).name, program.build[1:]) == ("sh", ("make.sh",))
    assert (Path(program.run[0]).resolve(), program.run[1:]) == (Path(sys.executable).resolve(), ("-O", "x"))


def test_gives_a_file_that_is_listed_twice_two_names(tmp_path: Path) -> None:
    listing = b'[[program]]\nrole = "udp-server"\nfile = "a.py"\n[[program]]\nrole = "udp-client"\nfile = "a.py"\n'
    found = roles(find(folder(tmp_path, {"a.py": b"1", "callbox.toml": listing})))
    assert found == {"a.py": "udp-server", "a.py #2": "udp-client"}


@pytest.mark.parametrize(
    ("listing", "mistake"),
    [
        (b"", "callbox.toml: program: is missing"),
        (b"[[program]]\nfiel = 'a.py'", "program no. 1.fiel: unknown key; did you mean 'file'?"),
        (b"[[program]]\nfile = 'b.py'", "program no. 1.file: there is no b.py in the submission; did you mean 'a.py'?"),
        (b"[[program]]\nfile = '../../etc/passwd'", "there is no ../../etc/passwd in the submission"),
        (b"[[program]]\nrole = 'udp-servr'\nfile = 'a.py'", "there is no role 'udp-servr'; did you mean 'udp-server'?"),
        (b"[[program]]\nrole = 'udp-server'", "says neither file"),
        (b"[[program]]\nfile = 'a.py'\ntakes = ['--prt']", "takes no. 1: '--prt' is unknown; did you mean '--port'?"),
        (b"[[program]]\nfile = 'callbox.toml'", "it is not known how to start callbox.toml; say run"),
        (b"[[program]]\nrun = ['no-such-tool']", "program no. 1.run: needs no-such-tool, which this machine"),
        (b"[[program]]\nrun = []", "program no. 1.run: list should have at least 1 item"),
        (b"[program", "callbox.toml: is not TOML"),
    ],
)
def test_names_the_mistake_in_callbox_toml(tmp_path: Path, listing: bytes, mistake: str) -> None:
    assert mistake in refusal(folder(tmp_path, {"a.py": b"1", "callbox.toml": listing}))


def test_refuses_two_callbox_tomls(tmp_path: Path) -> None:
    assert "more than one callbox.toml" in refusal(folder(tmp_path, ["callbox.toml", "a/callbox.toml"]))


# What is no submission


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"server.py": b""}, "server.py: is empty"),
        ({"server.py": b"\n \n"}, "server.py: is empty"),
        ({"server.py": b"\x7fELF\0\0"}, "server.py: is no source text: it has NUL bytes in it"),
        ({"server.py": "import socket".encode("utf-16")}, "server.py: is saved as UTF-16; save it as UTF-8"),
        ({"server": b"\x7fELF"}, "server could be started, but is not executable (chmod +x)"),
        ({"hw.zip": b"PK\x03\x04"}, "hw.zip is an archive: unpack it first"),
        ({"notes.txt": bytes(range(256))}, "there is no program here; known are .py .c"),
        ({}, "there is no file in this folder"),
    ],
)
def test_refuses_what_holds_no_program(tmp_path: Path, files: Mapping[str, bytes], why: str) -> None:
    assert why in refusal(folder(tmp_path, files))


def test_judges_the_others_beside_an_empty_one(tmp_path: Path) -> None:
    submission = find(folder(tmp_path / "udp", {"server.py": b"1", "client.py": b""}))
    assert len(submission.programs) == 2
    assert submission.notes == ("client.py: is empty",)


@pytest.mark.parametrize("path", ["missing", "missing/server.py", "a.py/b", "nul\0", "x" * 300])
def test_refuses_a_path_where_nothing_is(tmp_path: Path, path: str) -> None:
    told = refusal(folder(tmp_path, ["a.py"]) / path)
    assert "there is nothing here" in told or "cannot be read" in told


@pytest.mark.parametrize("name", ["server.py", "udp/server.py", "words.txt", "udp"])
@pytest.mark.parametrize("target", ["/etc/passwd", "/", "nowhere", "real.py"])
def test_follows_no_link(tmp_path: Path, name: str, target: str) -> None:
    link = folder(tmp_path, ["real.py"]) / name
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(target)
    assert f"{name}: is a symbolic link, and none is followed" in refusal(tmp_path)
    assert "is a symbolic link, and none is followed" in refusal(link)


def test_waits_for_no_fifo(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "server.py")
    assert "server.py: is a FIFO" in refusal(tmp_path)
    assert "server.py: is a FIFO" in refusal(tmp_path / "server.py")


def test_opens_no_device() -> None:
    assert refusal(Path("/dev/null")) == "/dev/null: is a device; only plain files and folders are taken"


def test_leaves_behind_the_socket_of_a_server_that_was_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder(tmp_path / "unix", ["server.py"]))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("server.sock")
        submission = find(tmp_path / "unix")
    assert roles(submission) == {"server.py": "unix-server"}
    assert submission.notes == ("server.sock: left behind",)


@pytest.mark.parametrize("name", ["__pycache__", ".git", "node_modules", "__MACOSX", "myenv"])
def test_leaves_behind_what_tools_make(tmp_path: Path, name: str) -> None:
    top = folder(tmp_path / "udp", ["server.py", f"{name}/pyvenv.cfg"])
    (top / name / "link").symlink_to("/etc/passwd")
    submission = find(top)
    assert list(only(submission).files) == ["server.py"]
    assert submission.notes == (f"{name}/: left behind",)


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_says_what_it_may_not_read(tmp_path: Path) -> None:
    (folder(tmp_path, ["server.py"]) / "server.py").chmod(0)
    assert "server.py: cannot be read: Permission denied" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (b"\xb7\xfe\xce\xf1\xb6\xcb.py", "this name is not UTF-8; rename it"),
        (b"server\n.py", "characters in it that cannot be seen"),
        (b"\x1b[31m.py", "characters in it that cannot be seen"),
        ("\u202eyp.revres".encode(), "characters in it that cannot be seen"),
    ],
)
def test_refuses_names_that_no_report_can_show(tmp_path: Path, name: bytes, why: str) -> None:
    file = os.fsencode(tmp_path) + b"/" + name
    with open(file, "wb"):  # noqa: PTH123 - a Path takes no bytes
        pass
    assert why in refusal(tmp_path)
    assert why in refusal(Path(os.fsdecode(file)))


def test_refuses_folders_in_folders_without_end(tmp_path: Path) -> None:
    folder(tmp_path, [f"{'d/' * 200}server.py"])
    assert "folders lie more than 20 deep" in refusal(tmp_path)


def test_refuses_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_ENTRIES", 9)
    assert roles(find(folder(tmp_path / "udp", [f"data/{n}.txt" for n in range(7)] + ["server.py"])))
    folder(tmp_path / "udp", ["data/7.txt"])
    assert "holds too many files: more than 9 in the submission" in refusal(tmp_path / "udp")


def test_refuses_too_many_bytes(tmp_path: Path) -> None:
    with (folder(tmp_path, ["server.py"]) / "core").open("wb") as core:
        core.truncate(1 << 40)
    assert "core: too large: a submission has at most 50 MB in all" in refusal(tmp_path)


def test_counts_the_bytes_of_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_BYTES", 20)
    assert "b.py: too large" in refusal(folder(tmp_path, {"a.py": b"1" * 15, "b.py": b"1" * 15}))


def test_refuses_too_many_programs(tmp_path: Path) -> None:
    assert "has more than 100 programs" in refusal(folder(tmp_path, [f"server{n}.py" for n in range(101)]))


def test_runs_nothing_of_a_submission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = b"import pathlib; pathlib.Path('sprung').touch()\n"
    monkeypatch.chdir(
        folder(tmp_path, dict.fromkeys(["server.py", "client.py", "sitecustomize.py", "conftest.py"], trap))
    )
    assert len(find(tmp_path).programs) == 2
    assert not list(tmp_path.rglob("sprung"))


def test_a_role_that_is_asked_for_is_taken_where_the_name_allows_it(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text("import socket")
    (tmp_path / "client.py").write_text("import socket")
    asked = ["tcp-loop-server", "tcp-loop-client"]
    assert {one.name: one.role for one in find(tmp_path, asked=asked).programs} == {
        "server.py": "tcp-loop-server",
        "client.py": "tcp-loop-client",
    }


def test_of_several_roles_that_are_asked_for_one_is_found_by_looking(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text("import socket")
    (found,) = find(tmp_path, asked=["tcp-loop-server", "udp-server", "udp-client"]).programs
    assert found.role is None
    assert found.may_be == ("tcp-loop-server", "udp-server")
