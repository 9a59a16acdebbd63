"""Results by their cause: our verdicts, as Allure 3 and Allure 2 are told of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

RESTS_ON = "rests_on"
"""The label of a result that is not judged because a behaviour failed: that one's id."""


@dataclass(frozen=True)
class Category:
    """A cause. The first that fits a result has it."""

    id: str
    status: str
    """in Allure's words"""
    names: dict[str, str]
    """by language"""
    labels: dict[str, str] = field(default_factory=dict)
    """regular expressions for what the labels of a result say"""
    group_by: tuple[str, ...] = ()
    """labels by which its results are grouped; otherwise by their message"""


CATEGORIES = (
    Category("failed", "failed", {"en": "Failed: misses a MUST", "zh": "未通过:缺少必须的行为"}),
    Category(
        "advised", "passed", {"en": "Advised: misses a SHOULD", "zh": "有建议:缺少应有的行为"}, {"tag": "^advised$"}
    ),
    Category(
        "resting", "skipped", {"en": "Not judged: it rests on what failed", "zh": "未评判:所依赖的行为没有通过"},
        {RESTS_ON: "."}, (RESTS_ON,),
    ),
    Category("not-judged", "skipped", {"en": "Not judged", "zh": "未评判"}),
    Category(
        "inconclusive", "broken", {"en": "Inconclusive: the bench or the machine", "zh": "无法判定:评测环境的问题"}
    ),
)  # fmt: skip


def for_allure_3(lang: str) -> list[dict[str, Any]]:
    """As its configuration has them; it reads none from the results."""
    return [
        {
            "id": category.id,
            "name": category.names[lang],
            "matchers": {"statuses": [category.status], "labels": category.labels},
            "groupBy": [{"label": label} for label in category.group_by],
            "groupByMessage": not category.group_by,
        }
        for category in CATEGORIES
    ]


def for_allure_2(lang: str) -> list[dict[str, Any]]:
    """As categories.json among the results has them: Allure 2 sees no labels, only statuses."""
    return [
        {"name": category.names[lang], "matchedStatuses": [category.status]}
        for category in CATEGORIES
        if not category.labels
    ]
