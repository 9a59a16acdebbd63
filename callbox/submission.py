"""A path → the programs in it: each with its role, its files, and how it is built and started."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from callbox import java
from callbox.assignment import ROLES
from callbox.hints import hint, programs
from callbox.intake import Intake, SourceFile, SubmissionError, plain, take_in
from callbox.languages import LANGUAGES, Commands, Language, Tool, commands, find_python, language_of, said
from callbox.listing import LISTING, MOST_PROGRAMS, Listed, listed
from callbox.strict import meant

__all__ = ["ProgramSource", "SourceFile", "Submission", "SubmissionError", "find"]


@dataclass(frozen=True, slots=True)
class ProgramSource:
    """A program as it was handed in, and how it comes to life in a box: its files are put into the work folder,
    `build` and then `run` are called there. The folders `read_only` of this machine have to be seen from the box.
    """

    name: str
    """its path in the submission, as reports show it; no other program of the submission has it"""
    role: str | None
    """None: to be found by starting it and looking"""
    may_be: tuple[str, ...]
    """the roles that its names allow; just its role when that is known"""
    doubt: str | None
    """why its role is not known, and what to type"""
    files: Mapping[str, SourceFile] = field(repr=False)
    build: tuple[str, ...] | None
    run: tuple[str, ...]
    takes: frozenset[str]
    """the options that its callbox.toml says it takes"""
    read_only: tuple[Path, ...]
    env: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Submission:
    """The programs found at a path, and notes on what was left aside."""

    path: Path
    programs: tuple[ProgramSource, ...]
    notes: tuple[str, ...] = ()


def find(path: Path, *, role: str | None = None, python: str | None = None, asked: Collection[str] = ()) -> Submission:
    """The programs at `path`: a file, or a folder, with what its callbox.toml says where there is one.

    `role` is the role of its only program, or picks the one that has it. `python` is the interpreter for .py, else
    ours. `asked` are the roles that an assignment asks for: a program whose name allows some of these has one of them.
    Nothing of it is run or imported; what cannot be judged is a SubmissionError.
    """
    if role is not None and role not in ROLES:
        raise SubmissionError(f"--role {plain(role)}: there is no such role; {meant(role, ROLES)}")
    intake = take_in(path)
    interpreter = find_python(python)
    notes = [f"{plain(name)}: left behind" for name in intake.left_behind]
    entries = None if intake.single else listed(intake)
    if entries is not None:
        sources = _apart([_as_listed(intake, entry, interpreter) for entry in entries])
    else:
        names = _names(intake)
        sources = [_as_found(intake, name, interpreter) for name in names]
        notes += _notes(intake, names)
    sources = [_narrowed(source, asked) for source in sources]
    return Submission(path, (_with_role(intake, sources, role),) if role else tuple(sources), tuple(notes))


def _narrowed(source: ProgramSource, asked: Collection[str]) -> ProgramSource:
    """A program of unknown role, which is one of those asked for that its name allows; of any that it allows where that is
    none of these."""
    may_be = tuple(role for role in source.may_be if role in asked)
    if source.role or not may_be:
        return source
    return (
        _given(source, may_be[0])
        if len(may_be) == 1
        else replace(source, may_be=may_be, doubt=_doubt(source.name, may_be))
    )


def _names(intake: Intake) -> list[str]:
    """The paths of the programs, where names tell them."""
    found, unclear = programs(intake.files, intake.folder)
    if unclear:
        which = _some(unclear[0])
        raise SubmissionError(
            f"{intake.shown}: cannot tell which of these is a program: {which}; hand in one file with --role ROLE, or "
            f'say it in {LISTING}: [[program]] role = "tcp-once-server" file = "{plain(unclear[0][0])}"'
        )
    if not found:
        raise SubmissionError(f"{intake.shown}: {_why_none(intake)}")
    if len(found) > MOST_PROGRAMS:
        raise SubmissionError(f"{intake.shown}: has more than {MOST_PROGRAMS} programs; hand in fewer at a time")
    unfit = {name: why for name in found if (why := _unfit(name, intake.files[name]))}
    if len(unfit) == len(found):
        raise SubmissionError("\n".join(f"{plain(name)}: {why}" for name, why in unfit.items()))
    return found


def _some(names: list[str]) -> str:
    return ", ".join(map(plain, names[:8])) + (" …" if len(names) > 8 else "")


def _why_none(intake: Intake) -> str:
    for name, file in intake.files.items():
        if file.data.startswith((b"#!", b"\x7fELF")):
            return f"{plain(name)} could be started, but is not executable (chmod +x)"
        if file.data.startswith((b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")):
            return f"{plain(name)} is an archive: unpack it first"
    suffixes = " ".join(suffix for language in LANGUAGES for suffix in language.suffixes)
    return f"there is no program here; known are {suffixes} and executables"


def _unfit(name: str, file: SourceFile) -> str | None:
    """Why this cannot be a program at all."""
    if not file.data.strip():
        return "is empty"
    if PurePosixPath(name).suffix.lower() in {suffix for each in LANGUAGES for suffix in each.suffixes}:
        if file.data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "is saved as UTF-16; save it as UTF-8"
        if b"\0" in file.data:
            return "is no source text: it has NUL bytes in it"
    return None


def _notes(intake: Intake, names: list[str]) -> list[str]:
    """What was not taken for a program, and what is none although it was, said aloud."""
    aside = [name for name, file in intake.files.items() if language_of(name, file) and name not in names]
    return [
        *(f"{plain(name)}: taken for a part of the others; {LISTING} can call it a program" for name in sorted(aside)),
        *(f"{plain(name)}: {why}" for name in names if (why := _unfit(name, intake.files[name]))),
    ]


def _as_found(intake: Intake, name: str, python: Tool) -> ProgramSource:
    """A program and its folder, started as its language is."""
    language = language_of(name, intake.files[name])
    assert language is not None, name
    return _source(name, intake, *_usual(intake, name, language, python))


def _as_listed(intake: Intake, entry: Listed, python: Tool) -> ProgramSource:
    """A program as callbox.toml describes it; what that leaves out is as it would be without one."""
    language = language_of(entry.file, intake.files[entry.file]) if entry.file else None
    if entry.run:
        files, how = below(entry.folder, intake.files), Commands(None, (), (), language.env if language else {})
    elif entry.file and language:
        files, how = _usual(intake, entry.file, language, python)
    else:
        raise SubmissionError(f"{entry.where}: it is not known how to start {plain(entry.file or '')}; say run = [...]")
    how = _told(how, entry, python)
    source = replace(_source(entry.file or plain(" ".join(how.run)), intake, files, how), takes=entry.takes)
    return _given(source, entry.role) if entry.role else source


def _told(how: Commands, entry: Listed, python: Tool) -> Commands:
    build, needed = said(entry.build, f"{entry.where}.build", python) if entry.build else (how.build, ())
    run, also = said(entry.run, f"{entry.where}.run", python) if entry.run else (how.run, ())
    return Commands(build, run, tuple(dict.fromkeys((*how.read_only, *needed, *also))), how.env)


def _usual(intake: Intake, name: str, language: Language, python: Tool) -> tuple[Mapping[str, SourceFile], Commands]:
    """The files of the program's own folder, and how its language is built and run there."""
    path = PurePosixPath(name)
    root = java.root(name, intake.files[name].data) if language.name == "Java" else path.parent
    files = below(root, intake.files)
    return files, commands(language, str(path.relative_to(root)), files, python)


def below(folder: PurePosixPath, files: Mapping[str, SourceFile]) -> Mapping[str, SourceFile]:
    """The files of a folder and of those in it, by their path from there."""
    start = "" if folder == PurePosixPath() else f"{folder}/"
    return {name.removeprefix(start): file for name, file in files.items() if name.startswith(start)}


def _with_role(intake: Intake, sources: list[ProgramSource], role: str) -> ProgramSource:
    """The one program that has this role or, when none has, the one that may have it."""
    exact = sources if len(sources) == 1 else [source for source in sources if source.role == role]
    fitting = exact or [source for source in sources if source.role is None and role in source.may_be]
    if len(fitting) == 1:
        return _given(fitting[0], role)
    which = _some([source.name for source in fitting or sources])
    count = "several of the programs fit" if fitting else "none of the programs is one by its name"
    raise SubmissionError(f"{intake.shown}: --role {role}: {count} ({which}); hand in the file itself")


def _given(source: ProgramSource, role: str) -> ProgramSource:
    return replace(source, role=role, may_be=(role,), doubt=None)


def _apart(sources: list[ProgramSource]) -> list[ProgramSource]:
    """A file that is listed twice, in two roles, has two names."""
    seen: Counter[str] = Counter()
    named = []
    for source in sources:
        seen[source.name] += 1
        number = seen[source.name]
        named.append(source if number == 1 else replace(source, name=f"{source.name} #{number}"))
    return named


def _source(name: str, intake: Intake, files: Mapping[str, SourceFile], how: Commands) -> ProgramSource:
    may_be = hint(name, intake.folder).may_be
    role = may_be[0] if len(may_be) == 1 else None
    doubt = None if role else _doubt(name, may_be)
    return ProgramSource(name, role, may_be, doubt, files, how.build, how.run, frozenset(), how.read_only, how.env)


def _doubt(name: str, may_be: tuple[str, ...]) -> str:
    return (
        f"{plain(name)}: its name does not tell its role, so it is started and looked at; "
        f"to be sure, say --role with one of {', '.join(may_be)}"
    )
