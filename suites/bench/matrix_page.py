"""The kill matrix as a page: a row for each specimen, a column for each behaviour, a sign and a colour where they meet."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from callbox.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from callbox.catalogue import Behaviour, Catalogue
    from callbox.subject import Outcome
    from suites.bench.specimens import Specimen

    Rows = Mapping[Specimen, Mapping[str, Outcome]]

SIGNS = {
    Verdict.PASSED: ("·", "passed"),
    Verdict.FAILED: ("✗", "failed"),
    Verdict.ADVISED: ("a", "advised"),
    Verdict.NOT_JUDGED: ("–", "unjudged"),
    Verdict.INCONCLUSIVE: ("?", "inconclusive"),
}
STYLE = """
body { font: 14px system-ui, sans-serif; margin: 2em; color: CanvasText; background: Canvas; color-scheme: light dark }
table { border-collapse: collapse; margin-bottom: 3em }
thead th { writing-mode: vertical-rl; rotate: 180deg; font-weight: normal; padding: .2em 0 }
tbody th { text-align: left; font-weight: normal; white-space: nowrap; padding-right: 1em }
td { text-align: center; width: 1.4em; border: 1px solid #8884 }
td.failed { background: #c22; color: #fff } td.advised { background: #b80; color: #fff }
td.unjudged { color: #888 } td.inconclusive { background: #60c; color: #fff }
tr.accepted th::before { content: "✓ "; color: #2a2 } tr.wrong th::before { content: "✗ "; color: #c22 }
"""


def draw(rows: Rows, catalogue: Catalogue) -> str:
    """The page."""
    tables = "".join(
        f"<h2>{escape(suite)}</h2>{table(mine, behaviours)}"
        for suite in catalogue.titles
        if (behaviours := [one for one in catalogue.values() if one.suite == suite])
        and (mine := {one: found for one, found in rows.items() if found.keys() & {row.id for row in behaviours}})
    )
    legend = " &nbsp; ".join(f"<b>{sign}</b> {escape(str(verdict))}" for verdict, (sign, _) in SIGNS.items())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Kill matrix</title><style>{STYLE}</style>'
        f"<h1>Kill matrix: specimens × behaviours</h1><p>{legend}</p>{tables}</html>"
    )


def table(rows: Rows, behaviours: Iterable[Behaviour]) -> str:
    """One suite's specimens and behaviours."""
    columns = list(behaviours)
    head = "".join(f"<th scope=col>{escape(f'{one.file}.{one.name}')} ({one.level})</th>" for one in columns)
    body = "".join(
        f"<tr class={'wrong' if 'breaks' in one.facts else 'accepted'}><th scope=row>{escape(str(one))}</th>"
        f"{''.join(cells(found, columns))}</tr>"
        for one, found in rows.items()
    )
    return f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"


def cells(found: Mapping[str, Outcome], columns: Iterable[Behaviour]) -> Iterator[str]:
    """A specimen's row; behaviours that its role has not stay empty."""
    for column in columns:
        if outcome := found.get(column.id):
            sign, name = SIGNS[outcome.verdict]
            yield f'<td class={name} title="{escape(outcome.headline)}">{sign}</td>'
        else:
            yield "<td></td>"
