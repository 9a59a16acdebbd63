"""pytest and allure: which checks run on which program, and their verdicts into reports."""

from __future__ import annotations

import pytest

from callbox.booth import BoothError
from callbox.plugin import allure_results
from callbox.plugin.options import Task, add_options
from callbox.plugin.run import USAGE, Run

RUN = pytest.StashKey[Run]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read what the run is about. A mistake in it is one line, and exit status 2."""
    allure_results.configure(config)
    if config.option.help or config.option.version:
        return
    try:
        config.stash[RUN] = Run(config, Task.of(config))
    except (ValueError, BoothError) as error:
        pytest.exit(str(error), USAGE)
    config.pluginmanager.register(config.stash[RUN], "callbox-run")
