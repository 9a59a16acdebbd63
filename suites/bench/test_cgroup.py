"""Limits on a whole box: where they are to be had, and what is left where they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from callbox.cgroup import CGroup, find_parent, remove_stale

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A cgroup file system of folders: a slice that hands controllers down, and a scope in it that does not."""
    for place, handed_down in (("", "cpu memory pids"), ("user.slice", "cpu memory pids"), ("user.slice/my.scope", "")):
        folder = tmp_path / place
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.subtree_control").write_text(handed_down)
        (folder / "cgroup.procs").write_text("")
    (tmp_path / "ours").write_text("1:name=systemd:/other\n0::/user.slice/my.scope\n")
    return tmp_path


def test_the_nearest_cgroup_that_hands_both_controllers_down_is_found(tree: Path) -> None:
    assert find_parent(tree, tree / "ours") == tree / "user.slice"


@pytest.mark.parametrize("text", [pytest.param("1:memory:/\n", id="v1 only"), pytest.param("", id="none")])
def test_there_is_none_where_cgroup_v2_is_not_in_use(tree: Path, text: str) -> None:
    (tree / "ours").write_text(text)
    assert find_parent(tree, tree / "ours") is None


def test_there_is_none_where_no_controller_is_handed_down(tree: Path) -> None:
    for folder in (tree, tree / "user.slice"):
        (folder / "cgroup.subtree_control").write_text("cpu")
    assert find_parent(tree, tree / "ours") is None


def test_a_box_gets_its_limits_and_is_put_in(tree: Path) -> None:
    group = CGroup(tree, 4321, memory_bytes=1 << 30, processes=256)
    assert (group.folder / "memory.max").read_text() == str(1 << 30)
    assert (group.folder / "pids.max").read_text() == "256"
    assert (group.folder / "cgroup.procs").read_text() == "4321"


def test_the_cgroups_of_a_bench_that_was_killed_are_removed(tree: Path) -> None:
    nobody = 1 << 30  # no kernel has so many pids
    stale, living = tree / f"callbox-{nobody}-5", tree / "callbox-1-5"
    for folder in (stale, living):
        folder.mkdir()
    remove_stale(tree)
    assert not stale.exists()
    assert living.exists()
