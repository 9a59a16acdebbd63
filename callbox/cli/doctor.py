"""`callbox doctor`: what this machine gives, what is missing, and the command that mends it."""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callbox import cgroup, languages
from callbox.booth import Isolation
from callbox.cli.options import Language, mistakes_told
from callbox.intake import SubmissionError
from callbox.probe import choose_isolation
from callbox.saying import in_language, say
from callbox.tools import PATH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from callbox.saying import Saying

KNOWN_MACHINES = {"x86_64", "aarch64"}
"""Those whose system calls `kernel.calls` has."""
PACKAGES = {
    "Python": "python3",
    "C": "gcc",
    "C++": "g++",
    "Java": "default-jdk-headless",
    "Go": "golang-go",
    "Rust": "rustc gcc",
    "JavaScript": "nodejs",
    "Perl": "perl",
    "Ruby": "ruby",
    "shell": "bash",
    "PHP": "php-cli",
    "Lua": "lua5.4",
    "Tcl": "tcl",
}
"""Debian's, by language."""
TOOLS = {
    "nc.openbsd": "netcat-openbsd",
    "ncat": "ncat",
    "socat": "socat",
    "telnet": "telnet",
    "curl": "curl",
}
"""Programs that talk with a student's in suites/interop, and Debian's packages of them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was looked for; `mend` is what to do where it is missing."""

    fine: bool
    what: Saying
    mend: str = ""


def doctor(*, lang: Language) -> None:
    """Say what this machine gives: boxes, languages, programs to talk with; and how to get what is missing."""
    with mistakes_told():
        for finding in findings():
            print("✓" if finding.fine else "✗", in_language(finding.what, lang))
            if finding.mend:
                print(f"    {finding.mend}")


def findings() -> Iterator[Finding]:
    """What there is and what is missing, the gravest first."""
    yield box()
    yield processor()
    yield memory()
    for language in languages.LANGUAGES:
        yield of_language(language)
    for tool, package in TOOLS.items():
        here = shutil.which(tool, path=PATH) is not None
        what = say("{tool} talks with programs", tool=tool) if here else say("{tool} is missing", tool=tool)
        yield Finding(here, what, "" if here else f"sudo apt install {package}")


def box() -> Finding:
    """Can programs be put into boxes?"""
    tier = choose_isolation(Isolation.AUTO)
    if tier.isolation is Isolation.BOOTH:
        return Finding(True, say("each program gets a box of its own"))
    return Finding(False, say("programs cannot be put into a box, and run as any other: {why}", why=tier.reason))


def processor() -> Finding:
    """Can silence be proven?"""
    machine = platform.machine()
    if machine in KNOWN_MACHINES:
        return Finding(True, say("silence is proven on this processor ({machine})", machine=machine))
    return Finding(False, say("silence is waited for, not proven, on this processor ({machine})", machine=machine))


def memory() -> Finding:
    """Is a box's memory limited as a whole?"""
    if cgroup.find_parent():
        return Finding(True, say("a box's memory is limited as a whole"))
    what = say("a box's memory is limited by process only: no control group is delegated to this user")
    return Finding(False, what, "systemd-run --user --scope -p Delegate=yes callbox …")


def of_language(language: languages.Language) -> Finding:
    """Can programs in it be judged?"""
    try:
        for names in language.needs:
            languages.find_tool(names, language.name)
    except SubmissionError:
        missing = " ".join(language.needs).replace("|", "/")
        what = say("programs in {language} cannot be judged: {tools} is missing", language=language.name, tools=missing)
        return Finding(False, what, f"sudo apt install {PACKAGES[language.name]}")
    return Finding(True, say("programs in {language} can be judged", language=language.name))
