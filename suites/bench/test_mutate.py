"""The mutations fit the bench as it is; that each is killed is shown by the command, which takes minutes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from suites.bench.mutate import HOUSE, Mutation, mutations

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("mutation", mutations(), ids=lambda mutation: mutation.name)
def test_a_mutation_fits(tmp_path: Path, mutation: Mutation) -> None:
    (tmp_path / mutation.file).parent.mkdir(parents=True)
    shutil.copy(HOUSE / mutation.file, tmp_path / mutation.file)
    mutation.put_into(tmp_path)
    assert (tmp_path / mutation.file).read_text() != (HOUSE / mutation.file).read_text()


def test_a_mutation_that_no_longer_fits_is_told(tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text("nothing to be found here")
    with pytest.raises(ValueError, match=r"its old text stands 0 times in room\.py"):
        Mutation("a_fault", "room.py", "something", "", "").put_into(tmp_path)
