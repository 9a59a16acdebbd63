"""From what was judged to results: the rubric's marks for each hand-in, and what a teacher has set by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from callbox.grading.result import Item, Marks, Result
from callbox.saying import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callbox.catalogue import Catalogue
    from callbox.grading import marks as rubrics
    from callbox.grading.handins import HandIn
    from callbox.grading.rubric import Rubric
    from callbox.grading.store import ByHand, Judged, Store

SHARE = Fraction(1, 2)
"""Of the hand-ins: a role that so many have is taken to be asked for, where nobody has said what is."""


@dataclass(frozen=True)
class Marking:
    """What marks are given by."""

    rubric: Rubric
    catalogue: Catalogue
    roles: Sequence[str]
    """that are asked for"""

    def results(self, handins: Sequence[HandIn], store: Store) -> list[Result]:
        """The result of each hand-in that has been judged, or cannot be."""
        by_hand = store.by_hand()
        judged = {handin.student.key: store.judged(handin.student.key) for handin in handins if not handin.problem}
        return [
            self.result(handin, judged.get(handin.student.key), by_hand.get(handin.student.key))
            for handin in handins
            if handin.problem or judged[handin.student.key]
        ]

    def result(self, handin: HandIn, judged: Judged | None, by_hand: ByHand | None) -> Result:
        """One student's."""
        records = judged.records if judged else ()
        days_late = self.rubric.days_late(handin.handed_in, late=handin.late)
        problem = handin.problem or (judged.problem if judged else "")
        own = "" if judged and judged.is_lost else problem
        marks = self.rubric.marks(records, catalogue=self.catalogue, roles=self.roles, days_late=days_late, problem=own)
        if marks.score is None and not problem:
            problem = say("the bench could judge nothing that carries points")
        return Result(
            student=handin.student,
            problem=problem,
            notes=(*handin.notes, *(judged.notes if judged else ()), *marks.notes),
            late=days_late > 0 or bool(handin.late),
            handed_in=handin.handed_in,
            records=records,
            marks=final(marks, by_hand),
            seed=judged.seed if judged else 0,
            tier=judged.tier if judged else "",
            seconds=judged.seconds if judged else 0.0,
            content_hash=handin.content_hash,
        )


def final(marks: rubrics.Marks, by_hand: ByHand | None) -> Marks:
    """The marks by the rubric, and what was set by hand beside them."""
    items = [
        Item(row.behaviour, row.role, row.points * marks.scale, row.possible * marks.scale, row.visibility, row.group)
        for row in marks.items
        if row.counted
    ]
    return Marks(
        score=Fraction(marks.score or 0),
        out_of=Fraction(marks.out_of),
        bonus=Fraction(marks.bonus),
        penalty=Fraction(marks.penalty),
        items=tuple(items),
        by_hand=by_hand.points if by_hand else None,
        note=by_hand.note if by_hand else "",
    )


def usual_roles(handins: Sequence[HandIn], store: Store) -> list[str]:
    """The roles that most hand-ins have: what is taken to be asked for."""
    judged = [found for handin in handins if not handin.problem and (found := store.judged(handin.student.key))]
    able = [{record.role for record in one.records} for one in judged if one.records]
    counts = Counter(role for roles in able for role in roles)
    return [role for role, count in counts.items() if count >= SHARE * len(able)]
