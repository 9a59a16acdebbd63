"""Is the bench in its right mind? A program known to be right and one known to be wrong are judged as any other is."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from callbox import assignment as assignments
from callbox.subject import Subject
from callbox.submission import find
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from callbox.judge import Judge

ROLE, BEHAVIOUR = "tcp-once-server", "tcp_server.exchange.upper_cases_ascii"
SOURCE = """
import socket

phone = socket.create_server(({host!r}, {port!r}))
conn, _ = phone.accept()
conn.send(conn.recv(1024){transformation})
conn.close()
"""
KNOWN = {".upper()": Verdict.PASSED, "": Verdict.FAILED}
"""What is done with a message, and what has to be found of that."""


def doubt(judge: Judge) -> str:
    """What speaks against believing this judge, in a line; empty when nothing does."""
    terms = assignments.load().terms(ROLE)
    behaviour = judge.catalogue[BEHAVIOUR]
    for transformation, verdict in KNOWN.items():
        known = "right" if verdict is Verdict.PASSED else "wrong"
        source = SOURCE.format(host=terms.host, port=terms.port, transformation=transformation)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "server.py")
            path.write_text(source, "utf-8")
            (program,) = find(path, role=ROLE).programs
        try:
            found = judge.judge(behaviour, Subject(program, terms))
        except Exception as error:  # noqa: BLE001 - whatever it stumbles over, it cannot be believed
            return f"to judge a server known to be {known} came to {type(error).__name__}: {error}"
        if found.verdict is not verdict:
            return f"a server known to be {known} was found to be {found.verdict}: {found.headline or 'nothing was missed'}"
    return ""
