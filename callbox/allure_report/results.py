"""Our own reading of a folder of Allure results: how many there are of each status, to hold Allure's count against."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal, TypeAlias

from pydantic import BaseModel, Field, ValidationError

from callbox.allure_report.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from pathlib import Path

Status: TypeAlias = Literal["failed", "broken", "passed", "skipped", "unknown"]
Counts: TypeAlias = "Counter[str]"
"""of results, by status"""


class _Parameter(BaseModel):
    name: str = ""
    value: str = ""
    excluded: bool | None = None


class Result(BaseModel):
    """What decides how a result counts (allurereport.org, "How it works: test result file")."""

    uuid: str
    status: Status = "unknown"
    full_name: str | None = Field(None, alias="fullName")
    case: str | None = Field(None, alias="testCaseId")
    start: int = 0
    parameters: list[_Parameter] = []

    @property
    def key(self) -> Hashable:
        """The same for several runs of a test, of which Allure counts the last and calls the others retries."""
        told = sorted((each.name, each.value) for each in self.parameters if not each.excluded)
        name = self.case or self.full_name
        return (name, *told) if name else self.uuid


def read(folder: Path) -> list[Result]:
    """Every result in a folder. Raises ReportError where there is none, or one cannot be read."""
    try:
        names = sorted(path for path in folder.iterdir() if path.name.endswith("-result.json"))
        texts = {path: path.read_bytes() for path in names}
    except FileNotFoundError:
        raise ReportError(f"{folder}: there is no such folder; `pytest --alluredir {folder}` makes one") from None
    except OSError as error:
        raise ReportError(f"{error.filename or folder}: cannot be read: {error.strerror}") from None
    if not texts:
        raise ReportError(f"{folder}: no Allure results in it; `pytest --alluredir {folder}` writes some")
    return [_result(path, text) for path, text in texts.items()]


def _result(path: Path, text: bytes) -> Result:
    try:
        return Result.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ReportError(f"{path}: is no Allure result: {where}{': ' if where else ''}{first['msg']}") from None


def count(results: Iterable[Result]) -> Counts:
    """The last run of each test, by status."""
    last: dict[Hashable, Result] = {}
    for result in sorted(results, key=lambda result: result.start):
        last[result.key] = result
    return Counter(result.status for result in last.values())
