"""JUnit XML, as Jenkins, GitLab and pytest's readers take it: a suite a student, a test case a behaviour of a role.

The shape is that of pytest's xunit2 family: https://github.com/jenkinsci/xunit-plugin (junit-10.xsd).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from callbox.grading.exports.points import written
from callbox.grading.exports.safe import line
from callbox.grading.exports.saving import save
from callbox.grading.exports.telling import rows_of
from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from callbox.grading.exports.telling import Row, Teller
    from callbox.grading.result import Result

_CHILD = {
    Verdict.FAILED: "failure",
    Verdict.NOT_JUDGED: "skipped",
    Verdict.INCONCLUSIVE: "error",
    Verdict.ADVISED: "system-out",
}
"""What tells the verdict of a test case. A SHOULD is advice: the test passes, and its output says what to look at."""
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def write(results: Sequence[Result], out: Path, teller: Teller) -> None:
    """Write the report of a class, or of one student."""
    root = ET.Element("testsuites", name="callbox")
    root.extend(_suite(result, teller) for result in results)
    _count(root, sum(result.seconds for result in results))
    ET.indent(root, " ")
    save(out, ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _suite(result: Result, teller: Teller) -> ET.Element:
    suite = ET.Element("testsuite", name=line(result.student.key))
    _properties(
        suite,
        {
            "student": line(result.student.name),
            "score": written(result.marks.final),
            "out_of": written(result.marks.out_of),
            "seed": str(result.seed),
            "tier": line(result.tier),
            "content_hash": line(result.content_hash),
        },
    )
    if result.problem:
        case = ET.SubElement(suite, "testcase", classname="callbox", name="hand-in", time="0.000")
        ET.SubElement(case, "error", message=line(teller.say(result.problem)), type="problem")
    suite.extend(_case(row, teller) for row in rows_of(result))
    if told := teller.circumstances(result):
        ET.SubElement(suite, "system-out").text = "\n".join(told)
    _count(suite, result.seconds)
    return suite


def _case(row: Row, teller: Teller) -> ET.Element:
    case = ET.Element("testcase", classname=row.role, name=row.behaviour, time=f"{row.seconds:.3f}")
    visibility = row.item.visibility if row.item else "visible"
    level = teller.behaviour(row).level.value
    _properties(
        case,
        {
            "says": teller.title(row),
            "level": level,
            "verdict": row.verdict.value,
            "score": written(row.got),
            "out_of": written(row.possible),
            "visibility": visibility,
        },
    )
    if child := _CHILD.get(row.verdict):
        told = ET.SubElement(case, child)
        told.text = teller.text(row)
        if child in _COUNTED.values():
            told.attrib.update(message=teller.headline(row), type=row.verdict.value)
    return case


def _properties(parent: ET.Element, values: Mapping[str, str]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=value)


def _count(suite: ET.Element, seconds: float) -> None:
    suite.set("tests", str(len(list(suite.iter("testcase")))))
    for name, child in _COUNTED.items():
        suite.set(name, str(len(list(suite.iter(child)))))
    suite.set("time", f"{seconds:.3f}")
