"""pytest and allure: which checks run on which program, and their verdicts into reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from callbox import assignment as assignments
from callbox import catalogue as catalogues
from callbox import index
from callbox import models as models  # registers the profiles of model-based checks before one can be chosen
from callbox.home import HOUSE, SUITES
from callbox.plugin import allure_results
from callbox.plugin.guards import Guards
from callbox.plugin.home import come_home
from callbox.plugin.options import add_options, task_of
from callbox.plugin.run import USAGE, Run
from callbox.suite import load_checks
from callbox.verdict import BoothError

if TYPE_CHECKING:
    from collections.abc import Generator

RUN = pytest.StashKey[Run]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True, wrapper=True)  # before anybody captures output: pytest may start again
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None]:
    """See to it that our pytest.ini and conftest.py are found."""
    come_home(early_config, args)
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """List the behaviours, if that is what is asked for."""
    if not config.option.behaviours:
        return None
    catalogue = catalogues.load(SUITES)
    if config.option.behaviours == "table":
        print(index.table(catalogue))
        return 0
    print(*index.listing(catalogue, assignments.load(), config.option.lang), sep="\n")
    print(index.gaps(catalogue, load_checks(SUITES)))
    return 0


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read what the run is about. A mistake in it is one line, and exit status 2."""
    if config.rootpath != HOUSE or config.option.help or config.option.version:
        return  # somebody's own tests, in an environment where callbox is installed
    allure_results.configure(config)
    try:
        config.stash[RUN] = Run(config, task_of(config))
    except (ValueError, BoothError) as error:
        pytest.exit(str(error), USAGE)
    config.pluginmanager.register(config.stash[RUN], "callbox-run")
    guards = Guards(config, config.stash[RUN].bench, config.stash[RUN].aside)
    config.pluginmanager.register(guards, "callbox-guards")
