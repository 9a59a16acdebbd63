"""The language that a person is spoken to in, where none is asked for."""

from __future__ import annotations

import os


def of_locale() -> str:
    """`zh` where the environment's locale is Chinese, `en` everywhere else. Source: locale(7), in order of precedence."""
    said = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return "zh" if said.lower().startswith("zh") else "en"
