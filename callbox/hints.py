"""What the names of files and folders say: which files are programs, and what role each has."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from callbox.assignment import ROLES, Role
from callbox.intake import SCANNED, SourceFile
from callbox.languages import Language, has_main, language_of

# What a name says in other words: the tutorial's `sever.py`, and its titles.
_SPOKEN = (
    ("服务端不关闭的tcp", "tcp-forever"),
    ("简单版tcp", "tcp-once"),
    ("tcp循环", "tcp-loop"),
    ("并发", "tcp-concurrent"),
    ("服务端", "server"),
    ("服务器", "server"),
    ("客户端", "client"),
)
_FAMILIES = tuple(dict.fromkeys(name.rpartition("-")[0] for name in ROLES))  # tcp-once … udp, unix
_ASIDE = re.compile(r"/(tests?/|test_[^/]*$|[^/]*_test\.\w+$|(__init__|conftest|setup)\.py$)")
_BRINGS_IN = re.compile(rb"(?m)^[^\n]*\b(?:import|require|require_relative|source|use)\b[^\n]*$")


@dataclass(frozen=True, slots=True)
class Hint:
    """What names say of a program: its side, its family ("tcp", "tcp-once", "udp" …), or None."""

    side: str | None
    family: str | None

    @property
    def may_be(self) -> tuple[str, ...]:
        """The roles that agree with it; when it contradicts itself ("tcp-forever", "client"), those of its side."""
        fit = [name for name, role in ROLES.items() if self._fits_side(role) and self._fits_family(name)]
        return tuple(fit or [name for name, role in ROLES.items() if self._fits_side(role)])

    def _fits_side(self, role: Role) -> bool:
        return self.side in {None, role.side}

    def _fits_family(self, name: str) -> bool:
        return self.family is None or name.startswith(f"{self.family}-")


def hint(name: str, folder: str) -> Hint:
    """What is said by a program's path `name` in a submission, and by the name of the submitted `folder`.

    The nearest name counts, but a folder that is named exactly as a role says more than a word in a file's name
    (tcp-forever-server/drops_a_client.py), unless the file is just called server or client.
    """
    path = PurePosixPath(name)
    names = [plain_words(each) for each in (path.stem, *reversed(path.parent.parts), folder)]
    if names[0] in {"server", "client"}:
        return Hint(names[0], _family(names))
    exact = next((ROLES[each] for each in names if each in ROLES), None)
    if exact:
        return Hint(exact.side, exact.name.rpartition("-")[0])
    return Hint(next(filter(None, map(side_of, names)), None), _family(names))


def plain_words(name: str) -> str:
    """`TCPOnceServer2`, `01_tcp_once_sever` → `tcp-once-server`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", unicodedata.normalize("NFKC", name))
    words = words.lower()
    for said, means in _SPOKEN:
        words = words.replace(said, f"-{means}-")
    words = re.sub(r"[^a-z]+", "-", words).strip("-")
    return re.sub(r"\bsever\b", "server", words)


def side_of(words: str) -> str | None:
    """`server` or `client`, where plain words name one of them and not both."""
    sides = [side for side, said in (("server", r"(?<!ob)server"), ("client", "client")) if re.search(said, words)]
    return sides[0] if len(sides) == 1 else None


def _family(names: Iterable[str]) -> str | None:
    """The nearest, or what an outer name says more exactly: udp; tcp-once in tcp-once/tcp_server.py."""
    found = [family for family in map(_family_of, names) if family]
    return next((family for family in found if family.startswith(f"{found[0]}-")), found[0] if found else None)


def _family_of(words: str) -> str | None:
    found = [family for family in _FAMILIES if re.search(rf"\b{family}\b", words)]
    if re.search(r"\btcp\b", words) and not any(family.startswith("tcp") for family in found):
        found.append("tcp")
    return found[0] if len(found) == 1 else None


def programs(files: Mapping[str, SourceFile], folder: str) -> tuple[list[str], list[list[str]]]:
    """The files that are programs, and the folders' files of which it cannot be told.

    When some are called server or client, or lie in a folder that is, the others are their helpers.
    """
    starters = {name: language for name in sorted(files) if (language := _starter(name, files[name]))}
    parts = _parts(starters, files)
    serious = [name for name in starters if name not in parts] or list(starters)
    named = [name for name in serious if hint(name, folder).side]
    found, unclear = [], []
    for together in _by_folder(named or serious):
        own = [name for name in together if side_of(plain_words(PurePosixPath(name).stem))]
        if own or len(together) == 1:
            found += own or together
        else:
            unclear.append(together)
    return found, unclear


def _starter(name: str, file: SourceFile) -> Language | None:
    return None if PurePosixPath(name).name.startswith(".") else language_of(name, file)


def _by_folder(names: Sequence[str]) -> list[list[str]]:
    folders: dict[PurePosixPath, list[str]] = {}
    for name in names:
        folders.setdefault(PurePosixPath(name).parent, []).append(name)
    return list(folders.values())


def _parts(starters: Mapping[str, Language], files: Mapping[str, SourceFile]) -> set[str]:
    """Tests, sources without main(), what was compiled from them, and scripts that others bring in."""
    sources = any(language.build for language in starters.values())
    parts = {name for name in starters if _ASIDE.search(f"/{name}")}
    parts |= {name for name, language in starters.items() if not has_main(language, files[name])}
    parts |= {name for name in starters if sources and files[name].data.startswith(b"\x7fELF")}
    scripts = {name: language for name, language in starters.items() if not language.main}
    brought = {name: _brought_in(files[name]) for name in scripts}
    for name, language in scripts.items():
        stem = PurePosixPath(name).stem
        others = (brought[other] for other in scripts if other != name and scripts[other] is language)
        # A client may well import a constant of its server: that is a program all the same.
        if plain_words(stem) not in {"server", "client"} and any(stem.encode() in words for words in others):
            parts.add(name)
    return parts


def _brought_in(file: SourceFile) -> set[bytes]:
    """The words on the lines of a script that bring something in."""
    lines = _BRINGS_IN.findall(file.data[:SCANNED])
    return {word for line in lines for word in re.findall(rb"[\w\x80-\xff-]+", line)}
