"""Pages: templates filled so that nothing in them acts but our own style and script, and nothing is loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from callbox.shown import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

HERE = Path(__file__).parent


@cache
def words(lang: str) -> Mapping[str, str]:
    """What the pages say of their own, by its key."""
    return dict(tomllib.loads((HERE / "words.toml").read_text("utf-8"))[lang])


def page(template: str, lang: str, **facts: object) -> str:
    """A page from the template, the style and, where there is one, the script of this name; `facts` is what it tells."""
    style, script = ours("base.css") + ours(f"{template}.css"), ours(f"{template}.js")
    policy = "; ".join(
        [
            "default-src 'none'",
            f"style-src {hashed(style)}",
            *([f"script-src {hashed(script)}"] if script else []),
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    tag = {"en": "en", "zh": "zh-CN"}[lang]
    frame = environment().get_template(f"{template}.html")
    return frame.render(t=words(lang), lang=lang, tag=tag, policy=policy, style=style, script=script, **facts)


def ours(name: str) -> Markup:
    """A file of this folder; nothing where there is none."""
    path = HERE / name
    return Markup(path.read_text("utf-8") if path.exists() else "")


def hashed(text: str) -> str:
    """A text as a content security policy names it (CSP Level 3, 2.3.1, hash-source)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def image(svg: str) -> str:
    """A drawing as a source of <img>: there no script runs, and nothing is loaded."""
    return f"data:image/svg+xml;base64,{base64.b64encode(harmless(svg).encode()).decode()}" if svg else ""


def prose(text: str) -> Markup:
    """Words of ours, in which `backticks` are around code."""
    pieces = (harmless(piece) for piece in text.split("`"))
    return Markup().join(Markup("<code>{}</code>").format(piece) if n % 2 else piece for n, piece in enumerate(pieces))


def number(value: Fraction) -> str:
    """A number of marks, with at most two decimals."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


@cache
def environment() -> Environment:
    """Everything that is put into a template is escaped, and what cannot be seen is written out."""
    made = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["number"] = number
    made.filters["image"] = image
    made.filters["prose"] = prose
    return made


def seen(value: Any) -> Any:
    """What a template puts down, if it is a text that is not ours."""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value
