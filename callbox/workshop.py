"""Where a submitted program is made ready to run: compiled, if its language wants that, inside a box."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from callbox.launch import Launch
from callbox.program import Program
from callbox.saying import say
from callbox.story import Story
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from callbox.booth import Lobby
    from callbox.submission import ProgramSource

BUILD_PATIENCE = 120.0
"""Seconds for a compiler, on the clock that stops while it waits for a processor."""
ERROR = re.compile(r"^.*\berror\b.*$", re.MULTILINE)
"""How compilers name one."""
PLAIN, EXECUTABLE = 0o644, 0o755


class Workshop:
    """Builds each program once."""

    def __init__(self, lobby: Lobby) -> None:
        self.lobby = lobby
        self._built: dict[int, tuple[ProgramSource, Launch | Story]] = {}
        """by the id of each source, which is kept with it: an id is given again when its owner is gone"""

    def launch(self, source: ProgramSource) -> Launch:
        """How the program is started. Raises Mismatch, with what the compiler said, when it cannot be built."""
        if id(source) not in self._built:
            self._built[id(source)] = source, self._build(source)
        _, ready = self._built[id(source)]
        if isinstance(ready, Story):
            raise Mismatch(ready)
        return ready

    def _build(self, source: ProgramSource) -> Launch | Story:
        files = {path: (file.data, EXECUTABLE if file.executable else PLAIN) for path, file in source.files.items()}
        if source.build is None:
            return Launch(source.name, source.run, files, source.read_only, source.env)
        recipe = Launch(source.name, source.build, files, source.read_only, source.env)
        with Program(self.lobby, recipe, patience=BUILD_PATIENCE) as compiler:
            compiler.start()
            if not compiler.wait_for(lambda: compiler.ended() or None) or compiler.status:
                return story_of_a_compiler(compiler, source.build[0])
            return Launch(source.name, source.run, compiler.booth.read(), source.read_only, source.env)


def story_of_a_compiler(compiler: Program, name: str) -> Story:
    """What it said, and the first error of that."""
    said, error = compiler.output[-2000:], ERROR.search(compiler.output)
    cause = say("it does not compile: {error}", error=error[0][:200]) if error else say("it does not compile")
    return Story.tell(compiler, say("{compiler} builds it", compiler=name), said or say("nothing is said"), cause)
