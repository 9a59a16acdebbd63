"""Makes up a class in the forms that platforms export: specimens under students' names, and hand-ins that are hostile or broken.

Run: python suites/bench/made_up_class.py FOLDER [--students N]; then `callbox grade FOLDER/FORM --out DIR --role udp-server`.
`FOLDER/marks.json` says whose programs are right.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import sys
import zipfile
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

HOUSE = Path(__file__).parents[2]
SPECIMENS = HOUSE / "fixtures" / "specimens"
ROLE = "udp-server"
"""of all programs: it is the one that is judged soonest"""
NAMES = (
    "Ada Lovelace",
    "王伟",
    "Grace Hopper",
    "李娜",
    "Edsger Dijkstra",
    "张敏",
    "Radia Perlman",
    "刘洋",
    "Vint Cerf",
    "陈静",
)
EVERY = 10
"""One in so many hands in something that is no program, or an attack."""


@dataclass(frozen=True)
class Paper:
    """What a student handed in."""

    number: int
    name: str
    file: str
    data: bytes
    right: bool | None
    """None: there is no program in it that could be judged"""


def papers(students: int) -> list[Paper]:
    """The class: right and wrong programs in turn, and now and then something else."""
    right = cycle(sorted((SPECIMENS / "accepted" / ROLE).glob("*.py")))
    wrong = cycle(path for path in sorted((SPECIMENS / "wrong" / ROLE).glob("*.py")) if breaks_a_must(path))
    odd = cycle(broken())
    made = []
    for number in range(1, students + 1):
        name = f"{NAMES[number % len(NAMES)]} {number}"
        if number % EVERY == 0:
            file, data, is_right = next(odd)
        else:
            is_right = bool(number % 2)
            file, data = "server.py", next(right if is_right else wrong).read_bytes()
        made.append(Paper(number, name, file, data, is_right))
    return made


def breaks_a_must(path: Path) -> bool:
    """Does a wrong specimen cost points?"""
    return path.read_bytes().splitlines()[0].startswith(b"# breaks:")


def broken() -> list[tuple[str, bytes, bool | None]]:
    """File, bytes, and whether it is right, of hand-ins that would harm a careless grader."""
    hostile = SPECIMENS / "hostile"
    return [
        ("server.py", b"", None),
        ("server.py", b"def (:\n", None),
        ("report.docx", b"PK\x03\x04 no program", None),
        ("server.zip", bomb(), None),
        ("server.py", (hostile / "fork_bomb.py").read_bytes(), False),
        ("server.py", (hostile / "output_flood.py").read_bytes(), False),
    ]


def bomb() -> bytes:
    """An archive that is a thousand times as large as it looks, and wants to be written elsewhere."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("../../evil.py", b"print('out')")
        file.writestr("server.py", bytes(200 << 20))
    return archive.getvalue()


# ---- the forms


def as_folders(class_: list[Paper], out: Path) -> None:
    """A folder a student."""
    for paper in class_:
        put(out / paper.name / paper.file, paper.data)


def as_moodle(class_: list[Paper], out: Path) -> None:
    """ "Download all submissions", in folders."""
    for paper in class_:
        put(out / f"{paper.name}_{1000 + paper.number}_assignsubmission_file_" / paper.file, paper.data)


def as_canvas(class_: list[Paper], out: Path) -> None:
    """ "Download Submissions": flat, and some of it late."""
    for paper in class_:
        name = "".join(letter for letter in paper.name.lower() if letter.isalnum())
        late = "LATE_" if paper.number % 7 == 0 else ""
        put(out / f"{name}_{late}{2000 + paper.number}_{9000 + paper.number}_{paper.file}", paper.data)


def as_gradescope(class_: list[Paper], out: Path) -> None:
    """ "Export Submissions", with its metadata."""
    lines = []
    for paper in class_:
        put(out / f"submission_{paper.number}" / paper.file, paper.data)
        lines += [
            f"submission_{paper.number}:",
            "  :submitters:",
            f"  - :name: {paper.name}",
            f"    :sid: '{paper.number}'",
            f"    :email: student{paper.number}@example.org",
            "  :created_at: 2026-03-01 12:00:00.000000000 Z",
        ]
    put(out / "submission_metadata.yml", "\n".join([*lines, ""]).encode())


def as_clones(class_: list[Paper], out: Path) -> None:
    """Clones of a GitHub Classroom."""
    for paper in class_:
        folder = out / f"sockets-student{paper.number}"
        put(folder / paper.file, paper.data)
        put(folder / ".git" / "HEAD", b"ref: refs/heads/main\n")


def as_archive(class_: list[Paper], out: Path) -> None:
    """One zip file of everything."""
    out.mkdir(parents=True)
    with zipfile.ZipFile(out.with_suffix(".zip"), "w") as file:
        for paper in class_:
            file.writestr(f"class/{paper.name}/{paper.file}", paper.data)
    out.rmdir()


FORMS = {
    "folders": as_folders,
    "moodle": as_moodle,
    "canvas": as_canvas,
    "gradescope": as_gradescope,
    "clones": as_clones,
    "archive": as_archive,
}


def put(path: Path, data: bytes) -> None:
    """Write a file in a folder of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def main() -> int:
    """Make it up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--students", type=int, default=60)
    options = parser.parse_args()
    class_ = papers(options.students)
    for form, write in FORMS.items():
        shutil.rmtree(options.folder / form, ignore_errors=True)
        write(class_, options.folder / form)
    known = {paper.number: {"name": paper.name, "right": paper.right} for paper in class_}
    put(options.folder / "marks.json", json.dumps(known, ensure_ascii=False, indent=1).encode())
    print(f"{options.folder}: {len(class_)} students, in the forms {', '.join(FORMS)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
