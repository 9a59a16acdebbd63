"""A program is built once, in a box, and what its compiler says is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from callbox.languages import find_tool
from callbox.program import Program
from callbox.submission import SubmissionError, find
from callbox.verdict import Mismatch
from callbox.workshop import Workshop
from suites.bench.starting import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from callbox.booth import Lobby
    from callbox.submission import ProgramSource

pytestmark = pytest.mark.timeout(180)

HELLO = '#include <stdio.h>\nint main(void) { puts("built and run"); return 0; }\n'


@pytest.fixture(scope="session")
def compiler() -> None:
    try:
        find_tool("gcc|cc|clang", "this test")
    except SubmissionError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def workshop(any_lobby: Lobby) -> Workshop:
    return Workshop(any_lobby)


def handed_in(folder: Path, files: dict[str, str]) -> ProgramSource:
    """The one program of these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    [program] = find(folder, role="udp-server").programs
    return program


@pytest.mark.usefixtures("compiler")
def test_a_program_is_built_and_run(workshop: Workshop, tmp_path: Path) -> None:
    launch = workshop.launch(handed_in(tmp_path, {"server.c": HELLO}))
    with Program(workshop.lobby, launch, patience=PATIENCE) as program:
        program.start()
        program.expect_exit(0)
        assert program.output == "built and run\n"


@pytest.mark.usefixtures("compiler")
def test_nothing_of_a_build_is_left_on_this_machine(workshop: Workshop, tmp_path: Path) -> None:
    workshop.launch(handed_in(tmp_path, {"server.c": HELLO}))
    assert [path.name for path in tmp_path.iterdir()] == ["server.c"]


@pytest.mark.usefixtures("compiler")
def test_a_program_is_built_once(workshop: Workshop, tmp_path: Path) -> None:
    source = handed_in(tmp_path, {"server.c": HELLO})
    assert workshop.launch(source) is workshop.launch(source)


@pytest.mark.usefixtures("compiler")
def test_what_the_compiler_says_is_told(workshop: Workshop, tmp_path: Path) -> None:
    source = handed_in(tmp_path, {"server.c": "int main(void) { return missing; }\n"})
    for _ in range(2):  # and again, without compiling again
        with pytest.raises(Mismatch, match="it does not compile") as caught:
            workshop.launch(source)
        assert "server.c:1" in caught.value.story.got
        assert "missing" in caught.value.story.got


def test_a_build_that_fills_the_disk_fails(lobby: Lobby, tmp_path: Path) -> None:
    source = "for file in a b c; do head -c 30000000 /dev/zero > $file || exit 1; done\n"
    words = 'role = "udp-server"\nbuild = ["sh", "server.sh"]\nrun = ["./server.sh"]\n'
    program = handed_in(tmp_path, {"server.sh": source, "callbox.toml": f'[[program]]\nfile = "server.sh"\n{words}'})
    with pytest.raises(Mismatch) as caught:
        Workshop(lobby).launch(program)
    assert "No space left on device" in caught.value.story.got


def test_what_needs_no_building_is_run_as_it_was_handed_in(workshop: Workshop, tmp_path: Path) -> None:
    source = handed_in(
        tmp_path, {"server.py": "import os; print(sorted(os.listdir()), open('data/x').read())", "data/x": "found"}
    )
    with Program(workshop.lobby, workshop.launch(source), patience=PATIENCE) as program:
        program.start()
        program.expect_exit(0)
        assert program.output == "['data', 'server.py'] found\n"
