"""What a program asks for in receiving calls that do not block is seen, and it is let go of as if nobody had looked."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from callbox import assignment, receiving
from callbox.kernel import processes
from callbox.kernel.tracer import Tracer
from callbox.launch import Launch
from callbox.server import Server
from callbox.verdict import Mismatch, NotJudged
from suites.bench.pytester import SPECIMENS
from suites.bench.starting import PATIENCE, comes_to, python

if TYPE_CHECKING:
    from contextlib import ExitStack

    from callbox.booth import Lobby
    from callbox.line import Line

pytestmark = pytest.mark.timeout(120)

ROLE = "tcp-concurrent-server"
SELECT = """
    import select, socket, struct, threading
    door = socket.create_server(("127.0.0.1", 65447))
    open_ends = {door}
    def serve():
        while True:
            for end in select.select(open_ends, [], [])[0]:
                if end is door:
                    open_ends.add(door.accept()[0])
                    continue
                end.recv(3000, socket.MSG_PEEK)
                end.send(RECEIVE)
    SERVE
"""
ONCE_MORE = b"and once more"


class Starting:
    """Starts traced servers that end with the test."""

    def __init__(self, lobby: Lobby, stack: ExitStack) -> None:
        self.lobby = lobby
        self.stack = stack

    def __call__(self, launch: Launch) -> Server:
        """A server that listens, traced."""
        traced = Launch(launch.name, launch.argv, launch.files, launch.folders, launch.env, traced=True)
        terms = assignment.load().terms(ROLE)
        server = self.stack.enter_context(Server(self.lobby, traced, terms, patience=PATIENCE))
        server.start()
        return server


@pytest.fixture
def start_traced(lobby: Lobby, stack: ExitStack) -> Starting:
    """Starts traced servers."""
    return Starting(lobby, stack)


@pytest.fixture(scope="session")
def epoll_server(tmp_path_factory: pytest.TempPathFactory) -> Launch:
    """How a server in C is started that ends when epoll_wait is interrupted."""
    if not (compiler := shutil.which("gcc")):
        pytest.skip("needs gcc")
    program = tmp_path_factory.mktemp("epoll") / "program"
    source = SPECIMENS / "wrong" / ROLE / "epoll_2048.c"
    subprocess.run([compiler, "-static", "-o", str(program), str(source)], check=True)
    return Launch("epoll", ("./program",), {"program": (program.read_bytes(), 0o755)})


def select_server(receive: str = "end.recv(2048)", serve: str = "serve()") -> Launch:
    """How a server in Python is started that receives in a given way."""
    return python(SELECT.replace("RECEIVE", receive).replace("SERVE", serve))


def talk(server: Server, line: Line, message: bytes = b"HELLO") -> dict[int, str]:
    """What a server asks for on the socket of a conversation while it answers."""
    end = server.wait_for(lambda: server.other_end(line))
    assert end
    line.send(message)
    line.expect(message)
    return server.traced_lengths(end.inode)


@pytest.mark.parametrize(
    ("receive", "length"),
    [
        pytest.param("end.recv(2048)", 2048, id="recvfrom"),
        pytest.param("end.recvmsg(2049)[0]", 2049, id="recvmsg"),
        pytest.param("__import__('os').read(end.fileno(), 2050)", 2050, id="read"),
        pytest.param("(b := bytearray(2051))[:__import__('os').readv(end.fileno(), [b])]", 2051, id="readv"),
    ],
)
def test_sees_for_how_much_a_select_server_asks(start_traced: Starting, receive: str, length: int) -> None:
    server = start_traced(select_server(receive))
    with server.dial() as line:
        assert talk(server, line) == {length: ""}, "and does not see what is only peeked at"


def test_sees_each_conversation_by_itself(start_traced: Starting) -> None:
    server = start_traced(select_server("end.recv(end.getpeername()[1])"))
    with server.dial() as one, server.dial() as other:
        assert [talk(server, line) for line in (one, other)] == [
            {line.socket.getsockname()[1]: ""} for line in (one, other)
        ]


@pytest.mark.parametrize(
    "serve",
    [
        pytest.param("threading.Thread(target=serve).start()", id="thread"),
        pytest.param("__import__('os').fork() and __import__('os').wait() or serve()", id="fork"),
        pytest.param("__import__('multiprocessing').Process(target=serve).start()", id="multiprocessing"),
    ],
)
def test_follows_threads_and_children(start_traced: Starting, serve: str) -> None:
    server = start_traced(select_server(serve=serve))
    with server.dial() as line:
        assert talk(server, line) == {2048: ""}


def test_an_epoll_server_goes_on_as_if_nobody_had_looked(start_traced: Starting, epoll_server: Launch) -> None:
    server = start_traced(epoll_server)
    with server.dial() as line:
        assert talk(server, line) == {2048: ""}
        assert tracers(server) == {tracer(server).process.pid}
        tracer(server).close()
        assert tracers(server) == {0}
        line.send(ONCE_MORE)
        line.expect(ONCE_MORE.upper())
    assert not server.ended()


def test_is_let_go_of_when_an_exception_ends_the_tracing(start_traced: Starting, epoll_server: Launch) -> None:
    server = start_traced(epoll_server)
    with server.dial() as line:
        with pytest.raises(ZeroDivisionError):
            flood_and_fail(server, line)
        line.take(100_000)
        assert tracers(server) == {0}
        line.send(ONCE_MORE)
        line.expect(ONCE_MORE.upper())


def test_a_program_that_never_rests_is_let_go_of(start_traced: Starting) -> None:
    server = start_traced(python("import socket\nx = socket.create_server(('127.0.0.1', 65447))\nwhile True: pass"))
    tracer(server).close()
    assert tracers(server) == {0}


def test_a_program_that_the_tracer_holds_is_not_silent(start_traced: Starting) -> None:
    server = start_traced(select_server())
    with server.dial() as line:
        assert server.wait_for(server.silence)
        os.kill(tracer(server).process.pid, signal.SIGSTOP)
        line.socket.send(b"HELLO")
        assert comes_to(lambda: processes.threads(server.processes())[0].state, "t")
        assert server.silence() is None
        os.kill(tracer(server).process.pid, signal.SIGCONT)
        line.expect(b"HELLO")


def test_who_traces_already_is_told(start_traced: Starting) -> None:
    server = start_traced(select_server())
    with pytest.raises(PermissionError, match="Operation not permitted"):
        Tracer(server.keeper)


def test_a_refused_tracing_is_not_the_programs_fault(start_traced: Starting, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int) -> Tracer:
        raise PermissionError(f"ptrace of {pid}: Operation not permitted")

    monkeypatch.setattr("callbox.program.Tracer", refuse)
    with pytest.raises(NotJudged, match="Operation not permitted"):
        start_traced(select_server())


def test_what_a_runtime_chooses_is_not_judged(start_traced: Starting) -> None:
    server = start_traced(
        python("""
        import asyncio
        async def answer(reader, writer):
            while data := await reader.read(1024):
                writer.write(data)
        async def main():
            await (await asyncio.start_server(answer, "127.0.0.1", 65447)).serve_forever()
        asyncio.run(main())
        """)
    )
    with server.dial() as line:
        end = server.wait_for(lambda: server.other_end(line))
        assert talk(server, line) == {256 << 10: "asyncio"}
        with pytest.raises(NotJudged, match="asyncio asks for 262144 bytes"):
            receiving.expect_traced_length(server, 1024, end.inode if end else 0)


def test_what_a_program_chooses_is_judged_by_the_most_it_asks_for(start_traced: Starting) -> None:
    server = start_traced(select_server("end.recv(1000) + end.recv(2048)"))
    with server.dial() as line:
        talk(server, line, bytes(2000))
        end = server.other_end(line)
        inode = end.inode if end else 0
        receiving.expect_traced_length(server, 2048, inode)
        with pytest.raises(Mismatch, match="it asks for 2048 bytes at a time"):
            receiving.expect_traced_length(server, 1024, inode)


def test_what_was_never_seen_is_not_judged(start_traced: Starting) -> None:
    server = start_traced(select_server())
    with pytest.raises(NotJudged, match="none of the calls that we know"):
        receiving.expect_traced_length(server, 1024, 1)


def flood_and_fail(server: Server, line: Line) -> None:
    """Raise an exception while a traced server has its hands full."""
    with tracer(server):
        line.send(bytes(100_000))
        raise ZeroDivisionError


def tracer(server: Server) -> Tracer:
    """The tracer of a server that was started traced."""
    assert server.tracer
    return server.tracer


def tracers(server: Server) -> set[int]:
    """Who traces the threads of a program (0: nobody)."""
    found = set()
    for thread in processes.threads(server.processes()):
        status = Path(f"/proc/{thread.pid}/task/{thread.tid}/status").read_text()
        found |= {int(line.split()[1]) for line in status.splitlines() if line.startswith("TracerPid")}
    return found
