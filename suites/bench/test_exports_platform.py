"""A platform's file comes back with our points in it, and not one other byte changed."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies

from callbox.grading.exports import platform
from callbox.grading.exports.platform import CANVAS, MOODLE_GRADEBOOK, MOODLE_WORKSHEET, Filled, Platform
from callbox.grading.exports.saving import ExportError
from callbox.grading.exports.table import Table
from callbox.grading.result import Student
from suites.bench.hostile import DRAWN, TEXTS, with_any_text
from suites.bench.results import result, teller
from suites.bench.tags import Tags

if TYPE_CHECKING:
    from pathlib import Path

    from callbox.grading.result import Result

WORKSHEET = (
    '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\r\n'
    '"Participant 11","O\'Neil, Ann",ann@example.org,"Submitted\nlate",,15.00,Yes,"Sunday, 1 March",-,\r\n'
    '"Participant 12","=Bob ""B""",bob@example.org,,"7.50",15.00,Yes,,-,"<p>Well done</p>"\r\n'
    '"Participant 13",信息,,,,15.00,Yes,,-,'
)
CANVAS_FILE = (
    "Student,ID,SIS User ID,SIS Login ID,Section,HW1 (101),HW10 (102),Final Score\n"
    ",,,,,Manual Posting,,\n"
    "    Points Possible,,,,,15.0,100.0,(read only)\n"
    '"Neil, Ann",501,A-1,ann,"Sec 1, Sec 2",,88.00,88.00\n'
    "Bob,502,A-2,bob,Sec 1,EX,,\n"
    '"Student, Test",900,,0a1b,Sec 1,,,\n'
)
GRADEBOOK = (
    "First name;Email address;ID number;Assignment: HW1 (Real);Assignment: HW1 bonus (Real);\r\n"
    "Ann;ann@example.org;A-1;-;-\r\n"
)


def student(key: str, **fields: str) -> Result:
    """Somebody with 8⅔ points of 15; underscores in the names of fields are spaces."""
    return replace(
        result(), student=Student(key, key, "", {name.replace("_", " "): each for name, each in fields.items()})
    )


def fill(
    tmp_path: Path, text: str, kind: Platform, *results: Result, encoding: str = "utf-8", **how: object
) -> tuple[str, Filled]:
    """What becomes of a file."""
    export, out = tmp_path / "export.csv", tmp_path / "out.csv"
    export.write_bytes(text.encode(encoding))
    filled = platform.write(
        results,
        out,
        teller(),
        export=export,
        platform=kind,
        encoding=encoding,
        **how,  # type: ignore[arg-type]
    )
    assert out.read_bytes() == filled.data
    assert export.read_bytes() == text.encode(encoding)
    return filled.data.decode(encoding), filled


def cells(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True))


# Moodle's worksheet


def test_the_worksheet_is_filled_and_nothing_else_is_touched(tmp_path: Path) -> None:
    told, filled = fill(tmp_path, WORKSHEET, MOODLE_WORKSHEET, student("11"), student("x", Identifier="Participant 13"))
    comment = cells(told)[1][-1]
    assert comment.startswith("<p>2.67 of 15 points</p><p>it was handed in late</p>")
    quoted = '"' + comment.replace('"', '""') + '"'
    expected = WORKSHEET.replace('late",,15', 'late",2.67,15').replace(
        '"Sunday, 1 March",-,', f'"Sunday, 1 March",-,{quoted}'
    )
    expected = expected.replace("信息,,,,15", "信息,,,2.67,15") + quoted
    assert told == expected
    assert filled.count == 2
    assert filled.notes == ("row 3 (Participant 12) has handed in nothing that was graded",)


def test_a_comment_stays_and_a_grade_that_changes_is_said(tmp_path: Path) -> None:
    told, filled = fill(tmp_path, WORKSHEET, MOODLE_WORKSHEET, student("bob@example.org"))
    assert cells(told)[2][4] == "2.67"
    assert cells(told)[2][-1] == "<p>Well done</p>"
    assert filled.notes[:2] == ("row 3: 7.50 is replaced by 2.67", "row 3 has a comment already, which stays")


def test_the_same_grade_again_is_no_change(tmp_path: Path) -> None:
    same = replace(student("12"), marks=replace(result().marks, by_hand=Fraction(15, 2)))
    _, filled = fill(tmp_path, WORKSHEET, MOODLE_WORKSHEET, same)
    assert not [note for note in filled.notes if "replaced" in note]


def test_a_worksheet_in_another_language_is_told_its_columns(tmp_path: Path) -> None:
    text = "编号,成绩,反馈\n参与者11,,\n"
    with pytest.raises(ExportError, match="no column 'Grade'; there is 反馈, 成绩, 编号"):
        fill(tmp_path, text, MOODLE_WORKSHEET, student("11"))
    with pytest.raises(ExportError, match="none of the columns Identifier"):
        fill(tmp_path, text, MOODLE_WORKSHEET, student("11"), column="成绩")
    told, _ = fill(tmp_path, text, MOODLE_WORKSHEET, student("11"), column="成绩", keys=["编号"], comments="反馈")
    assert told.startswith('编号,成绩,反馈\n参与者11,2.67,"<p>2.67 of 15')


def test_what_is_hidden_is_not_in_the_comment() -> None:
    marks = result().marks
    hidden = replace(marks, items=tuple(replace(item, visibility="hidden") for item in marks.items))
    assert "upper" in platform.comment(result(), teller())
    assert "upper" not in platform.comment(result(marks=hidden), teller())


@with_any_text
def test_a_comment_is_html_in_which_a_text_is_text(text: str) -> None:
    page = Tags(platform.comment(result(text=text), teller()))
    assert set(page.tags) == {"p", "ul", "li"}


# Moodle's gradebook


def test_a_column_is_found_by_its_title(tmp_path: Path) -> None:
    told, filled = fill(tmp_path, GRADEBOOK, MOODLE_GRADEBOOK, student("a-1"), column="Assignment: HW1", decimal=",")
    assert told == GRADEBOOK.replace("A-1;-;-", "A-1;2,67;-")
    assert (filled.count, filled.notes) == (1, ())


def test_a_column_that_may_be_two_is_no_column(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"'HW1' may be any of the columns .*HW1 \(Real\).*HW1 bonus"):
        fill(tmp_path, GRADEBOOK, MOODLE_GRADEBOOK, student("A-1"), column="HW1")


def test_a_column_that_is_none_is_said_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no column 'Asignment: HW1'; did you mean 'Assignment: HW1"):
        fill(tmp_path, GRADEBOOK, MOODLE_GRADEBOOK, student("A-1"), column="Asignment: HW1")
    with pytest.raises(ExportError, match="say which column has the points; there is First name"):
        fill(tmp_path, GRADEBOOK, MOODLE_GRADEBOOK, student("A-1"))


# Canvas


def test_canvas_is_filled_by_title_or_number(tmp_path: Path) -> None:
    for column in ("HW1", "hw1", "HW1 (101)", "101"):
        told, filled = fill(tmp_path, CANVAS_FILE, CANVAS, student("ann"), column=column)
        assert told == CANVAS_FILE.replace('Sec 2",,88', 'Sec 2",2.67,88')
        assert filled.notes == (
            "row 5 (502) has handed in nothing that was graded",
            "row 6 (900) has handed in nothing that was graded",
        )


def test_who_is_excused_stays_so(tmp_path: Path) -> None:
    told, filled = fill(tmp_path, CANVAS_FILE, CANVAS, student("bob"), column="HW1")
    assert told == CANVAS_FILE
    assert "bob is excused, and is left so" in filled.notes


def test_a_column_of_other_points_wants_a_word(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"HW10 \(102\)' is out of 100 points, the marks out of 15; say what"):
        fill(tmp_path, CANVAS_FILE, CANVAS, student("ann"), column="HW10")
    told, _ = fill(tmp_path, CANVAS_FILE, CANVAS, student("ann"), column="HW10", worth=Fraction(100))
    assert cells(told)[3][6] == "17.78"  # 8/3 of 15, of 100


# Whose row it is


def test_who_is_in_one_of_both_only_is_said_aloud(tmp_path: Path) -> None:
    _, filled = fill(tmp_path, CANVAS_FILE, CANVAS, student("zoe"), column="HW1")
    assert filled.count == 0
    assert filled.notes[0] == "zoe is not in the file of the platform"
    assert len(filled.notes) == 4


def test_a_roster_introduces_who_is_known_by_another_name(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(WORKSHEET, "utf-8", newline="")
    ann, how = student("11", Identifier="Participant 11"), {"column": "Assignment: HW1"}
    assert fill(tmp_path, GRADEBOOK, MOODLE_GRADEBOOK, ann, **how)[1].count == 0
    told, filled = fill(tmp_path, GRADEBOOK, MOODLE_GRADEBOOK, ann, roster=tmp_path / "roster.csv", **how)
    assert told == GRADEBOOK.replace("A-1;-;-", "A-1;2.67;-")
    assert filled.notes == ()


def test_who_may_be_two_is_left_out(tmp_path: Path) -> None:
    text = CANVAS_FILE.replace("A-2", "501")
    told, filled = fill(tmp_path, text, CANVAS, student("501"), column="HW1")
    assert told == text
    assert filled.notes[0] == "501 may be any of rows 4, 5, and is left out"


def test_what_the_platform_said_of_a_student_goes_before_a_number_that_fits_by_chance(tmp_path: Path) -> None:
    text = CANVAS_FILE.replace("A-2", "501")
    told, _ = fill(tmp_path, text, CANVAS, student("501", SIS_User_ID="A-1"), column="HW1")
    assert cells(told)[3][5] == "2.67"
    _, filled = fill(tmp_path, text, CANVAS, student("502", SIS_Login_ID="nobody"), column="HW1")
    assert filled.count == 0


def test_nobody_is_found_by_name_or_by_the_end_of_a_login(tmp_path: Path) -> None:
    for key in ("Bob", "s501", "A-50"):
        _, filled = fill(tmp_path, CANVAS_FILE.replace("bob", "b.b"), CANVAS, student(key), column="HW1")
        assert filled.count == 0


def test_two_students_in_a_row_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="row 4 fits several students: ann, A-1"):
        fill(tmp_path, CANVAS_FILE, CANVAS, student("ann"), student("A-1"), column="HW1")
    with pytest.raises(ExportError, match="more than once: ann"):
        fill(tmp_path, CANVAS_FILE, CANVAS, student("ann"), student("ann"), column="HW1")


def test_who_could_not_be_judged_gets_no_nought(tmp_path: Path) -> None:
    broken = replace(student("ann"), problem="hw1.rar: no archive", records=())
    told, filled = fill(tmp_path, CANVAS_FILE, CANVAS, broken, column="HW1")
    assert told == CANVAS_FILE
    assert "ann has no mark: hw1.rar: no archive" in filled.notes
    by_hand = replace(broken, marks=replace(broken.marks, by_hand=Fraction(4)))
    assert cells(fill(tmp_path, CANVAS_FILE, CANVAS, by_hand, column="HW1")[0])[3][5] == "4"


# The file


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("last", [True, False], ids=["end", "no end"])
def test_an_odd_file_keeps_its_oddities(tmp_path: Path, ends: str, delimiter: str, mark: str, last: bool) -> None:
    rows = [["ID", '"HW1 (1)"', "note"], ['"1"', '""', '"a ""b""\n, ;"'], [""], ["2", "", " spaced "], ["3"]]
    text = mark + ends.join(delimiter.join(row) for row in rows) + (ends if last else "")
    told, filled = fill(tmp_path, text, CANVAS, *(student(key) for key in "123"), column="HW1")
    rows[1][1], rows[3][1], rows[4] = '"2.67"', "2.67", ["3", "2.67"]
    assert told == mark + ends.join(delimiter.join(row) for row in rows) + (ends if last else "")
    assert (filled.count, filled.notes) == (3, ())


def test_a_file_in_another_encoding_stays_in_it(tmp_path: Path) -> None:
    text = "ID,姓名,HW1\r\n1,信息,\r\n"
    told, _ = fill(tmp_path, text, CANVAS, student("1"), column="HW1", encoding="gb18030")
    assert told == "ID,姓名,HW1\r\n1,信息,2.67\r\n"
    with pytest.raises(ExportError, match="is not utf-8 text; save it as CSV UTF-8, or say its encoding"):
        Table(text.encode("gb18030"), "export.csv")
    with pytest.raises(ExportError, match="is not klingon text"):
        Table(b"ID", "export.csv", "klingon")


@pytest.mark.parametrize("text", ['ID,HW1\n1,"open\n', 'ID,HW1\n"1"x,"a"b"\n"c\n'])
def test_a_file_that_is_no_csv_is_not_touched(text: str) -> None:
    with pytest.raises(ExportError, match="is not CSV"):
        Table(text.encode(), "export.csv")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be read: No such file"):
        platform.write([], tmp_path / "out", teller(), export=tmp_path / "none.csv", platform=CANVAS)


@DRAWN
@given(strategies.text('a",;\t\r\n= 信\ufeff', max_size=30))
def test_a_file_is_kept_byte_for_byte_or_refused(text: str) -> None:
    try:
        table = Table(text.encode(), "export.csv")
    except ExportError:
        return
    assert table.data() == text.encode()


@DRAWN
@given(
    strategies.lists(
        strategies.lists(TEXTS.map(lambda text: text.encode("utf-8", "replace").decode()), min_size=3, max_size=3),
        min_size=1,
        max_size=3,
    ),
    strategies.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    strategies.text('a",\r\n', max_size=5),
)
def test_a_changed_cell_is_the_only_one_that_changes(rows: list[list[str]], quoting: int, value: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=quoting).writerows([["a", "b", "c"], *rows])  # type: ignore[arg-type]
    table = Table(file.getvalue().encode(), "export.csv")
    before = table.rows
    table.put(1, 1, value)
    after = Table(table.data(), "export.csv").rows
    assert after[1][1] == value
    before[1][1] = value
    assert after == before
