"""Whose is what: hand-ins as folders, files, archives and the downloads of four platforms, and what is wrong with some."""

import io
import os
import pickle
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import pytest

from callbox import intake
from callbox.grading import archives, plainly
from callbox.grading.handins import Found, HandIn, find_handins
from callbox.grading.metadata import MetadataError, parse
from callbox.intake import SubmissionError
from callbox.submission import find

SERVER, CLIENT = b"print('server')\n", b"print('client')\n"
Files = Mapping[str, bytes] | Iterable[str]


def laid(top: Path, files: Files) -> Path:
    """A folder with these files (those without content get a line of Python), and empty folders where a name ends in /."""
    top.mkdir(parents=True, exist_ok=True)
    for name in files:
        path = top / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(files[name] if isinstance(files, Mapping) else SERVER)
    return top


def zipped(files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in files:
            archive.writestr(name, files[name] if isinstance(files, Mapping) else SERVER)
    return packed.getvalue()


def tarred(files: Iterable[str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in files:
            member = tarfile.TarInfo(name)
            member.size = len(SERVER)
            archive.addfile(member, io.BytesIO(SERVER))
    return packed.getvalue()


def found(tmp_path: Path, files: Files) -> Found:
    """What is found in a folder with these files."""
    return find_handins(laid(tmp_path / "class", files), tmp_path / "into")


def judged(result: Found) -> dict[str, list[str]]:
    """The programs of each student, as callbox.submission.find finds them; nobody has a problem."""
    assert [handin.problem for handin in result.handins if handin.problem] == []
    return {
        handin.student.name: [program.name for program in find(handin.path).programs]
        for handin in result.handins
        if handin.path
    }


def problems(result: Found) -> dict[str, str]:
    """What is wrong with each hand-in, a line each."""
    told = {handin.student.name: handin.problem for handin in result.handins}
    assert all(line.isprintable() for line in told.values())
    assert all((handin.path is None) == bool(handin.problem) for handin in result.handins)
    return told


def only(result: Found) -> HandIn:
    [handin] = result.handins
    return handin


# By name


def test_takes_a_folder_for_a_student(tmp_path: Path) -> None:
    files = [
        "alice/server.py",
        "Zhang (Tom) San/server.py",
        "李 四/服务端.py",
        "李 四/客户端.py",
        "o'neil/a/b/server.py",
    ]
    assert judged(found(tmp_path, files)) == {
        "alice": ["server.py"],
        "Zhang (Tom) San": ["server.py"],
        "李 四": ["客户端.py", "服务端.py"],
        "o'neil": ["server.py"],
    }


def test_takes_a_file_for_a_student(tmp_path: Path) -> None:
    assert judged(found(tmp_path, ["zhang_san.py", "li.py", "li_na.py"])) == {
        "zhang_san": ["zhang_san.py"],
        "li": ["li.py"],
        "li_na": ["li_na.py"],
    }


def test_says_that_names_alike_are_taken_for_two_students(tmp_path: Path) -> None:
    assert "li and li_na are taken for two students" in found(tmp_path, ["li.py", "li_na.py"]).notes


def test_puts_together_what_names_say_is_one_students(tmp_path: Path) -> None:
    files = ["zhang_san_server.py", "zhang_san_client.py", "li_si.py", "TcpClient-王五.py", "王五服务端.py"]
    result = found(tmp_path, files)
    assert judged(result) == {
        "zhang_san": ["zhang_san_client.py", "zhang_san_server.py"],
        "li_si": ["li_si.py"],
        "王五": ["TcpClient-王五.py", "王五服务端.py"],
    }
    assert result.handins[1].notes == ("zhang_san_client.py, zhang_san_server.py: taken together, by their names",)


@pytest.mark.parametrize(
    ("stem", "student"),
    [
        ("alice_tcp_once_server", "alice"),
        ("server-alice", "alice"),
        ("AliceServer", "Alice"),
        ("UDPClientAlice", "Alice"),
        ("alice server2", "alice"),
        ("张三客户端", "张三"),
        ("tcp_loop_server", ""),
        ("observer", "observer"),
        ("clientele", "clientele"),
        ("alice_2021001", "alice_2021001"),
        ("src", ""),
        ("实验二", ""),
        ("hw1", ""),
        ("hw1_alice", "hw1_alice"),
    ],
)
def test_reads_a_student_from_a_name(stem: str, student: str) -> None:
    assert plainly.student_of(stem) == student


def test_unpacks_an_archive_for_a_student(tmp_path: Path) -> None:
    files = {
        "alice.zip": zipped(["server.py", "__MACOSX/._server.py"]),
        "bob.tar.gz": tarred(["hw1/server.py"]),
        "carol/hw1.zip": zipped(["hw1/src/client.py"]),
        "dan_server.zip": zipped(["main.py"]),
        "dan_client.zip": zipped(["main.py"]),
    }
    assert judged(found(tmp_path, files)) == {
        "alice": ["server.py"],
        "bob": ["server.py"],
        "carol": ["client.py"],
        "dan": ["dan_client/main.py", "dan_server/main.py"],
    }


def test_looks_through_wrappers_but_keeps_a_name_that_says_a_role(tmp_path: Path) -> None:
    files = {"alice/hw1/server.py": SERVER, "bob.zip": zipped(["bob/tcp-once-server/src/main.py", "__MACOSX/x"])}
    alice, bob = found(tmp_path, files).handins
    assert alice.path == tmp_path / "class/alice/hw1"
    assert bob.path
    assert bob.path.name == "tcp-once-server"
    assert find(bob.path).programs[0].role == "tcp-once-server"


def test_leaves_a_folder_where_it_is(tmp_path: Path) -> None:
    result = found(tmp_path, ["alice/server.py", "bob.py"])
    assert [handin.path for handin in result.handins] == [tmp_path / "class/alice", tmp_path / "class/bob.py"]


def test_keeps_the_folders_name_for_it_may_say_a_role(tmp_path: Path) -> None:
    result = find_handins(laid(tmp_path / "tcp-once", ["al_server.py", "al_client.py"]), tmp_path / "into")
    path = only(result).path
    assert path
    assert {program.role for program in find(path).programs} == {"tcp-once-server", "tcp-once-client"}


@pytest.mark.parametrize(
    "files",
    [
        ["server.py", "client.py"],
        ["tcp-once/server.py", "udp/client.py"],
        ["callbox.toml", "alice.py"],
        ["hw1/server.py", "hw2/server.py"],
    ],
    ids=["files", "folders", "listed", "exercises"],
)
def test_takes_all_for_one_where_no_name_tells_a_student(tmp_path: Path, files: list[str]) -> None:
    result = found(tmp_path, files)
    assert only(result).path == tmp_path / "class"
    assert result.notes == ("no name in it tells a student: all of class is taken for one hand-in",)


def test_says_so_when_a_name_is_hardly_a_students(tmp_path: Path) -> None:
    result = found(tmp_path, ["alice.py", "server.py"])
    assert set(judged(result)) == {"alice", "server"}
    assert result.notes == ("server: no student's name, by the look of it; it is taken for one",)


def test_takes_one_file(tmp_path: Path) -> None:
    laid(tmp_path, ["alice.py", "bob.py"])
    assert judged(find_handins(tmp_path / "alice.py", tmp_path / "into")) == {"alice": ["alice.py"]}


@pytest.mark.parametrize("wrapper", ["", "hw1/", "a/b/"])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_takes_an_archive_of_the_class(tmp_path: Path, wrapper: str, pack: Callable[[list[str]], bytes]) -> None:
    (tmp_path / "class.zip").write_bytes(pack([f"{wrapper}alice/server.py", f"{wrapper}bob/hw/server.py"]))
    result = find_handins(tmp_path / "class.zip", tmp_path / "into")
    assert judged(result) == {"alice": ["server.py"], "bob": ["server.py"]}


def test_looks_into_a_folder_that_holds_the_class(tmp_path: Path) -> None:
    result = found(tmp_path, ["hw1/alice/server.py", "hw1/bob/server.py"])
    assert set(judged(result)) == {"alice", "bob"}
    assert result.notes == ("hw1: looked into, for it holds more than one student's",)


def test_a_class_of_one_is_a_class(tmp_path: Path) -> None:
    assert set(judged(found(tmp_path, ["alice/src/server.py", "alice/lib/client.py"]))) == {"alice"}


def test_the_newest_of_repeated_hand_ins_counts(tmp_path: Path) -> None:
    files = {"alice/server.py": SERVER, "alice.zip": zipped({"server.py": CLIENT}), "alice (1).zip": zipped(["x/y.py"])}
    top = laid(tmp_path / "class", files)
    for name, age in [("alice.zip", 10), ("alice (1).zip", 20), ("alice/server.py", 30), ("alice", 30)]:
        os.utime(top / name, (1e9 - age, 1e9 - age))
    handin = only(find_handins(top, tmp_path / "into"))
    assert handin.path
    assert (handin.path / "server.py").read_bytes() == CLIENT
    assert handin.notes == ("3 hand-ins; alice.zip counts, the newest by its date (2001-09-09 01:46:30+00:00)",)


def test_a_name_in_parentheses_is_a_name(tmp_path: Path) -> None:
    files = ["Li (2)/server.py", "Wang (Tom).py"]
    assert set(judged(found(tmp_path, files))) == {"Li (2)", "Wang (Tom)"}


def test_two_ways_to_write_an_accent_are_one_student(tmp_path: Path) -> None:
    files = [unicodedata.normalize("NFC", "José_server.py"), unicodedata.normalize("NFD", "José_client.py")]
    assert files[0][:5] != files[1][:5]
    handin = only(found(tmp_path, files))
    assert handin.student.name == handin.student.key == unicodedata.normalize("NFC", "José")


def test_leaves_lists_and_notes_aside_and_says_so(tmp_path: Path) -> None:
    result = found(tmp_path, ["alice.py", "roster.csv", "README.md", "rubric.toml", ".DS_Store"])
    assert set(judged(result)) == {"alice"}
    assert [note.split(":")[0] for note in result.notes] == ["README.md", "roster.csv", "rubric.toml"]


# What is wrong with one is no matter of the others


def test_each_problem_is_its_students_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_BYTES", 10_000)
    files = {
        "fine/server.py": SERVER,
        "none/": b"",
        "blank/server.py": b" \n",
        "large/server.py": bytes(20_000),
        "essay.docx": zipped(["word/document.xml"]),
        "kotlin/Main.kt": b"fun main() {}\n",
        "bad.zip": b"PK\x03\x04 and then nothing",
        "rar.rar": b"Rar!\x1a\x07\x00",
        "nested.zip": zipped({"a.zip": zipped(["server.py"])}),
        "up.zip": zipped(["../../server.py"]),
        "bytes/\udcff.py": SERVER,
    }
    top = laid(tmp_path / "class", files)
    (top / "link").symlink_to("/etc")
    (top / "linked").mkdir()
    (top / "linked/server.py").symlink_to("/etc/passwd")
    os.mkfifo(top / "pipe.py")
    told = problems(find_handins(top, tmp_path / "into"))
    wanted = {
        "fine": "",
        "none": "there is no file in this folder",
        "blank": "empty: there is nothing in server.py",
        "large": "server.py: too large: a submission has at most",
        "essay": "there is no program here; known are .py",
        "kotlin": "there is no program here; known are .py",
        "bad": "bad.zip: is broken",
        "rar": "rar.rar: is a RAR archive; hand in a .zip",
        "nested": "a.zip is an archive: unpack it first",
        "up": "up.zip: holds ../../server.py, which leads out of it",
        "bytes": "\\udcff.py: this name is not UTF-8",
        "link": "is a symbolic link, and none is followed",
        "linked": "server.py: is a symbolic link",
        "pipe": "is a FIFO",
    }
    assert told.keys() == wanted.keys()
    assert {name: line for name, line in told.items() if not line.startswith(wanted[name])} == {}


def test_a_file_beside_an_archive_is_judged_without_it(tmp_path: Path) -> None:
    handin = only(found(tmp_path, {"alice/server.py": SERVER, "alice/old.zip": b"broken"}))
    assert (handin.problem, handin.notes) == ("", ("old.zip: left aside, the programs beside it count",))


def test_a_flood_in_one_hand_in_leaves_the_class_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_BYTES", 10_000)
    monkeypatch.setattr(archives, "MOST_BYTES", 10_000)
    (tmp_path / "class.zip").write_bytes(zipped({"hw/alice/server.py": bytes(30_000), "hw/bob/server.py": SERVER}))
    told = problems(find_handins(tmp_path / "class.zip", tmp_path / "into"))
    assert told["bob"] == ""
    assert told["alice"].startswith("server.py: too large")


def test_a_full_disk_is_nobodys_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    top = laid(tmp_path / "class", {"alice.zip": zipped(["server.py"])})
    monkeypatch.setattr(archives, "zip_entries", full)
    with pytest.raises(SubmissionError, match="cannot be written: No space left on device"):
        find_handins(top, tmp_path / "into")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nothing", "there is no hand-in here"),
        ("missing", "there is no such file or folder"),
        ("missing.zip", "No such file"),
        ("broken.zip", "is no archive"),
    ],
)
def test_says_in_a_line_when_there_is_no_class(tmp_path: Path, name: str, told: str) -> None:
    laid(tmp_path, {"nothing/": b"", "broken.zip": b"?"})
    with pytest.raises(SubmissionError, match=told) as caught:
        find_handins(tmp_path / name, tmp_path / "into")
    assert str(caught.value).isprintable()


def test_results_beside_the_hand_ins_are_nobodys(tmp_path: Path) -> None:
    top = laid(tmp_path / "class", ["alice/server.py", "marks/feedback.html"])
    assert set(judged(find_handins(top, top / "marks/.unpacked"))) == {"alice"}


# The hash


def test_the_hash_is_of_names_and_bytes(tmp_path: Path) -> None:
    same = {"a/server.py": SERVER, "b/hw/server.py": SERVER, "c.zip": zipped(["server.py"])}
    other = {"d/server.py": CLIENT, "e/client.py": SERVER, "f/server.py": SERVER, "f/x.txt": b""}
    hashes = [handin.content_hash for handin in found(tmp_path, same | other).handins]
    assert len(set(hashes[:3])) == 1
    assert len(set(hashes)) == 4
    assert hashes[0] == sha256(b"9:server.py16:print('server')\n").hexdigest()


def test_what_is_found_can_be_sent_to_another_process(tmp_path: Path) -> None:
    result = found(tmp_path, ["Ann_12_assignsubmission_file_/server.py"])
    assert pickle.loads(pickle.dumps(result)) == result


# Moodle


def test_reads_a_moodle_download(tmp_path: Path) -> None:
    files = {
        "Ann Li (Lee)_1234567_assignsubmission_file_/server.py": SERVER,
        "Ann Li (Lee)_1234567_assignsubmission_onlinetext_/onlinetext.html": b"<p>hello</p>",
        "张 三_1234568_assignsubmission_file_/hw1.zip": zipped(["hw1/server.py", "hw1/client.py"]),
        "Bo Du_1234569_assignsubmission_onlinetext_/onlinetext.html": b"<p>print()</p>",
        "Ann Li (Lee)_1234570_assignsubmission_file/server.py": CLIENT,
        "grades.csv": b"",
    }
    result = found(tmp_path, files)
    rows = {handin.student.key: handin for handin in result.handins}
    assert list(rows) == ["1234567", "1234570", "1234569", "1234568"]
    assert rows["1234567"].student.name == "Ann Li (Lee)"
    assert rows["1234567"].notes == ("text typed into the page: left aside, the files count",)
    assert rows["1234568"].student.fields == {"Full name": "张 三", "Identifier": "Participant 1234568"}
    assert rows["1234568"].path
    assert len(find(rows["1234568"].path).programs) == 2
    assert rows["1234569"].problem == "handed in as text typed into the page: there is no file to judge"
    assert result.notes == ("read as a Moodle download", "grades.csv: left aside, Moodle names no hand-in so")


def test_reads_a_flat_moodle_download(tmp_path: Path) -> None:
    files = {
        "Ann Li_12_assignsubmission_file_server.py": SERVER,
        "Ann Li_12_assignsubmission_file_my_client.py": CLIENT,
        "Ann Li_12_assignsubmission_onlinetext_onlinetext.html": b"",
        "Bo_Du_13_assignsubmission_file_hw.zip": zipped(["server.py"]),
        "Default group_assignsubmission_file_/server.py": SERVER,
    }
    result = found(tmp_path, files)
    assert judged(result) == {
        "Ann Li": ["my_client.py", "server.py"],
        "Bo Du": ["server.py"],
        "Default group": ["server.py"],
    }


def test_reads_a_moodle_archive(tmp_path: Path) -> None:
    (tmp_path / "hw-1.zip").write_bytes(zipped(["王 五_7_assignsubmission_file_/服务端.py"]))
    assert judged(find_handins(tmp_path / "hw-1.zip", tmp_path / "into")) == {"王 五": ["服务端.py"]}


# Canvas


def test_reads_a_canvas_download(tmp_path: Path) -> None:
    files = {
        "liann_101_9001_server.py": SERVER,
        "liann_101_9002_client.py": CLIENT,
        "dubo_LATE_102_9003_hw1.zip": zipped(["server.py"]),
        "王五_103_9004_tcp_server.py": SERVER,
        "zzz_104_text.html": b"<p>print()</p>",
        "anon_x7Yq2_9005_server.py": SERVER,
        "grades.csv": b"",
    }
    result = found(tmp_path, files)
    rows = {handin.student.key: handin for handin in result.handins}
    assert {key: (row.student.name, row.late) for key, row in rows.items()} == {
        "anon_x7Yq2": ("anon_x7Yq2", False),
        "102": ("dubo", True),
        "101": ("liann", False),
        "104": ("zzz", False),
        "103": ("王五", False),
    }
    assert rows["101"].student.fields == {"ID": "101", "Student": "liann"}
    assert rows["101"].path
    assert sorted(path.name for path in rows["101"].path.iterdir()) == ["client.py", "server.py"]
    assert rows["104"].problem == "handed in as text typed into the page: there is no file to judge"
    assert "grades.csv: left aside, Canvas names no hand-in so" in result.notes


def test_the_newest_canvas_upload_counts_and_decides_whether_it_is_late(tmp_path: Path) -> None:
    files = {"li_1_900_server.py": CLIENT, "li_LATE_1_1000_server-1.py": SERVER, "li_1_899_server-2.py": CLIENT}
    handin = only(found(tmp_path, files))
    assert handin.path
    assert [path.read_bytes() for path in handin.path.iterdir()] == [SERVER]
    assert [path.name for path in handin.path.iterdir()] == ["server.py"]
    assert handin.late
    assert handin.notes == ("server.py was handed in 3 times; the newest, server-1.py, counts",)


@pytest.mark.parametrize("file", ["..", ".", "...py"])
def test_a_canvas_name_leads_nowhere(tmp_path: Path, file: str) -> None:
    result = found(tmp_path, [f"li_1_900_{file}", "bo_2_901_server.py"])
    assert not (tmp_path / "into/server.py").exists()
    assert problems(result)["bo"] == ""


# Gradescope

METADATA = """\
---
submission_11:
  :submitters:
  - &ann
    :name: Ann Li
    :sid: '0012'
    :email: ann@example.org
  :created_at: 2026-04-26 17:34:00.861687000 Z
  :score: 2.0
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    output: |-
      some: text
submission_12:
  :submitters:
  - *ann
  :created_at: 2026-04-26 10:36:00.000000000 -07:00
submission_13:
  :submitters:
  - :name: 王五
    :email: wang@example.org
  - :name: Bo Du
    :sid: 14
  :created_at: 2026-04-25 00:00:00 +0800
submission_14:
  :submitters:
  - :name: Gone
    :email: gone@example.org
submission_15:
  :submitters: []
"""


def test_reads_a_gradescope_export(tmp_path: Path) -> None:
    files = {f"assignment_7_export/submission_{n}/server.py": SERVER for n in (11, 12, 13, 15, 99)}
    result = found(tmp_path, files | {"assignment_7_export/submission_metadata.yml": METADATA.encode()})
    rows = {handin.student.key: handin for handin in result.handins}
    assert set(rows) == {
        "ann@example.org",
        "wang@example.org",
        "14",
        "gone@example.org",
        "submission_15",
        "submission_99",
    }
    ann = rows["ann@example.org"]
    assert ann.handed_in == datetime(2026, 4, 26, 17, 36, tzinfo=UTC)
    assert ann.path == tmp_path / "class/assignment_7_export/submission_12"
    assert ann.student.fields == {"submission": "12", "name": "Ann Li", "sid": "0012", "email": "ann@example.org"}
    assert ann.notes == ("2 hand-ins; the newest, submission 12 of 2026-04-26 10:36:00-07:00, counts",)
    assert rows["14"].path == rows["wang@example.org"].path
    assert rows["14"].notes == ("one hand-in of 2: 王五, Bo Du",)
    assert rows["14"].handed_in == datetime(2026, 4, 25, tzinfo=timezone(timedelta(hours=8)))
    assert rows["gone@example.org"].problem.startswith("missing: submission_14 is in submission_metadata.yml")
    assert rows["submission_99"].notes == ("nothing in the metadata tells whose it is",)
    assert [key for key, row in rows.items() if row.problem] == ["gone@example.org"]


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        (b"\x00\x01", "is no YAML"),
        (b"a: [", "is no YAML"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"- " * 100_000, "is nested too deeply"),
        (b"", "is no table"),
        (b"- 1", "is no table"),
    ],
)
def test_judges_a_gradescope_export_with_broken_metadata_all_the_same(
    tmp_path: Path, metadata: bytes, told: str
) -> None:
    result = found(tmp_path, {"submission_1/server.py": SERVER, "submission_metadata.yml": metadata})
    assert judged(result) == {"submission_1": ["server.py"]}
    [note] = [note for note in result.notes if "submission_metadata.yml" in note]
    assert told in note
    assert note.isprintable()


def test_takes_nothing_in_metadata_for_more_than_text(tmp_path: Path) -> None:
    metadata = (
        b"submission_1: 3\nsubmission_2:\n  :submitters: [x, {:name: [y]}, {:name: !!python/name:os.system ''}]\n"
    )
    result = found(
        tmp_path, {"submission_1/a.py": SERVER, "submission_2/a.py": SERVER, "submission_metadata.yml": metadata}
    )
    assert {handin.student.name for handin in result.handins} == {"submission_1", "submission_2"}


def test_yaml_that_multiplies_itself_stays_small() -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    document = parse("\n".join(lines).encode())
    assert isinstance(document, dict)
    assert len(document) == 60


def test_says_where_yaml_is_wrong() -> None:
    with pytest.raises(MetadataError, match=r"^is no YAML: .*line 2"):
        parse(b"a: 1\n- b\n")


# GitHub Classroom


@pytest.mark.parametrize(("folder", "login"), [("class", "a"), ("hw1-submissions", "mary-a")])
def test_reads_clones_of_a_classroom(tmp_path: Path, folder: str, login: str) -> None:
    files = [f"hw1-{name}/{file}" for name in ("mary-a", "mary-jane") for file in ("server.py", ".git/config")]
    result = find_handins(laid(tmp_path / folder, files), tmp_path / "into")
    assert result.handins[0].student.key == login
    assert result.handins[0].student.fields == {"login": login, "repository": "hw1-mary-a"}
    assert "is taken for the assignment" in result.notes[0]
    assert set(judged(result)) == {login, login[:-1] + "jane"}


def test_does_not_guess_a_login_from_one_clone(tmp_path: Path) -> None:
    assert only(found(tmp_path, ["hw1-alice/server.py", "hw1-alice/.git/config"])).student.key == "hw1-alice"


# Many


def test_a_class_of_hundreds_is_no_matter(tmp_path: Path) -> None:
    result = found(tmp_path, [f"student{n:04}_{side}.py" for n in range(400) for side in ("server", "client")])
    assert len(result.handins) == 400
