"""Clones of a GitHub Classroom: a folder with .git each, named `assignment-login`.

Neither part says where it ends, for both may have hyphens. The folder that `gh classroom clone` makes is called
`assignment-submissions`; otherwise what all names begin with is taken for the assignment, and that is said.
"""

import os
from pathlib import Path

from callbox.grading.claims import Claim, Claims, Listing, Part, left_aside, spoken
from callbox.grading.result import Student


def claims(top: Listing) -> Claims | None:
    """The hand-ins, when most of the folders here are clones."""
    clones = [path for path in top.folders if os.path.lexists(path / ".git")]
    if 2 * len(clones) <= len(top.entries):
        return None
    names = {path: spoken(path.name) for path in clones}
    start = _assignment(spoken(top.folder.absolute().name), list(names.values()))
    guess = f'"{start}" is taken for the assignment, and the rest of each name for a login' if start else "by name"
    notes = (f"read as clones of a classroom: {guess}", *left_aside(top, clones, "a classroom"))
    return Claims(tuple(_claim(path, name, start) for path, name in names.items()), notes)


def _assignment(folder: str, names: list[str]) -> str:
    """What stands before the login in every name, with its hyphen; "" when that cannot be told."""
    told = folder.removesuffix("-submissions") + "-"
    if folder.endswith("-submissions") and all(name.startswith(told) for name in names):
        return told
    common = os.path.commonprefix(names) if len(names) > 1 else ""  # noqa: RUF071 - letters are meant
    return common[: common.rfind("-") + 1]


def _claim(path: Path, name: str, start: str) -> Claim:
    login = name.removeprefix(start)
    return Claim(Student(login, login, "classroom", {"login": login, "repository": name}), (Part(path, path.name),))
