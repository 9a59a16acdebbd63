"""How a program of each language is built and started, and where this machine keeps what that needs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from callbox import java
from callbox.intake import SCANNED, SourceFile, SubmissionError

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/go/bin"
SYSTEM = tuple(map(Path, ("/usr", "/bin", "/lib", "/opt", "/nix")))  # seen in every box


@dataclass(frozen=True, slots=True)
class Language:
    """A row of the table. In `build` and `run`, {0} is the first tool that it `needs` ("a|b": a, or else b), {1} the
    second, {file} the program's file, {sources} all that are compiled with it, {program} the result, {main} its class.
    """

    name: str
    suffixes: tuple[str, ...]
    run: tuple[str, ...]
    needs: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    main: re.Pattern[bytes] | None = None
    env: Mapping[str, str] = field(default_factory=dict)


_C_MAIN = re.compile(rb"(?m)^[^\n/*\"#]*\bmain[ \t]*\(")
_NATIVE = ("./{program}",)
_SCRIPT = ("{0}", "{file}")
_UNBUFFERED: Mapping[str, str] = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
_C_BUILD = ("{0}", "-O1", "-pthread", "-o", "{program}", "{sources}", "-lm")

PYTHON = Language("Python", (".py",), _SCRIPT, ("python3",), env=_UNBUFFERED)
LANGUAGES = (
    PYTHON,
    Language("C", (".c",), _NATIVE, ("gcc|cc|clang",), _C_BUILD, _C_MAIN),
    Language("C++", (".cpp", ".cc", ".cxx"), _NATIVE, ("g++|c++|clang++",), _C_BUILD, _C_MAIN),
    Language(
        "Java",
        (".java",),
        ("{0}", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-cp", ".", "{main}"),
        ("java", "javac"),
        ("{1}", "-encoding", "UTF-8", "-d", ".", "{sources}"),
        java.MAIN,
    ),
    Language(
        "Go",
        (".go",),
        _NATIVE,
        ("go",),
        ("{0}", "build", "-o", "{program}", "{sources}"),
        re.compile(rb"(?m)^func[ \t]+main[ \t]*\("),
        # No C compiler, no network, and a cache that does not fill the work folder.
        {"CGO_ENABLED": "0", "GOCACHE": "/tmp/go-cache", "GOPROXY": "off", "GOTOOLCHAIN": "local"},
    ),
    Language(
        "Rust",
        (".rs",),
        _NATIVE,
        ("rustc", "gcc|cc|clang"),
        ("{0}", "--edition", "2021", "-C", "opt-level=1", "-C", "linker={1}", "-o", "{program}", "{file}"),
        re.compile(rb"(?m)^(?:pub[ \t]+)?(?:async[ \t]+)?fn[ \t]+main[ \t]*\("),
    ),
    Language("JavaScript", (".js", ".mjs", ".cjs"), _SCRIPT, ("node",)),
    Language("Perl", (".pl",), _SCRIPT, ("perl",)),
    Language("Ruby", (".rb",), _SCRIPT, ("ruby",)),
    Language("shell", (".sh",), _SCRIPT, ("bash|sh",)),
    Language("PHP", (".php",), _SCRIPT, ("php",)),
    Language("Lua", (".lua",), _SCRIPT, ("lua|lua5.4|lua5.3|luajit",)),
    Language("Tcl", (".tcl",), _SCRIPT, ("tclsh",)),
)
# What runs as itself: #! or ELF, and the executable bit.
EXECUTABLE = Language("executable", (), ("./{file}",))


@dataclass(frozen=True, slots=True)
class Tool:
    """An interpreter or compiler, and the folders outside the system that it has to see."""

    path: str
    read_only: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Commands:
    """What is run in the work folder of a box to make a program, and then to start it."""

    build: tuple[str, ...] | None
    run: tuple[str, ...]
    read_only: tuple[Path, ...]
    env: Mapping[str, str]


def language_of(name: str, file: SourceFile) -> Language | None:
    """By its suffix; else an executable is its own language (or Python, if its #! says so); else None."""
    suffix = PurePosixPath(name).suffix.lower()
    found = next((language for language in LANGUAGES if suffix in language.suffixes), None)
    if found or not file.executable or not file.data.startswith((b"#!", b"\x7fELF")):
        return found
    # A box may have no python3 on its PATH, as ours need not lie in /usr.
    python = file.data.startswith(b"#!") and b"python" in file.data[:128].partition(b"\n")[0]
    return PYTHON if python else EXECUTABLE


def commands(language: Language, name: str, files: Mapping[str, SourceFile], python: Tool) -> Commands:
    """How the program `name` of a folder with these `files` is built and run."""
    tools = [python if need == "python3" else find_tool(need, f"{name} ({language.name})") for need in language.needs]
    free = "program"
    while any(PurePosixPath(each).parts[0] == free for each in files):
        free += "_"
    words = {"file": name if language is EXECUTABLE else _argument(name), "program": free}
    if language.name == "Java":
        words["main"] = java.main_class(name, files[name].data)
    sources = [_argument(each) for each in _sources(language, name, files)] if language.build else []
    return Commands(
        _filled(language.build, tools, words, sources) or None,
        _filled(language.run, tools, words, sources),
        tuple(dict.fromkeys(folder for tool in tools for folder in tool.read_only)),
        dict(language.env),
    )


def said(argv: tuple[str, ...], wanted_by: str, python: Tool) -> tuple[tuple[str, ...], tuple[Path, ...]]:
    """A command that somebody wrote, with this machine's tool for its first word, and the folders which that needs."""
    name = argv[0]
    if "/" in name:
        return argv, ()
    tool = python if name in {"python", "python3"} else find_tool(name, wanted_by)
    return (tool.path, *argv[1:]), tool.read_only


def _filled(
    template: Sequence[str], tools: Sequence[Tool], words: Mapping[str, str], sources: Sequence[str]
) -> tuple[str, ...]:
    paths = [tool.path for tool in tools]
    return tuple(
        done for word in template for done in (sources if word == "{sources}" else [word.format(*paths, **words)])
    )


def _argument(name: str) -> str:
    """A file's name as an argument: one that begins with - or @ is no option."""
    return name if name[0].isalnum() or name[0] == "_" else f"./{name}"


def _sources(language: Language, name: str, files: Mapping[str, SourceFile]) -> list[str]:
    if language.name == "Java":
        return java.sources(name, files)
    beside = [
        each
        for each in sorted(files)
        if PurePosixPath(each).parent == PurePosixPath(name).parent
        and PurePosixPath(each).suffix.lower() in language.suffixes
        and not each.endswith("_test.go")
    ]
    return [name, *(each for each in beside if each != name and not has_main(language, files[each]))]


def has_main(language: Language, file: SourceFile) -> bool:
    """Can this file be a program, and not only a part of one? Scripts always can."""
    return language.main is None or language.main.search(file.data[:SCANNED]) is not None


def find_tool(names: str, wanted_by: str) -> Tool:
    """The first of "a|b" that this machine has; SubmissionError, naming it and who `wanted_by` it, when it has none."""
    own = [place for place in os.environ.get("PATH", "").split(":") if place.startswith("/") and "/shims" not in place]
    for name in names.split("|"):
        if found := shutil.which(name, path=":".join([SYSTEM_PATH, *own])):
            return _rustc(found) if name == "rustc" else _tool(Path(found))
    raise SubmissionError(f"{wanted_by}: needs {names.replace('|', ' or ')}, which this machine does not have")


def _tool(path: Path) -> Tool:
    target = path.readlink() if path.is_symlink() else path
    if target.is_relative_to("/etc/alternatives"):  # Debian's choice between several
        path = target.readlink()
    whole = path.resolve()
    return Tool(str(path if _in_system(whole) else whole), outside_system([whole]))


def outside_system(programs: Sequence[Path]) -> tuple[Path, ...]:
    """The installations (the folder above bin/) of those programs that no box sees anyway; never somebody's home."""
    homes = {Path.home(), Path.home() / ".local", *Path.home().parents}
    outside = [program for program in programs if not _in_system(program)]
    places = [program.parent.parent if program.parent.name == "bin" else program.parent for program in outside]
    return tuple(
        dict.fromkeys(
            program.parent if place in homes else place for program, place in zip(outside, places, strict=True)
        )
    )


def _in_system(program: Path) -> bool:
    return any(program.is_relative_to(place) for place in SYSTEM)


def _rustc(found: str) -> Tool:
    """The compiler itself: rustup's stand-in would look for it in a home that the box does not have."""
    asked = _ask([found, "--print", "sysroot"])
    if not asked:
        raise SubmissionError(f"{found} does not say where its compiler is (rustc --print sysroot)")
    return _tool(Path(asked[0], "bin", "rustc"))


def find_python(given: str | None = None) -> Tool:
    """The interpreter of Python programs: the one `given`, or ours as it was before any virtual environment."""
    if given is None:
        base = Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()
        prefixes = [Path(sys.base_prefix), Path(sys.base_exec_prefix)]
        return Tool(str(base), outside_system([prefix / "bin" / "python" for prefix in prefixes]))
    found = shutil.which(given)
    told = found and _ask(
        [found, "-I", "-c", "import sys; print(sys.executable, sys.prefix, sys.base_prefix, sep='\\n')"]
    )
    if not told or len(told) != 3:
        raise SubmissionError(f"--python {given}: there is no Python interpreter that starts by this name")
    return Tool(told[0], outside_system([Path(prefix, "bin", "python") for prefix in told[1:]]))


def _ask(argv: Sequence[str]) -> list[str]:
    """The lines that a tool of this machine prints; none when it fails."""
    try:
        done = subprocess.run(argv, capture_output=True, stdin=subprocess.DEVNULL, timeout=30, check=True, cwd="/")
    except (OSError, subprocess.SubprocessError):
        return []
    return os.fsdecode(done.stdout).splitlines()
