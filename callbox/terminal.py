"""The terminal a program talks to: typed lines in, what it prints out, capped."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import termios
from contextlib import suppress

from callbox.attendant import NOBODY
from callbox.saying import say
from callbox.verdict import Inconclusive

CAP = 1 << 20
"""Bytes of output that are kept: the first; the rest is counted."""
READS = 64
"""Times that a terminal is read before we look at something else: each gives 4 KiB or so."""
END_OF_FILE = b"\x04"
PIPE_BYTES = 1 << 18
"""Bytes that can be typed ahead into a pipe: a line longer than the largest recv size."""
LINE_LIMIT = 4095
"""Bytes of a line that a terminal takes (termios(3), canonical mode)."""


class Output:
    """What a program has printed: the first CAP bytes, and how many there were in all."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.total = 0

    def take(self, data: bytes) -> None:
        """Keep what there is room for, and count."""
        self.kept += data[: CAP - len(self.kept)]
        self.total += len(data)

    @property
    def text(self) -> str:
        """As text; bytes that are none are escaped."""
        return self.kept.decode("utf-8", "backslashreplace")


class Terminal:
    """A pseudo-terminal for a program's output and, unless it is given a pipe, its input. It echoes nothing and changes
    nothing, so that what is read is what was printed."""

    def __init__(self, *, piped: bool = False) -> None:
        self.master, self.slave = os.openpty()
        self.output = Output()
        attributes = termios.tcgetattr(self.slave)
        attributes[1] &= ~termios.OPOST
        attributes[3] &= ~(termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ECHOCTL | termios.ECHOKE)
        termios.tcsetattr(self.slave, termios.TCSANOW, attributes)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        os.set_blocking(self.master, False)
        self.read_end: int | None = None
        self.write_end: int | None = None
        if piped:
            self.read_end, self.write_end = os.pipe()
        if self.write_end is not None:
            os.set_blocking(self.write_end, False)
            with suppress(PermissionError):  # this user's pipes take enough memory already
                fcntl.fcntl(self.write_end, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        if os.geteuid() == 0:  # who runs as NOBODY opens its own ends by name: /dev/stderr, /dev/stdin
            for end in {*self.stdio}:
                with suppress(OSError):  # in a container that knows nobody else, nothing runs as NOBODY
                    os.fchown(end, NOBODY, NOBODY)

    @property
    def stdio(self) -> tuple[int, int, int]:
        """The three fds for the program."""
        return (self.slave if self.read_end is None else self.read_end, self.slave, self.slave)

    def drain(self) -> None:
        """Take what the program has printed. The kernel moves a terminal's bytes in the background; to poll flushes them
        (n_tty_poll), so that after this none are under way."""
        poll = select.poll()
        poll.register(self.master, select.POLLIN)
        for _ in range(READS):  # a program that prints without end must not keep us here
            if not any(event & select.POLLIN for _, event in poll.poll(0)):
                return
            self.output.take(os.read(self.master, 1 << 16))

    def type(self, data: bytes) -> None:
        """Type bytes, a newline included where one is meant. Raises Inconclusive when the terminal takes no more."""
        target = self.master if self.write_end is None else self.write_end
        try:
            written = os.write(target, data)
        except BlockingIOError:
            written = 0
        except BrokenPipeError:  # nobody reads any more: as with a terminal, what is typed is lost
            written = len(data)
        if written < len(data):
            raise Inconclusive(say("the program's input took {written} of {all} bytes", written=written, all=len(data)))
        self._flush()

    def end_input(self) -> None:
        """Ctrl-D at the start of a line, or the end of the pipe."""
        if self.write_end is None:
            self.type(END_OF_FILE)
        else:
            os.close(self.write_end)
            self.write_end = None

    def _flush(self) -> None:
        """See to it that what was typed has arrived: polling the program's end flushes it."""
        poll = select.poll()
        poll.register(self.slave, select.POLLIN)
        poll.poll(0)

    def reads_of_a_terminal_are_timed(self) -> bool:
        """Has the program set a timeout on its terminal (VTIME)? Then a blocked read may end of itself."""
        attributes = termios.tcgetattr(self.slave)
        return not attributes[3] & termios.ICANON and attributes[6][termios.VTIME] not in (0, b"\0")

    def give_away(self) -> None:
        """The program has its own copy: close our read end of the pipe, or writing to a dead program would not fail."""
        if self.read_end is not None:
            os.close(self.read_end)
            self.read_end = None

    def close(self) -> None:
        """Let go of all ends."""
        for fd in (self.master, self.slave, self.read_end, self.write_end):
            close_fd(fd)


def close_fd(fd: int | None) -> None:
    """Close an fd if it is there."""
    if fd is not None:
        os.close(fd)
