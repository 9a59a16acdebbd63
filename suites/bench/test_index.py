"""The list of behaviours is whole, and the README's table is the catalogue's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbox import index
from suites.bench.pytester import HOUSE, run_pytest

if TYPE_CHECKING:
    from pathlib import Path

    from callbox.catalogue import Catalogue


def test_the_readme_has_the_table(catalogue: Catalogue) -> None:
    assert index.table(catalogue) in (HOUSE / "README.md").read_text("utf-8"), "pytest --behaviours=table"


def test_all_behaviours_are_listed(tmp_path: Path, catalogue: Catalogue) -> None:
    ran = run_pytest(tmp_path, "--behaviours", "--lang", "zh")
    assert ran.status == 0
    assert [name for name in catalogue if name not in ran.text] == []
    assert "behaviours without a check: none\nchecks without words: none" in ran.text


def test_gaps_are_told(catalogue: Catalogue) -> None:
    told = index.gaps(catalogue, {"tcp_server.exchange.sings"})
    assert "checks without words: tcp_server.exchange.sings" in told
    assert "tcp_server.exchange.upper_cases_ascii" in told
