"""A pytest run: programs to checks, checks to verdicts, verdicts to an exit status."""

from __future__ import annotations

import platform
from collections import Counter
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest

from callbox import telling
from callbox.bench import Bench
from callbox.home import SUITES
from callbox.ladder import ladders
from callbox.plugin import allure_results
from callbox.plugin.names import BENCH, behaviour_id, is_check
from callbox.repeat import repeat
from callbox.saying import in_language
from callbox.subject import Outcome, Subject
from callbox.verdict import MISSED, NAMES, Inconclusive, Mismatch, Verdict

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from callbox.catalogue import Behaviour
    from callbox.story import Story
    from callbox.task import Task

OUTCOME = pytest.StashKey[Outcome]()
USAGE, INCONCLUSIVE = 2, 3
SHORT = {Verdict.ADVISED: "a", Verdict.NOT_JUDGED: "n", Verdict.INCONCLUSIVE: "?"}


def subject_of(item: pytest.Function) -> Subject:
    """The program that a check runs on."""
    subject = item.callspec.params["subject"]
    if not isinstance(subject, Subject):
        raise TypeError(f"{item.nodeid}: its parameter `subject` is ours")
    return subject


class Run:
    """One run, in the controller and in each worker."""

    def __init__(self, config: pytest.Config, task: Task) -> None:
        self.config = config
        self.task = task
        self.lang: str = config.option.lang
        self.aside = {BENCH} | {row.suite for row in task.catalogue.values() if not row.roles}
        """the suites that judge no program"""
        self.is_worker = hasattr(config, "workerinput")
        self.counts: Counter[Verdict] = Counter()
        self.told: list[tuple[Verdict, str]] = []
        self.bench = Bench(task)

    # ---- which checks run on which program

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """The tests of the bench, and what is asked of the platform, are no business of a submission."""
        inside = SUITES in collection_path.parents and collection_path.relative_to(SUITES).parts[0] in self.aside
        return True if self.config.option.submission is not None and inside else None

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A check runs on each program whose role has its behaviour."""
        if not is_check(metafunc.definition):
            return
        behaviour = self.task.catalogue.find(behaviour_id(metafunc.definition))
        if not behaviour.roles:
            return
        chosen = [subject for subject in self.bench.subjects if subject.terms.role.name in behaviour.roles]
        if "subject" not in metafunc.fixturenames:
            raise pytest.UsageError(f"{metafunc.definition.nodeid} asks for no program: name `server` or `client`")
        metafunc.parametrize("subject", chosen, ids=[subject.name for subject in chosen])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """A check for which there is no program is no test: neither run nor skipped."""
        items[:] = [item for item in items if not (self.judges(item) and "NOTSET" in item.name)]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """A run that checks nothing is an error."""
        if not session.items and not self.is_worker and not self.config.getoption("collectonly"):
            pytest.exit("no check was selected: nothing would be judged", USAGE)

    def judges(self, item: pytest.Item) -> bool:
        """Is it a check of programs?"""
        return is_check(item) and item.path.parent.name not in self.aside

    def behaviour(self, item: pytest.Item) -> Behaviour:
        """The words of a check."""
        return self.task.catalogue.find(behaviour_id(item))

    # ---- one check

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """The program is told of in the results by its name."""
        if self.judges(item):
            allure_results.hide_subject()

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Judge a program, and let pytest know of it in its own way: an exception, a skip, or nothing."""
        if not is_check(pyfuncitem):
            return None
        behaviour = self.behaviour(pyfuncitem)
        if not behaviour.roles:
            allure_results.describe_fact(behaviour, self.lang, self.task.catalogue.titles[behaviour.suite][self.lang])
            return None
        subject = subject_of(pyfuncitem)
        names = pyfuncitem._fixtureinfo.argnames
        handed = {name: pyfuncitem.funcargs[name] for name in names}
        allure_results.describe(behaviour, subject, self.lang, self.task.catalogue.titles[behaviour.suite][self.lang])
        outcome = pyfuncitem.stash[OUTCOME] = self.bench.judge.run(pyfuncitem.obj, behaviour, subject, handed)
        if outcome.verdict is Verdict.PASSED:
            return True
        allure_results.attach(outcome, telling.text(behaviour, subject, outcome, self.lang))
        if outcome.story and outcome.verdict in MISSED:
            row = {name: value for name, value in pyfuncitem.callspec.params.items() if name != "subject"}
            self._help(behaviour, subject, outcome.story, row)
        if outcome.verdict is Verdict.NOT_JUDGED:
            pytest.skip(in_language(outcome.reason, self.lang))
        if outcome.verdict is Verdict.INCONCLUSIVE or outcome.story is None:
            raise Inconclusive(in_language(outcome.reason, self.lang))
        if outcome.verdict is Verdict.FAILED:
            raise Mismatch(outcome.story, self.lang)
        return True

    def _help(self, behaviour: Behaviour, subject: Subject, story: Story, row: Mapping[str, Any]) -> None:
        """What a report has of a failure beside its words."""
        pictures = ladders(story, self.bench.judge.model(behaviour, subject, row))
        again = repeat(story, behaviour, subject.terms, subject.source, self.lang)
        allure_results.attach_help(
            pictures, again, self.lang, f"{subject.name}: {in_language(story.headline, self.lang)}"
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """The verdict, and the story in place of a Python traceback."""
        report = yield
        if self.judges(item) and isinstance(item, pytest.Function):
            outcome = item.stash.get(OUTCOME, None) if report.when == "call" else None
            if outcome is None and report.failed:  # an exception that is not about the program
                outcome = Outcome(Verdict.INCONCLUSIVE, reason=str(report.longrepr))
            if outcome:
                item.user_properties.append(("verdict", outcome.verdict.value))
                report.verdict = outcome.verdict.value
                report.told = telling.text(self.behaviour(item), subject_of(item), outcome, self.lang)
                if report.failed:
                    report.longrepr = report.told
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_report_to_serializable(self) -> Generator[None, Any, Any]:
        """What a worker sends has to be UTF-8."""
        return allure_results.clean((yield))

    # ---- what is told of it

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Our verdicts beside pytest's."""
        verdict = Verdict(report.verdict) if hasattr(report, "verdict") else None
        if verdict in SHORT and (report.when == "call" or report.failed):
            return str(verdict), SHORT[verdict], str(verdict).upper()
        return None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count verdicts, in the controller too."""
        if hasattr(report, "verdict"):
            self.counts[Verdict(report.verdict)] += 1
            if report.verdict != Verdict.PASSED:
                self.told.append((Verdict(report.verdict), report.told))
        elif report.failed and not report.nodeid.startswith(tuple(f"suites/{name}/" for name in self.aside)):
            self.counts[Verdict.INCONCLUSIVE] += 1

    def pytest_report_header(self) -> list[str]:
        """The circumstances of the run."""
        programs = ", ".join(f"{subject.name} ({subject.terms.role.name})" for subject in self.bench.subjects)
        return [
            f"callbox: {self.bench.tier}; seed {self.task.seed}",
            f"programs: {programs}",
            *(f"note: {note}" for note in self.bench.notes),
        ]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Advice, what was not judged, and what the bench could not do; failures have been shown."""
        for verdict in SHORT:
            texts = [text for told, text in self.told if told is verdict]
            if texts:
                terminalreporter.section(in_language(NAMES[verdict], self.lang))
                for text in texts:
                    terminalreporter.write_line(
                        text if verdict is not Verdict.NOT_JUDGED else "\n".join(text.splitlines()[:2])
                    )

    # ---- the end

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Workers say the same random things."""
        node.workerinput["callbox_seed"] = self.task.seed

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str) -> None:
        """A worker died in this check: the bench's fault until it is proven otherwise."""
        self.counts[Verdict.INCONCLUSIVE] += 1
        if folder := self.config.getoption("allure_report_dir", None):
            allure_results.write_crash(folder, crashitem, "the worker that ran this check died")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """0: every MUST passed; 1: a program failed; 3: something could not be judged. Set by the controller."""
        if not self.is_worker:
            if folder := self.config.getoption("allure_report_dir", None):
                allure_results.write_run(folder, self.facts(), self.lang)
            if self.counts[Verdict.INCONCLUSIVE] and not self.counts[Verdict.FAILED]:
                session.exitstatus = INCONCLUSIVE

    def facts(self) -> dict[str, str]:
        """The circumstances of the run that a report shows."""
        return {
            "callbox": version("callbox"),
            "isolation": str(self.bench.tier),
            "programs": ", ".join(f"{subject.name} ({subject.terms.role.name})" for subject in self.bench.subjects),
            "python": platform.python_version(),
            "seed": str(self.task.seed),
            "system": platform.platform(terse=True),
        }

    def pytest_unconfigure(self) -> None:
        """End the lobby."""
        self.bench.close()
