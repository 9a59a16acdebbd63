"""What a box costs: a Python server started, one exchange, and its end; in a box and bare. Prints medians in milliseconds.

Run: python suites/bench/benchmark_box.py [ROUNDS]
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from callbox import assignment
from callbox.booth import Lobby
from callbox.home import REFERENCE
from callbox.kernel.sockets import NETLINK_SOCK_DIAG, SocketTable, State
from callbox.server import Server
from callbox.subject import Subject
from callbox.submission import find
from callbox.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Callable

ROLE = "tcp-forever-server"
WORD = b"hello"


class Stopwatch:
    """Milliseconds by name, over many rounds."""

    def __init__(self) -> None:
        self.laps: defaultdict[str, list[float]] = defaultdict(list)
        self.since = 0.0

    def lap(self, name: str) -> None:
        """The time since the last lap, under a name."""
        now = time.perf_counter()
        self.laps[name].append((now - self.since) * 1000)
        self.since = now

    def round(self, run: Callable[[Stopwatch], None]) -> None:
        """One round."""
        self.since = start = time.perf_counter()
        run(self)
        self.laps["in all"].append((time.perf_counter() - start) * 1000)


def in_a_box(lobby: Lobby, subject: Subject) -> Callable[[Stopwatch], None]:
    """As a check does it."""
    launch = Workshop(lobby).launch(subject.source)

    def run(watch: Stopwatch) -> None:
        server = Server(lobby, launch, subject.terms, patience=10)
        watch.lap("open")
        server.start()
        watch.lap("start until it listens")
        with server.dial() as line:
            line.send(WORD)
            line.expect(server.answer_to(WORD))
        watch.lap("exchange")
        server.close()
        watch.lap("close")

    return run


def bare(subject: Subject) -> Callable[[Stopwatch], None]:
    """fork and exec of the same program; that it listens is found as in a box."""
    table = SocketTable(socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG))
    program = REFERENCE / subject.name

    def run(watch: Stopwatch) -> None:
        watch.lap("open")
        master, slave = os.openpty()
        process = subprocess.Popen([subject.source.run[0], str(program)], stdin=slave, stdout=slave, stderr=slave)
        while not any(end.state is State.LISTEN and end.port == subject.terms.port for end in table.tcp()):
            time.sleep(0.0005)  # a benchmark has nothing better to wait for
        watch.lap("start until it listens")
        with socket.create_connection((subject.terms.host, subject.terms.port)) as end:
            end.sendall(WORD)
            end.recv(len(WORD))
        watch.lap("exchange")
        process.send_signal(signal.SIGKILL)
        process.wait()
        os.close(master)
        os.close(slave)
        watch.lap("close")

    return run


def main(rounds: int) -> None:
    """Both, turn about, so that the machine's moods meet both alike."""
    terms = assignment.load().terms(ROLE)
    source = next(program for program in find(REFERENCE).programs if program.role == ROLE)
    subject = Subject(source, terms)
    lobby = Lobby(isolated=True)
    watches = {"bare": Stopwatch(), "in a box": Stopwatch()}
    runs = {"bare": bare(subject), "in a box": in_a_box(lobby, subject)}
    for number in range(rounds + 3):
        for name, watch in watches.items():
            watch.round(runs[name])
            if number < 3:
                watch.laps.clear()  # warming up
    lobby.close()
    medians = {
        name: {lap: statistics.median(times) for lap, times in watch.laps.items()} for name, watch in watches.items()
    }
    print(f"{'ms, median of ' + str(rounds):<26}" + "".join(f"{name:>12}" for name in medians) + f"{'more':>12}")
    for lap in medians["bare"]:
        figures = [laps[lap] for laps in medians.values()]
        print(f"{lap:<26}" + "".join(f"{figure:12.1f}" for figure in figures) + f"{figures[1] - figures[0]:12.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
