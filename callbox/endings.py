"""How a program ended: its exit status or its signal, and what it said of the reason."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from callbox import tracebacks
from callbox.saying import say

if TYPE_CHECKING:
    from callbox.program import Program
    from callbox.saying import Saying

MEANINGS: dict[object, Saying] = {
    "SIGPIPE": say("it sent to somebody who had gone, and nobody had asked to be told with an error"),
    "SIGSEGV": say("it used memory that is not its own"),
    "SIGABRT": say("it found itself in a state that it does not allow"),
    "SIGFPE": say("it calculated what cannot be calculated, such as a division by zero"),
    "SIGKILL": say("it took more than it may have, or was killed"),
    "SIGXCPU": say("it used more processor time than it may"),
    "SIGALRM": say("its own alarm went off"),
}
"""What ends programs by these signals (signal(7))."""


def how(status: int) -> Saying:
    """How it ended, as what follows `it`; 128 + N stands for signal N."""
    if status > 128:
        try:
            return say("was ended by {signal}", signal=signal.Signals(status - 128).name)
        except ValueError:
            pass
    return say("ended with exit status {status}", status=status)


def reason(program: Program) -> Saying:
    """What is known of the reason: an exception that it printed, or what its signal means; or nothing."""
    return exception(program) or MEANINGS.get(how(program.status).values.get("signal"), say(""))


def last_words(program: Program) -> str:
    """The last line that it printed, of one that did not end well."""
    lines = [line.strip() for line in program.output.splitlines() if line.strip()]
    return lines[-1][: tracebacks.LONGEST] if program.status and lines else ""


def exception(program: Program) -> Saying:
    """The last exception that it printed, with the line of its own that raised it; empty where there is none."""
    return tracebacks.find(program.output, {path: data for path, (data, _) in program.launch.files.items()})
