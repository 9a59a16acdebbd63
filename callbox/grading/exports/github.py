"""What GitHub Actions shows of a student's run: annotations beside the files, and the summary of the step.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from callbox.grading.exports.points import total, written
from callbox.grading.exports.safe import block, command_data, command_property, html, line
from callbox.grading.exports.saving import ExportError
from callbox.grading.exports.shown import shown_of
from callbox.saying import say
from callbox.shown import harmless
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from callbox.grading.exports.telling import Row, Teller
    from callbox.grading.result import Result
    from callbox.record import Record

MOST_ANNOTATIONS = 10
"""Of each kind: GitHub shows no more of one step."""
MOST_BYTES = 1 << 20
"""Of a step's summary: GitHub drops a longer one."""
_COMMANDS = {Verdict.FAILED: "error", Verdict.ADVISED: "warning"}


def write(result: Result, out: Path, teller: Teller) -> None:
    """Append one student's summary to the file that $GITHUB_STEP_SUMMARY names, as other steps of the job do."""
    try:
        with out.open("ab") as file:
            file.write(summary(result, teller, MOST_BYTES - file.tell()).encode())
    except OSError as wrong:
        raise ExportError(f"{out}: cannot be written: {wrong.strerror}") from None


def silenced(text: str) -> str:
    """Text for the standard output in which GitHub obeys nothing, neither `::…` nor, anywhere in a line, `##[…]`.

    The word that ends it cannot be guessed. https://github.com/actions/runner: src/Runner.Common/ActionCommand.cs
    """
    token = secrets.token_hex(16)
    return f"::stop-commands::{token}\n{harmless(text)}\n::{token}::\n"


def annotation_lines(result: Result, teller: Teller, folder: str = "") -> list[str]:
    """Lines for the standard output, the worst first. `folder` is where the submission lies in the repository.

    Whatever else is printed where a program has a say in it has to be `silenced`.
    """
    rows = shown_of(result).rows
    lines = []
    for verdict, command in _COMMANDS.items():
        missed = [(row, record) for row in rows for record in row.records if record.verdict is verdict]
        missed.sort(key=lambda pair: pair[0].got - pair[0].possible)  # what costs most first; else as they were judged
        lines += [_annotation(command, row, record, teller, folder) for row, record in missed[:MOST_ANNOTATIONS]]
    return lines


def _annotation(command: str, row: Row, record: Record, teller: Teller, folder: str) -> str:
    file = command_property(f"{folder.rstrip('/')}/{record.program}" if folder else record.program)
    told = "\n".join([teller.headline(row), teller.words(row).tries])
    return f"::{command} file={file},title={command_property(teller.title(row))}::{command_data(told)}"


def summary(result: Result, teller: Teller, most: int = MOST_BYTES) -> str:
    """Markdown of at most so many bytes. What a program has a say in stands in <pre> or in a code span."""
    shown = shown_of(result)
    told = [f"## {teller.score(result)}\n\n", *(f"{block(each)}\n\n" for each in teller.circumstances(result))]
    told.append(_table(shown.rows, teller))
    if shown.hidden:
        points = {"got": written(shown.got), "possible": written(shown.possible)}
        hidden = say("{count} more, which are not shown: {got} of {possible} points", count=shown.hidden, **points)
        told.append(f"{teller.say(hidden)}\n\n")
    left = most - len("".join(told).encode())
    rows = [row for verdict in _COMMANDS for row in shown.rows if row.verdict is verdict]
    return "".join(told) + _within(left, [_details(row, teller) for row in rows], teller)


def _table(rows: Sequence[Row], teller: Teller) -> str:
    """The roles, their points, and how many of their behaviours came to what."""
    heads = [teller.say(each) for each in (say("role"), say("points"))] + [teller.verdict(each) for each in Verdict]
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for role in dict.fromkeys(row.role for row in rows):
        of_role = [row for row in rows if row.role == role]
        got, possible = total(row.got for row in of_role), total(row.possible for row in of_role)
        counts = [str(sum(row.verdict is verdict for row in of_role)) for verdict in Verdict]
        lines.append(f"| {role} | {written(got)} / {written(possible)} | {' | '.join(counts)} |")
    return "\n".join(lines) + "\n\n"


def _details(row: Row, teller: Teller) -> str:
    name = html(line(f"{teller.verdict(row.verdict)}: {teller.title(row)}"))
    return f"<details><summary>{name}</summary>\n\n{block(teller.text(row))}\n\n</details>\n\n"


def _within(bytes_left: int, parts: Sequence[str], teller: Teller) -> str:
    """As many parts as there is room for, and how many there is none for."""
    told: list[str] = []
    for count, part in enumerate(parts):
        rest = teller.say(say("… and {count} more", count=len(parts) - count)) + "\n\n"
        bytes_left -= len(part.encode())
        if bytes_left < len(rest.encode()):
            return "".join([*told, rest])
        told.append(part)
    return "".join(told)
