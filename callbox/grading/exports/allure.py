"""Allure's results: a file for each record, with its story and pictures beside it.

Source: allurereport.org, "How it works: test result file".
"""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import TYPE_CHECKING, Any

from callbox.allure_report.categories import RESTS_ON, for_allure_2
from callbox.catalogue import Level
from callbox.grading.exports.safe import line
from callbox.grading.exports.saving import save, save_json
from callbox.grading.exports.telling import rows_of
from callbox.ladder import ladders
from callbox.ladder_svg import as_svg
from callbox.saying import in_language
from callbox.shown import harmless
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from callbox.grading.exports.telling import Row, Teller
    from callbox.grading.result import Result
    from callbox.record import Record

STATUS = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.ADVISED: "passed",
    Verdict.NOT_JUDGED: "skipped",
    Verdict.INCONCLUSIVE: "broken",
}
SEVERITY = {Level.MUST: "critical", Level.SHOULD: "minor", Level.INFO: "trivial"}


def write(results: Sequence[Result], out: Path, teller: Teller, ended: datetime) -> None:
    """Write the results of a class into a folder, beside what may be in it. Raises ExportError."""
    at = ended.timestamp()
    for result in results:
        for row in rows_of(result):
            for record in row.records:
                told = document(result, row, record, teller, at)
                told["attachments"] = [attached(out, *each) for each in beside(row, record, teller)]
                save_json(out / f"{told['uuid']}-result.json", told)
    categories = json.dumps(for_allure_2(teller.lang), ensure_ascii=False, indent=1)
    save(out / "categories.json", categories.encode())


def document(result: Result, row: Row, record: Record, teller: Teller, ended: float) -> dict[str, Any]:
    """One record, without what lies beside it."""
    student = line(result.student.name)
    key = "\0".join((result.student.key, record.role, record.program, record.behaviour))
    return {
        "uuid": str(uuid.uuid4()),
        "historyId": hashlib.sha256(key.encode()).hexdigest(),
        "fullName": line(f"{result.student.key}: {record.program} {record.behaviour}"),
        "name": line(f"{student}: {record.program} {teller.words(row).says}"),
        "description": teller.words(row).why,
        "status": STATUS[record.verdict],
        "statusDetails": {"message": teller.headline(row)},
        "stage": "finished",
        "start": int((ended - record.seconds) * 1000),
        "stop": int(ended * 1000),
        "labels": [{"name": name, "value": value} for name, value in labels(student, row, record, teller)],
        "parameters": [
            {"name": name, "value": line(value)}
            for name, value in (("student", student), ("program", record.program), ("role", record.role))
        ],
    }


def labels(student: str, row: Row, record: Record, teller: Teller) -> Iterator[tuple[str, str]]:
    """Where it belongs, and how grave it is."""
    behaviour = teller.behaviour(row)
    yield "parentSuite", student
    yield "epic", teller.catalogue.titles[behaviour.suite][teller.lang]
    yield "feature", behaviour.file
    yield "story", teller.words(row).says
    yield "severity", SEVERITY[behaviour.level]
    yield "tag", behaviour.level.value
    yield "tag", record.verdict.value
    yield "behaviour", behaviour.id
    if record.outcome.base:
        yield RESTS_ON, record.outcome.base


def beside(row: Row, record: Record, teller: Teller) -> Iterator[tuple[str, str, bytes]]:
    """Name, media type and bytes of what is attached: nothing to what passed."""
    story = record.outcome.story
    if record.verdict is Verdict.PASSED or not story:
        return
    yield "story.txt", "text/plain", teller.text(row).encode()
    yield "output.txt", "text/plain", harmless(story.output).encode()
    title = in_language(story.headline, teller.lang)
    yield "picture.svg", "image/svg+xml", as_svg(ladders(story, record.model), teller.lang, title).encode()
    if story.wire:
        yield "wire.pcap", "application/vnd.tcpdump.pcap", story.wire.pcap
    if record.repeat and record.repeat.script:
        yield "repeat.py", "text/plain", record.repeat.script.encode("utf-8", "backslashreplace")


def attached(out: Path, name: str, media_type: str, data: bytes) -> dict[str, str]:
    """Put it into the folder; how a result names it."""
    source = f"{uuid.uuid4()}-attachment.{name.partition('.')[2]}"
    save(out / source, data)
    return {"name": name, "type": media_type, "source": source}
