"""A box has a network and processes of its own, and everything in it ends with it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from callbox.booth import Lobby
from callbox.server import Server
from callbox.submission import find
from callbox.verdict import BoothError
from callbox.workshop import Workshop
from suites.bench.starting import PATIENCE, Starter, Watched

if TYPE_CHECKING:
    from callbox.assignment import Assignment
    from callbox.booth import Booth

pytestmark = pytest.mark.timeout(120)  # of what never ends

HOUSE = Path(__file__).parents[2]
NAMESPACES = ["net", "pid", "mnt", "ipc", "uts", "user"]
STUBBORN = """
    import os, signal, time
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    os.fork(), os.fork()
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)  # and its child is nobody's: a daemon
    print("ready")
    while True:
        time.sleep(3600)
"""
STUBBORN_PROCESSES = 8  # four that stay, and a daemon of each
OWNER = f"""
import json, sys, time
from contextlib import ExitStack
from callbox.booth import Lobby
from callbox.kernel import processes
from suites.bench.starting import Starter

lobby = Lobby(isolated=sys.argv[1] == "box")
with ExitStack() as stack:
    program = Starter(lobby, stack)({STUBBORN!r})
    program.wait_for(lambda: program.output.count("ready") == {STUBBORN_PROCESSES} or None)
    print(json.dumps([str(program.booth.room), *processes.descendants(lobby.process.pid), lobby.process.pid]), flush=True)
    time.sleep(3600)
"""


def namespace(pid: int | str, kind: str) -> str:
    return str(Path(f"/proc/{pid}/ns/{kind}").readlink())


def stubborn(start: Starter) -> list[int]:
    """Processes of a program that does not want to end."""
    program = start(STUBBORN)
    program.wait_for(lambda: program.output.count("ready") == STUBBORN_PROCESSES or None)
    return program.processes()


# A network of its own


@pytest.mark.parametrize("kind", NAMESPACES)
def test_a_box_has_a_namespace_of_its_own(booth: Booth, kind: str) -> None:
    assert namespace(booth.pid, kind) != namespace("self", kind)


@pytest.mark.parametrize("kind", ["pid", "mnt", "ipc", "user"])
def test_a_program_has_a_namespace_apart_from_that_of_the_attendant(start: Starter, kind: str) -> None:
    program = start.ready("print('ready'); input()")
    [pid] = program.processes()
    assert len({namespace(pid, kind), namespace(program.booth.pid, kind), namespace("self", kind)}) == 3


def test_sockets_of_a_box_are_in_its_network(start: Starter) -> None:
    program = start.ready("print('ready'); input()")
    [pid] = program.processes()
    assert namespace(pid, "net") == namespace(program.booth.pid, "net")
    with program.booth.make_socket(socket.AF_INET, socket.SOCK_STREAM) as end:
        end.bind(("127.0.0.1", 7890))
        end.listen()
        assert f"{7890:04X} 00000000:0000 0A" in Path(f"/proc/{pid}/net/tcp").read_text()


def test_the_same_port_is_free_in_every_box(lobby: Lobby) -> None:
    with ExitStack() as stack:
        booths = [stack.enter_context(lobby.open()) for _ in range(3)]
        ends = [stack.enter_context(booth.make_socket(socket.AF_INET, socket.SOCK_STREAM)) for booth in booths]
        for end in ends:
            end.bind(("0.0.0.0", 7890))
        assert {end.getsockname() for end in ends} == {("0.0.0.0", 7890)}


def test_two_boxes_run_the_same_hard_coded_program(start: Starter, material: Assignment) -> None:
    source = """
        import socket
        phone = socket.create_server((HOST, PORT))
        while True:
            conn, _ = phone.accept()
            conn.sendall(b"me" + conn.recv(100))
    """
    servers = [start.server(source), start.server(source)]
    assert {server.listener.port for server in servers} == {material.terms("tcp-forever-server").port}
    for word, server in zip((b"one", b"two"), servers, strict=True):
        with server.dial() as line:
            line.send(word)
            line.expect(b"me" + word)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "192.168.1.5", "8.8.8.8", "::1"])
def test_a_program_can_bind_any_address(booth: Booth, host: str) -> None:
    with booth.make_socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as door:
        door.bind((host, 7890))
        assert door.getsockname()[:2] == (host, 7890)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "192.168.1.5", "8.8.8.8", "::1", "2001:db8::5"])
def test_whatever_address_is_dialled_is_in_the_box(booth: Booth, host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with booth.make_socket(family, socket.SOCK_STREAM) as door, booth.make_socket(family, socket.SOCK_STREAM) as end:
        door.listen()
        end.connect((host, door.getsockname()[1]))
        assert end.getpeername()[:2] == (host, door.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_was_sent_in_small_pieces_arrives_before_a_reset(booth: Booth, host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with booth.make_socket(family, socket.SOCK_STREAM) as door, booth.make_socket(family, socket.SOCK_STREAM) as end:
        door.bind((host, 0))
        door.listen()
        end.connect(door.getsockname())
        end.send(b"?")
        with door.accept()[0] as theirs:  # which is closed with a byte unread
            for _ in range(1000):
                theirs.send(b".")
        assert end.recv(2000) == 1000 * b"."


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1", "8.8.8.8"])
def test_nothing_of_this_machine_or_beyond_is_reached_from_a_box(booth: Booth, host: str) -> None:
    with (
        socket.create_server(("0.0.0.0", 0)) as ours,
        booth.make_socket(socket.AF_INET, socket.SOCK_STREAM) as end,
        pytest.raises(ConnectionRefusedError),  # by the box itself: nobody else was asked
    ):
        end.connect((host, ours.getsockname()[1]))


def test_an_abstract_socket_of_this_machine_is_not_reached_from_a_box(booth: Booth) -> None:
    name = f"\0callbox-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as ours, booth.make_socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        ours.bind(name)
        ours.listen()
        with pytest.raises(ConnectionRefusedError):
            end.connect(name)


def test_counters_of_a_box_begin_at_zero(booth: Booth) -> None:
    def calls_taken() -> int:
        names, numbers = (
            line.split()
            for line in Path(f"/proc/{booth.pid}/net/snmp").read_text().splitlines()
            if line.startswith("Tcp:")
        )
        return int(dict(zip(names, numbers, strict=True))["PassiveOpens"])

    assert calls_taken() == 0
    with (
        booth.make_socket(socket.AF_INET, socket.SOCK_STREAM) as door,
        booth.make_socket(socket.AF_INET, socket.SOCK_STREAM) as end,
    ):
        door.listen()
        end.connect(("127.0.0.1", door.getsockname()[1]))
        assert calls_taken() == 1


def test_multicast_and_broadcast_stay_in_the_box(booth: Booth) -> None:
    with (
        booth.make_socket(socket.AF_INET, socket.SOCK_DGRAM) as hears,
        booth.make_socket(socket.AF_INET, socket.SOCK_DGRAM) as end,
    ):
        hears.bind(("0.0.0.0", 7890))
        hears.settimeout(PATIENCE)
        end.sendto(b"to all of 192.168.1.0/24", ("192.168.1.255", 7890))
        assert hears.recv(100) == b"to all of 192.168.1.0/24"


# The end


def test_closing_a_box_ends_a_program_that_does_not_want_to_end(start_anywhere: Starter) -> None:
    pids = stubborn(start_anywhere)
    assert len(pids) >= STUBBORN_PROCESSES
    with Watched(pids) as watched:
        start_anywhere.stack.close()
        assert watched.are_dead()


def test_a_box_stays_when_a_daemon_in_it_ends(start_anywhere: Starter) -> None:
    program = start_anywhere.ready("""
        import os
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os._exit(0)  # it becomes the attendant's to bury, or bubblewrap's
            os._exit(0)
        os.wait()
        print("ready")
        input()
        print("still here")
    """)
    program.type("")
    program.expect_printed("still here")
    program.expect_exit(0)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("tier", ["box", "host"])
def test_nothing_outlives_the_bench(request: pytest.FixtureRequest, tier: str, how: signal.Signals) -> None:
    request.getfixturevalue("lobby" if tier == "box" else "host_lobby")  # or it is skipped
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, tier], cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with owner:
        try:
            room, *pids = json.loads(owner.stdout.readline() if owner.stdout else b"")
            with Watched(pids) as watched:
                owner.send_signal(how)
                watched.wait_until_dead()
        finally:
            owner.kill()
        assert tier == "box" or not Path(room).exists()


def test_nothing_outlives_its_lobby(any_lobby: Lobby) -> None:
    lobby = Lobby(isolated=any_lobby.isolated)
    with ExitStack() as stack:
        pids = stubborn(Starter(lobby, stack))
        with Watched(pids) as watched:
            lobby.close()
            watched.wait_until_dead()


def test_a_box_whose_attendant_is_dead_can_be_closed(any_lobby: Lobby) -> None:
    with any_lobby.open() as booth, Watched([booth.pid]) as attendant:
        os.kill(booth.pid, signal.SIGKILL)
        attendant.wait_until_dead()
        with pytest.raises(BoothError, match="the attendant is gone"):
            booth.read()


def test_a_lobby_opens_boxes_after_one_has_died(any_lobby: Lobby) -> None:
    with any_lobby.open() as booth:
        os.kill(booth.pid, signal.SIGKILL)
    with any_lobby.open() as booth:
        assert booth.read() == {}


def test_a_lobby_that_is_gone_is_the_fault_of_the_bench(any_lobby: Lobby) -> None:
    lobby = Lobby(isolated=any_lobby.isolated)
    lobby.close()
    with pytest.raises(BoothError, match="the lobby is gone"):
        lobby.open()


def test_a_folder_that_is_not_there_is_the_fault_of_the_bench(lobby: Lobby) -> None:
    with pytest.raises(BoothError, match="open_tree /nowhere: No such file or directory"):
        lobby.open([Path("/nowhere")])


# Outside a box


def test_without_a_box_the_network_is_that_of_this_machine(host_lobby: Lobby) -> None:
    with host_lobby.open() as booth, booth.make_socket(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.listen()
        with socket.create_connection(("127.0.0.1", door.getsockname()[1])) as ours, door.accept()[0] as theirs:
            assert theirs.getpeername() == ours.getsockname()


def test_without_a_box_the_work_folder_goes_with_its_program(host_lobby: Lobby) -> None:
    with ExitStack() as stack:
        program = Starter(host_lobby, stack).ready("""
            import os
            os.makedirs("locked/away")
            open("locked/away/file", "w").close()
            os.symlink("/etc", "locked/link")
            os.chmod("locked/away", 0), os.chmod("locked", 0)
            print("ready")
        """)
        room = program.booth.room
        assert (room / "work" / "program.py").exists()
    assert not room.exists()
    assert Path("/etc/passwd").exists()


def test_a_reference_program_serves_with_and_without_a_box(any_lobby: Lobby, material: Assignment) -> None:
    terms = material.terms("tcp-once-server")
    [source] = find(HOUSE / "reference" / "tcp-once" / "server.py", role=terms.role.name).programs
    with Server(any_lobby, Workshop(any_lobby).launch(source), terms, patience=PATIENCE) as server:
        server.start()
        with server.dial() as line:
            line.send(b"hello")
            line.expect(server.answer_to(b"hello"))
