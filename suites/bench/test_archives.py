"""Archives that nobody vouches for: what is unpacked, what is left out, and what is refused in one line."""

import io
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbox.grading import archives
from callbox.grading.archives import ONE_STUDENT, WHOLE_CLASS, Caps, archive_suffix, unpack
from callbox.intake import MOST_BYTES, SubmissionError

GIVEN = {"server.py": b"print()\n", "hw 1/客户端(1).py": b"pass\n"}
Pack = Callable[[Path, Mapping[str, bytes]], Path]


def a_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def a_tar(path: Path, files: Mapping[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # the mode is a str
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def a_tar_with(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as archive:
        for member in members:
            archive.addfile(member)
    return path


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def raw_zip(path: Path, names: list[bytes], *, flags: int = 0, method: int = 0, data: bytes = b"pass\n") -> Path:
    """A zip with names as bytes, which zipfile would not write."""
    body, directory = b"", b""
    for name in names:
        fields = struct.pack("<HHHHIIIHH", flags, method, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0)
        header = b"PK\x01\x02" + struct.pack("<HH", 20, 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, len(body))
        directory += header + name
        body += b"PK\x03\x04" + struct.pack("<H", 20) + fields + name + data
    end = struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(directory), len(body), 0)
    path.write_bytes(body + directory + b"PK\x05\x06" + end)
    return path


def out(path: Path, caps: Caps = ONE_STUDENT) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """What comes out of an archive, and what is said of it."""
    into = path.parent / "out"
    notes = unpack(path, into, caps)
    return {str(file.relative_to(into)): file.read_bytes() for file in into.rglob("*") if file.is_file()}, notes


def refusal(path: Path, caps: Caps = ONE_STUDENT) -> str:
    with pytest.raises(SubmissionError) as caught:
        unpack(path, path.parent / "out", caps)
    assert str(caught.value).isprintable()
    assert str(caught.value).startswith(f"{path.name}: ")
    beside = {each.name for each in path.parent.iterdir()} - {path.name, "out"}
    assert not beside, "nothing is written beside the folder"
    assert not [each for each in path.parent.rglob("*") if each.is_symlink()]
    return str(caught.value)


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2"])
def test_unpacks_what_students_hand_in(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"hw{suffix}"
    mode = {".gz": "w:gz", ".tgz": "w:gz", ".xz": "w:xz", ".bz2": "w:bz2"}.get(Path(suffix).suffix or suffix, "w")
    packed = a_zip(path, GIVEN) if suffix == ".zip" else a_tar(path, GIVEN, mode)
    assert out(packed) == (GIVEN, ())


def test_goes_by_what_is_in_it_not_by_its_name(tmp_path: Path) -> None:
    assert out(a_tar(tmp_path / "hw.zip", GIVEN)) == (GIVEN, ())


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("a.tar.gz", ".tar.gz"), ("A.ZIP", ".ZIP"), ("a.b.tgz", ".tgz"), ("a.rar", ".rar"), ("a.py", ""), ("zip", "")],
)
def test_knows_archives_by_name(name: str, suffix: str) -> None:
    assert archive_suffix(name) == suffix


def test_keeps_what_is_executable_and_no_other_permission(tmp_path: Path) -> None:
    member = tarfile.TarInfo("server")
    member.mode = 0o6777
    unpack(a_tar_with(tmp_path / "hw.tar", member), tmp_path / "out")
    assert stat.S_IMODE((tmp_path / "out/server").stat().st_mode) & ~0o755 == 0
    assert os.access(tmp_path / "out/server", os.X_OK)


@pytest.mark.parametrize(
    "name", ["客户端.py".encode("gbk"), "客户端.py".encode(), b"r\x82.py"], ids=["gbk", "utf-8", "437"]
)
def test_reads_names_that_do_not_say_their_encoding(tmp_path: Path, name: bytes) -> None:
    wanted = "ré.py" if name == b"r\x82.py" else "客户端.py"
    assert list(out(raw_zip(tmp_path / "hw.zip", [name]))[0]) == [wanted]


def test_takes_windows_separators_for_separators(tmp_path: Path) -> None:
    assert list(out(raw_zip(tmp_path / "hw.zip", [b"hw1\\server.py"]))[0]) == ["hw1/server.py"]


def test_a_second_byte_of_a_character_is_no_separator(tmp_path: Path) -> None:
    name = "誠.py".encode("gbk")  # its second byte is that of a backslash
    assert b"\\" in name
    assert list(out(raw_zip(tmp_path / "hw.zip", [name]))[0]) == ["誠.py"]


@pytest.mark.parametrize("suffix", ["zip", "tar"])
@pytest.mark.parametrize(
    "name", [b"../server.py", b"a/../../b.py", b"/etc/x.py", b"C:\\x.py", b"c:x.py", b"..\\x.py", b"\\\\host\\x.py"]
)
def test_refuses_names_that_lead_out(tmp_path: Path, name: bytes, suffix: str) -> None:
    path = tmp_path / f"hw.{suffix}"
    packed = raw_zip(path, [name]) if suffix == "zip" else a_tar(path, {name.decode(): b""})
    assert "holds" in refusal(packed)


@pytest.mark.parametrize(
    "member",
    [
        special("server.py", tarfile.SYMTYPE, "/etc/passwd"),
        special("server.py", tarfile.LNKTYPE, "/etc/passwd"),
        special("server.py", tarfile.FIFOTYPE),
        special("server.py", tarfile.CHRTYPE),
        special("server.py", tarfile.BLKTYPE),
    ],
    ids=["symbolic link", "hard link", "FIFO", "character device", "block device"],
)
def test_leaves_out_what_is_no_plain_file_and_says_so(tmp_path: Path, member: tarfile.TarInfo) -> None:
    files, notes = out(a_tar_with(tmp_path / "hw.tar", member))
    assert files == {}
    assert list((tmp_path / "out").iterdir()) == []
    assert len(notes) == 1
    assert notes[0].startswith("hw.tar: server.py (a ")


def test_leaves_out_links_of_a_zip(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("server.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "hw.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert out(tmp_path / "hw.zip") == ({}, ("hw.zip: server.py (a link) is left out",))


def test_writes_through_no_link_that_came_before(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    below = tarfile.TarInfo("a/x.py")
    packed = a_tar_with(tmp_path / "hw.tar", special("a", tarfile.SYMTYPE, str(tmp_path / "elsewhere")), below)
    assert list(out(packed)[0]) == ["a/x.py"]
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("pack", [a_zip, a_tar])
def test_refuses_what_is_packed_too_well(tmp_path: Path, pack: Pack) -> None:
    assert "too well to be true" in refusal(pack(tmp_path / "hw", {"a.py": bytes(8 << 20)}))


def test_stops_where_it_becomes_too_large(tmp_path: Path) -> None:
    told = refusal(
        a_zip(tmp_path / "hw.zip", dict.fromkeys("abc", os.urandom(1 << 10) * (1 << 10))), Caps(10, 2 << 20, each=False)
    )
    assert "too large: more than 2 MB come out of it" in told
    assert sum(file.stat().st_size for file in (tmp_path / "out").iterdir()) <= 2 << 20


@pytest.mark.parametrize("size", [0, 1 << 30])
def test_is_not_taken_in_by_a_size_that_is_a_lie(tmp_path: Path, size: int) -> None:
    path = a_zip(tmp_path / "hw.zip", {"a.py": b"print()\n" * 1000})
    data = bytearray(path.read_bytes())
    for at in (22, data.index(b"PK\x01\x02") + 24):  # the size after expanding, in both headers
        data[at : at + 4] = struct.pack("<I", size)
    path.write_bytes(data)
    if size:
        assert len(out(path)[0]["a.py"]) == 8000
    else:
        assert "is broken: Bad CRC-32" in refusal(path)


def test_refuses_entries_that_share_their_bytes(tmp_path: Path) -> None:
    path = raw_zip(tmp_path / "hw.zip", [b"a.py", b"b.py"])
    data = bytearray(path.read_bytes())
    second = data.index(b"b.py", data.index(b"PK\x01\x02"))
    data[second - 4 : second] = struct.pack("<I", 0)  # where its header is: that of the first
    path.write_bytes(data)
    assert "overlap" in refusal(path)


@pytest.mark.parametrize("pack", [a_zip, a_tar])
def test_refuses_too_many_files(tmp_path: Path, pack: Pack) -> None:
    few = Caps(3, MOST_BYTES, each=False)
    assert "too many files" in refusal(pack(tmp_path / "hw", dict.fromkeys("abcd", b"")), few)


def test_counts_the_entries_of_a_zip_before_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = a_zip(tmp_path / "hw.zip", dict.fromkeys("abcdefg", b""))
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert "too many files" in refusal(packed, Caps(3, MOST_BYTES, each=False))


def test_refuses_folders_without_end(tmp_path: Path) -> None:
    assert "folders in folders" in refusal(a_zip(tmp_path / "hw.zip", {"a/" * 50 + "x": b""}))


def test_refuses_a_header_that_wants_all_the_memory(tmp_path: Path) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1 << 33
    (tmp_path / "hw.tar").write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
    assert "is broken" in refusal(tmp_path / "hw.tar")


def test_does_not_expand_more_of_a_tar_than_it_may(tmp_path: Path) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1 << 33
    with tarfile.open(tmp_path / "hw.tgz", "w:gz") as archive:
        archive.fileobj.write(header.tobuf(tarfile.GNU_FORMAT))
        archive.fileobj.write(bytes(8 << 20))
    assert "too large" in refusal(tmp_path / "hw.tgz", Caps(10, 1 << 20, each=False))


def test_refuses_a_password(tmp_path: Path) -> None:
    assert "encrypted; hand it in without a password" in refusal(raw_zip(tmp_path / "hw.zip", [b"a.py"], flags=1))


def test_refuses_a_rare_way_of_packing(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "hw.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.py", b"pass")
    assert "use an ordinary zip" in refusal(tmp_path / "hw.zip")


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (b"Rar!\x1a\x07\x00", "is a RAR archive; hand in a .zip"),
        (b"7z\xbc\xaf\x27\x1c", "is a 7z archive"),
        (b"print()", "is no archive that we can open"),
        (b"", "is empty"),
        (b"PK\x03\x04" + b"x" * 100, "is broken"),
        (b"\x1f\x8bxxxxxxxxxxxx", "cannot be unpacked"),
        (b"BZhxxxx", "cannot be unpacked"),
        (b"\xfd7zXZ\0xxxx", "is broken"),
    ],
)
def test_says_what_it_is_when_it_is_none(tmp_path: Path, start: bytes, told: str) -> None:
    (tmp_path / "hw.zip").write_bytes(start)
    assert told in refusal(tmp_path / "hw.zip")


@pytest.mark.parametrize("suffix", [".zip", ".tgz", ".tar"])
def test_says_so_when_the_end_is_missing(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"hw{suffix}"
    files = {"a.py": os.urandom(10_000)}
    packed = a_zip(path, files) if suffix == ".zip" else a_tar(path, files, "w:gz" if suffix == ".tgz" else "w")
    packed.write_bytes(packed.read_bytes()[:5000])
    refusal(packed)


def test_follows_no_link_to_an_archive(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "hw.zip").symlink_to(a_zip(elsewhere / "x.zip", GIVEN))
    with pytest.raises(SubmissionError, match=r"hw\.zip: cannot be unpacked"):
        unpack(tmp_path / "hw.zip", tmp_path / "out")


def test_does_not_wait_at_a_fifo(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "hw.zip")
    assert "is no plain file" in refusal(tmp_path / "hw.zip")


def test_the_last_of_several_with_a_name_counts(tmp_path: Path) -> None:
    files, notes = out(raw_zip(tmp_path / "hw.zip", [b"a.py", b"a.py", b"A.py"]))
    assert sorted(files) == ["A.py", "a.py"]
    assert notes == ("hw.zip: a.py is in it twice; the last one counts",)


def test_refuses_what_is_a_file_and_a_folder(tmp_path: Path) -> None:
    assert "cannot be unpacked" in refusal(a_zip(tmp_path / "hw.zip", {"a": b"", "a/b": b""}))


def test_takes_names_that_only_windows_fears(tmp_path: Path) -> None:
    names = {"con.py": b"", "aux": b"", "x ": b"", "NUL.txt": b""}
    assert out(a_zip(tmp_path / "hw.zip", names)) == (names, ())


def test_leaves_behind_what_no_program_needs(tmp_path: Path) -> None:
    names = {"a.py": b"", "__MACOSX/._a.py": b"", "node_modules/x/y.js": b"", ".git/config": b"", ".vscode/x": b""}
    assert list(out(a_zip(tmp_path / "hw.zip", names))[0]) == ["a.py"]


def test_does_not_unpack_archives_in_archives(tmp_path: Path) -> None:
    inner = a_zip(tmp_path / "inner.zip", GIVEN).read_bytes()
    (tmp_path / "inner.zip").unlink()
    assert list(out(a_zip(tmp_path / "hw.zip", {"inner.zip": inner}))[0]) == ["inner.zip"]


@pytest.mark.parametrize("root", ["", "export/"])
@pytest.mark.parametrize("pack", [a_zip, a_tar])
def test_one_students_flood_takes_no_room_from_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str, pack: Pack
) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1000)
    flood = {f"{root}alice/{name}": bytes(900) for name in "abcdef"}
    files = out(pack(tmp_path / "class.zip", flood | {f"{root}bob/a.py": b"pass\n"}), WHOLE_CLASS)[0]
    assert files[f"{root}bob/a.py"] == b"pass\n"
    assert sum(len(data) for name, data in files.items() if "alice" in name) == 1001, "one too many, so that it shows"


@pytest.mark.parametrize("root", [b"", b"export/"])
def test_what_one_student_put_in_an_export_is_no_reason_to_refuse_it(tmp_path: Path, root: bytes) -> None:
    names = [
        b"bob/a.py",
        b"alice/../../up.py",
        b"alice/..\\x.py",
        b"alice/" + b"n" * 300,
        b"alice/" + b"d/" * 40 + b"x",
    ]
    files, notes = out(raw_zip(tmp_path / "class.zip", [root + name for name in names]), WHOLE_CLASS)
    assert list(files) == [f"{root.decode()}bob/a.py"]
    assert len(notes) == 4
    assert all("alice" in note and note.isprintable() for note in notes)


def test_one_students_thousands_of_files_do_not_count_for_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_ENTRIES", 5)
    names = [*(f"alice/{n}.py" for n in range(50)), *(f"bob/.git/{n}" for n in range(50)), "bob/a.py"]
    files = out(a_zip(tmp_path / "class.zip", dict.fromkeys(names, b"")), WHOLE_CLASS)[0]
    assert "bob/a.py" in files
    assert (tmp_path / "out/bob/.git").is_dir()
    assert sum("alice" in name for name in files) == 6, "one too many, so that it shows"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    damage=st.lists(st.tuples(st.integers(0, 600), st.binary(min_size=1, max_size=4)), min_size=1), tar=st.booleans()
)
def test_damage_is_a_line_and_never_more(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, bytes]], tar: bool
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    packed = a_tar(folder / "hw.tar", GIVEN, "w") if tar else a_zip(folder / "hw.zip", GIVEN)
    data = bytearray(packed.read_bytes())
    for at, what in damage:
        data[at : at + len(what)] = what
    packed.write_bytes(data)
    try:
        unpack(packed, folder / "out")
    except SubmissionError as told:
        assert str(told).isprintable()  # noqa: PT017 - damage may also do no harm
    assert {each.name for each in folder.iterdir()} <= {packed.name, "out"}
