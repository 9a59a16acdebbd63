"""What a program printed of an exception is cut to the error, and to the line of the student's own that it came from."""

from __future__ import annotations

import pytest

from callbox.tracebacks import find

PYTHON = """listening
Traceback (most recent call last):
  File "/box/home/server.py", line 3, in <module>
    serve()
  File "/box/home/server.py", line 2, in serve
    data = conn.recv(1024)
  File "/usr/lib/python3.11/socket.py", line 700, in recv
    raise
ConnectionResetError: [Errno 104] Connection reset by peer
"""
JAVA = """Exception in thread "main" java.net.BindException: Address already in use
\tat java.base/sun.nio.ch.Net.bind0(Native Method)
\tat java.base/java.net.ServerSocket.bind(ServerSocket.java:395)
\tat Server.main(Server.java:2)
"""
NODE = """node:events:497
      throw er; // Unhandled 'error' event
      ^

Error: listen EADDRINUSE: address already in use 127.0.0.1:6666
    at Server.setupListenHandle [as _listen2] (node:net:1817:16)
    at Object.<anonymous> (/box/home/server.js:2:8)
"""
GO = """panic: listen tcp: address already in use

goroutine 1 [running]:
main.main()
\t/box/home/main.go:2 +0x1d
"""
RUST = """thread 'main' panicked at src/main.rs:2:37:
called `Result::unwrap()` on an `Err` value: AddrInUse
note: run with `RUST_BACKTRACE=1`
"""
OLD_RUST = "thread 'main' panicked at 'no luck', src/main.rs:2:37\n"
RUBY = """server.rb:2:in 'Socket#recv': Connection reset by peer (Errno::ECONNRESET)
\tfrom server.rb:3:in '<main>'
"""
PERL = "bind: Address already in use at server.pl line 2.\n"
SOURCE = b"one\n    two()\nthree\n"


@pytest.mark.parametrize(
    ("printed", "file", "error"),
    [
        pytest.param(PYTHON, "server.py", "ConnectionResetError: [Errno 104] Connection reset by peer", id="Python"),
        pytest.param(JAVA, "Server.java", "java.net.BindException: Address already in use", id="Java"),
        pytest.param(
            NODE, "server.js", "Error: listen EADDRINUSE: address already in use 127.0.0.1:6666", id="JavaScript"
        ),
        pytest.param(GO, "main.go", "listen tcp: address already in use", id="Go"),
        pytest.param(RUST, "src/main.rs", "called `Result::unwrap()` on an `Err` value: AddrInUse", id="Rust"),
        pytest.param(OLD_RUST, "src/main.rs", "no luck", id="Rust before 1.73"),
        pytest.param(RUBY, "server.rb", "Connection reset by peer (Errno::ECONNRESET)", id="Ruby"),
        pytest.param(PERL, "server.pl", "bind: Address already in use", id="Perl"),
    ],
)
def test_an_exception_is_told_with_its_line(printed: str, file: str, error: str) -> None:
    assert find(f"ready\n{printed}", {file: SOURCE}) == f"{error}, in line 2: `two()`"


def test_of_several_files_the_one_is_named() -> None:
    assert find(PYTHON, {"server.py": SOURCE, "part.py": b""}).endswith(", in line 2 of server.py: `two()`")


def test_an_exception_of_other_files_has_no_line() -> None:
    assert find(PYTHON, {"other.py": SOURCE}) == "ConnectionResetError: [Errno 104] Connection reset by peer"


def test_a_line_that_the_file_has_not_is_told_without_its_text() -> None:
    assert find(PYTHON, {"server.py": b""}).endswith("in line 2")


def test_the_last_of_several_is_told() -> None:
    again = PYTHON.replace("ConnectionResetError", "BrokenPipeError")
    assert find(PYTHON + again, {"server.py": SOURCE}).startswith("BrokenPipeError")


@pytest.mark.parametrize("printed", ["", "all is well\n", "the word Traceback (most recent call last) in a sentence\n"])
def test_what_is_no_exception_is_none(printed: str) -> None:
    assert find(printed, {"server.py": SOURCE}) == ""
