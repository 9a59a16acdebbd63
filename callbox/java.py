"""What of a Java source has to be known to compile and start it: its package, its main class, the files it needs."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from callbox.intake import SCANNED, SourceFile

MAIN = re.compile(rb"\bvoid[ \t]+main[ \t]*\(")
_TYPE = re.compile(r"(?m)^([ \t]*)((?:\w+[ \t]+)*?)(?:class|record|enum|interface)[ \t]+(\w+)")
_PACKAGE = re.compile(r"(?m)^[ \t]*package[ \t]+([\w.]+)[ \t]*;")


def _text(data: bytes) -> str:
    return data[:SCANNED].decode("utf-8", "replace")


def package(data: bytes) -> str:
    """The package that a Java file says it belongs to, or nothing."""
    found = _PACKAGE.search(_text(data))
    return found[1] if found else ""


def root(name: str, data: bytes) -> PurePosixPath:
    """The folder that its package starts from: src, for src/net/talk/Server.java of the package net.talk."""
    folder, parts = PurePosixPath(name).parent, tuple(filter(None, package(data).split(".")))
    inside = bool(parts) and folder.parts[-len(parts) :] == parts
    return PurePosixPath(*folder.parts[: -len(parts)]) if inside else folder


def main_class(name: str, data: bytes) -> str:
    """The class to start: the one named as the file, the public one, or the last outer one before main()."""
    main = MAIN.search(data)
    types = list(_TYPE.finditer(_text(data[: main.start()] if main else data)))
    outer = [found for found in types if not found[1]] or types
    public = [found for found in outer if "public" in found[2]]
    stem = PurePosixPath(name).stem
    named = any(found[3] == stem for found in types)
    chosen = stem if named or not outer else (public or outer)[-1][3]
    return ".".join(filter(None, (package(data), chosen)))


def sources(name: str, files: Mapping[str, SourceFile]) -> list[str]:
    """The program's file and every file that declares a class which these mention: no other program's faults."""
    texts = {each: _text(file.data) for each, file in sorted(files.items()) if each.lower().endswith(".java")}
    declares = {each: {found[3] for found in _TYPE.finditer(text)} for each, text in texts.items()}
    chosen, known = [name], set(declares[name])
    for each in chosen:  # grows while it is walked
        mentioned = set(re.findall(r"\w+", texts[each])) - known
        for other in texts:
            if other not in chosen and declares[other] & mentioned and not declares[other] & known:
                chosen.append(other)
                known |= declares[other]
    return chosen
