"""Options that several commands take, and mistakes in them told in a line."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from callbox import language
from callbox.booth import Isolation
from callbox.verdict import BoothError

if TYPE_CHECKING:
    from collections.abc import Iterator

USAGE, INCONCLUSIVE, INTERRUPTED = 2, 3, 130

Lang: TypeAlias = Literal["en", "zh"]
Language = Annotated[
    Lang, typer.Option("--lang", default_factory=language.of_locale, help="the language of words and explanations")
]
Role = Annotated[str | None, typer.Option(help="what the program is: tcp-once-server, udp-client, …")]
AssignmentFile = Annotated[
    Path | None, typer.Option("--assignment", help="a TOML file with what differs from the tutorial's assignment")
]
Python = Annotated[str | None, typer.Option(help="the interpreter for .py programs")]
Seed = Annotated[int | None, typer.Option(help="repeat a run with the random messages of an earlier one")]
Patience = Annotated[float, typer.Option(help="seconds: the longest wait for a program", min=0.1)]
IsolationOption = Annotated[
    Isolation, typer.Option("--isolation", help="a box for each program, none, or the best that the machine gives")
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="processes that judge", default_factory=os.cpu_count)]


@contextmanager
def mistakes_told() -> Iterator[None]:
    """Whatever cannot be used is told in its line, with exit status 2; Ctrl-C ends a command without a word."""
    try:
        yield
    except (ValueError, BoothError) as error:
        print(f"callbox: {error}", file=sys.stderr)
        raise typer.Exit(USAGE) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
