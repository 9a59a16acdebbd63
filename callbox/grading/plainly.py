"""Hand-ins in a folder that no platform made: a folder, an archive or some files a student, known by their names.

Of a name, the words that say a role are taken away (`zhang_san_server.py`, `tcp_client-li.py`); what is left is the
student. Nothing else is guessed: `li.py` and `li_na.py` are two students, and that is said.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from callbox.grading.archives import archive_suffix
from callbox.grading.claims import Claim, Claims, Listing, Part, spoken
from callbox.grading.result import Student
from callbox.listing import LISTING

_ASIDE = frozenset(
    {".csv", ".tsv", ".xlsx", ".xls", ".ods", ".toml", ".yml", ".yaml", ".json", ".md", ".rst", ".html", ".log"}
)
_ASCII = r"(?i:server|sever|client|tcp|udp|unix|once|loop|forever|concurrent)"
_WORDS = r"(?:服务端不关闭的|简单版|服务端|服务器|客户端|循环|并发|通信)"
_LAST = re.compile(rf"(?:(?:[\s_.-]+|(?<=[a-z])(?=[A-Z])|(?<=[^\x00-\x7f])|^){_ASCII}\d?|[\s_.-]*{_WORDS}\d?)$")
_FIRST = re.compile(rf"^(?:{_ASCII}(?:[\s_.-]+|(?=[A-Z])|(?=[^\x00-\x7f])|$)|{_WORDS}[\s_.-]*)")
# What folders of one student are called, that are no student's name.
_NOBODY = re.compile(
    r"(?i:src|source|lib|bin|build|docs?|tests?|include|main|hw|homework|lab|task|part|ex|exercise|week|day|实验|作业|第)"
    r"[\s_.-]*[\d一二三四五六七八九十]*[周次题]?"
)
_COPY = re.compile(r"(?s)(?P<name>.+?) ?\((?P<number>\d{1,2})\)$")  # as a browser names the second `alice.zip`


@dataclass(frozen=True, slots=True)
class _Named:
    """Something in the folder, and what its name says."""

    path: Path
    stem: str
    student: str
    whole: bool
    """is it a folder or archive, a hand-in of its own"""


def claims(top: Listing) -> Claims:
    """The hand-ins by name; or the folder itself is one, when no name in it tells a student."""
    files = {path.name for path in top.files}
    aside = [path for path in top.files if _is_aside(path)]
    named = [_named(path) for path in top.entries if path not in aside]
    if LISTING in files or not any(each.student for each in named):
        name = spoken(top.folder.absolute().name)
        note = f"no name in it tells a student: all of {name} is taken for one hand-in"
        return (
            Claims((Claim(Student(name, name), (Part(top.folder, top.folder.name),)),), (note,))
            if named
            else Claims(())
        )
    notes = [f"{spoken(path.name)}: left aside, it is no program and no archive" for path in aside]
    students = _by_student(named)
    notes += [
        f"{each.stem}: no student's name, by the look of it; it is taken for one" for each in named if not each.student
    ]
    return Claims(tuple(_claim(*who) for who in students.items()), (*notes, *_alike(students)))


def students_in(top: Listing) -> int:
    """How many students folders and archives are named after."""
    return len({each.student for each in map(_named, top.entries) if each.whole} - {""})


def student_of(stem: str) -> str:
    """What is left of a name without the words that say a role."""
    while (cut := _LAST.sub("", _FIRST.sub("", stem))) != stem:
        stem = cut
    stem = stem.strip(" _.-")
    return "" if _NOBODY.fullmatch(stem) else stem


def _is_aside(path: Path) -> bool:
    return path.suffix.lower() in _ASIDE or path.stem.upper() in {"README", "LICENSE", "MAKEFILE"}


def _named(path: Path) -> _Named:
    name = spoken(path.name)
    folder = _is_folder(path)
    suffix = "" if folder else archive_suffix(name)
    stem = name if folder else name.removesuffix(suffix) if suffix else PurePosixPath(name).stem
    return _Named(path, stem, student_of(stem), folder or bool(suffix))


def _by_student(named: Iterable[_Named]) -> dict[str, list[_Named]]:
    students: dict[str, list[_Named]] = {}
    known = {each.student for each in named}
    for each in named:
        copy = _COPY.match(each.student)
        name = copy["name"] if copy and copy["name"] in known else each.student
        students.setdefault(name or each.stem, []).append(each)
    return students


def _alike(students: Iterable[str]) -> list[str]:
    """Names of which one begins with another: they may be one student's, but that is not for us to guess."""
    names = sorted(students)
    pairs = [(name, other) for name in names for other in names if re.match(rf"{re.escape(name)}[\s_.-]", other)]
    return [f"{name} and {other} are taken for two students" for name, other in pairs]


def _claim(name: str, named: list[_Named]) -> Claim:
    """Several things with the very same name, one of them whole, are repeated hand-ins; others belong together."""
    stems = {each.stem for each in named}
    copies = [each for each in named if (copy := _COPY.match(each.stem)) and copy["name"] in stems]
    same = [each for each in named if each.stem not in {copy.stem for copy in copies}]
    repeated = copies or (len(same) > 1 and any(each.whole for each in same) and len(stems) == 1)
    notes: tuple[str, ...] = ()
    if repeated:
        newest = max(named, key=lambda each: (_written(each.path), each.stem))
        when = datetime.fromtimestamp(_written(newest.path), UTC).isoformat(" ", "seconds")
        notes = (f"{len(named)} hand-ins; {spoken(newest.path.name)} counts, the newest by its date ({when})",)
        named = [newest]
    elif len(named) > 1:
        notes = (f"{', '.join(spoken(each.path.name) for each in named)}: taken together, by their names",)
    return Claim(Student(name, name), tuple(Part(each.path, each.path.name) for each in named), notes=notes)


def _written(path: Path) -> float:
    """When it, or what lies directly in it, was written last; seconds since 1970."""
    try:
        inside = list(path.iterdir()) if _is_folder(path) else []
        times: list[float] = [each.lstat().st_mtime for each in (path, *inside)]
    except OSError:  # then it cannot be judged either
        return 0.0
    return max(times)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
