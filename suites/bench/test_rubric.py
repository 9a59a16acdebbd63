"""What checks are worth: rubrics as TOML, every mistake in one, and marks that nobody can quarrel with."""

import pickle
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbox.catalogue import Catalogue, Level
from callbox.catalogue import load as load_catalogue
from callbox.grading.marks import Marks, rounded
from callbox.grading.rubric import Rubric, RubricError, load
from callbox.verdict import Verdict

HOUSE = Path(__file__).parents[2]
EXAMPLE = HOUSE / "fixtures/rubrics/example.toml"
CATALOGUE: Catalogue = load_catalogue(HOUSE / "suites")
ONCE, FOREVER, UDP = "tcp-once-server", "tcp-forever-server", "udp-server"
UPPER = "udp_server.exchange.upper_cases_ascii"
Write = Callable[[str], Rubric]


@dataclass(frozen=True)
class Record:
    """As the store keeps them."""

    program: str
    role: str
    behaviour: str
    verdict: Verdict = Verdict.PASSED
    rests_on_failed: bool = False


def all_passed(role: str, program: str = "server.py") -> list[Record]:
    return [Record(program, role, row.id) for row in CATALOGUE.for_role(role)]


def but(records: Iterable[Record], behaviour: str, verdict: Verdict, *, rests_on_failed: bool = False) -> list[Record]:
    """The same, with another verdict on one behaviour."""
    changed = [
        replace(each, verdict=verdict, rests_on_failed=rests_on_failed) if each.behaviour == behaviour else each
        for each in records
    ]
    assert changed != list(records)
    return changed


@pytest.fixture
def rubric(tmp_path: Path) -> Write:
    """The rubric in a file with this text."""

    def write(text: str) -> Rubric:
        file = tmp_path / "rubric.toml"
        file.write_text(text, encoding="utf-8")
        return load(file, CATALOGUE)

    return write


USUAL = load(None, CATALOGUE)


def marks(rubric: Rubric, records: Iterable[Record], *roles: str, days_late: int = 0) -> Marks:
    return rubric.marks(records, catalogue=CATALOGUE, roles=roles or (UDP,), days_late=days_late)


def musts(role: str) -> int:
    return sum(row.level is Level.MUST for row in CATALOGUE.for_role(role))


# What counts


def test_all_passed_is_everything() -> None:
    got = marks(USUAL, all_passed(UDP))
    assert (got.score, got.out_of, got.judged, got.left_out) == (Decimal("100.00"), Decimal("100.00"), 22, 0)
    assert not any((got.bonus, got.penalty, got.notes))


def test_a_must_that_failed_costs_its_share() -> None:
    assert musts(UDP) == 22
    failed = marks(USUAL, but(all_passed(UDP), UPPER, Verdict.FAILED))
    assert failed.score == Decimal("95.45")  # 21 of 22
    [item] = [item for item in failed.items if item.points < item.possible]
    assert (item.behaviour, item.program, item.verdict, item.counted) == (UPPER, "server.py", Verdict.FAILED, True)


def test_advice_costs_nothing_unless_the_rubric_says_so(rubric: Write) -> None:
    advised = but(all_passed(UDP), "udp_server.lifetime.stops_on_ctrl_c", Verdict.ADVISED)
    assert marks(USUAL, advised).score == 100
    assert marks(rubric('[[points]]\nlevel = "SHOULD"\npoints = 1\n'), advised).score == Decimal("96.15")  # 25 of 26


@pytest.mark.parametrize(
    ("verdict", "rests_on_failed", "usual", "lenient"),
    [
        (Verdict.FAILED, False, "95.45", "95.45"),
        (Verdict.NOT_JUDGED, True, "95.45", "100"),
        (Verdict.NOT_JUDGED, False, "100", "100"),
        (Verdict.INCONCLUSIVE, False, "100", "100"),
        (Verdict.INCONCLUSIVE, True, "100", "100"),
    ],
)
def test_what_was_not_judged(rubric: Write, verdict: Verdict, rests_on_failed: bool, usual: str, lenient: str) -> None:
    records = but(all_passed(UDP), UPPER, verdict, rests_on_failed=rests_on_failed)
    assert marks(USUAL, records).score == Decimal(usual)
    assert marks(rubric('not_judged = "leaves out"'), records).score == Decimal(lenient)


def test_what_is_left_out_is_said() -> None:
    records = but(all_passed(UDP), UPPER, Verdict.INCONCLUSIVE)
    got = marks(USUAL, records)
    assert (got.judged, got.left_out) == (21, 1)
    assert [item.why for item in got.items if not item.counted] == ["inconclusive: the bench or the machine failed"]


def test_what_has_no_record_costs_nothing() -> None:
    got = marks(USUAL, [record for record in all_passed(UDP) if record.behaviour != UPPER])
    assert (got.score, got.left_out) == (Decimal(100), 1)


def test_there_is_no_score_when_the_bench_could_judge_nothing() -> None:
    got = marks(USUAL, [replace(record, verdict=Verdict.INCONCLUSIVE) for record in all_passed(UDP)])
    assert got.score is None
    assert got.notes == ("nothing that carries points could be judged",)


def test_a_role_that_is_missing_costs_all_its_points() -> None:
    got = marks(USUAL, all_passed(UDP), UDP, ONCE)
    assert got.score == rounded(Fraction(100 * 22, 22 + musts(ONCE)), 2)
    assert got.notes == (f"{ONCE}: none was handed in, so its checks count 0",)
    assert {item.program for item in got.items if item.role == ONCE} == {None}


def test_a_role_that_was_not_asked_for_does_not_count() -> None:
    extra = [replace(record, verdict=Verdict.FAILED) for record in all_passed(ONCE, "once.py")]
    got = marks(USUAL, [*all_passed(UDP), *extra])
    assert (got.score, got.notes) == (Decimal(100), (f"once.py: no {ONCE} was asked for",))


def test_without_roles_what_was_handed_in_counts() -> None:
    records = [*all_passed(UDP), *all_passed(ONCE, "once.py")]
    got = USUAL.marks(records, catalogue=CATALOGUE, roles=())
    assert (got.score, got.judged) == (Decimal(100), 22 + musts(ONCE))


def test_of_two_programs_of_a_role_the_better_one_counts_as_a_whole() -> None:
    first = but(all_passed(UDP, "a.py"), UPPER, Verdict.FAILED)
    second = [
        replace(record, verdict=Verdict.FAILED) for record in all_passed(UDP, "b.py") if record.behaviour != UPPER
    ]
    got = marks(USUAL, [*second, Record("b.py", UDP, UPPER), *first])
    assert got.score == Decimal("95.45"), "not the best of both, check by check"
    assert {item.program for item in got.items} == {"a.py"}
    assert got.notes == (f"{UDP}: of b.py, a.py the one that gives the higher score counts",)


def test_the_better_program_is_the_one_that_gives_the_higher_score() -> None:
    little = [Record("little.py", UDP, UPPER)]  # all else has no record
    much = but(all_passed(UDP, "much.py"), UPPER, Verdict.FAILED)
    nothing = [replace(record, verdict=Verdict.FAILED) for record in all_passed(ONCE)]
    assert {item.program for item in marks(USUAL, [*little, *much]).items} == {"little.py"}
    both = marks(USUAL, [*little, *much, *nothing], UDP, ONCE)
    assert {item.program for item in both.items if item.role == UDP} == {"much.py"}


def test_a_hand_in_with_a_problem_gets_nothing_and_says_why() -> None:
    got = USUAL.marks(all_passed(UDP), catalogue=CATALOGUE, roles=[UDP], days_late=3, problem="hw.zip: is broken")
    assert (got.score, got.judged, got.notes) == (Decimal(0), 22, ("hw.zip: is broken",))
    assert {item.why for item in got.items} == {"hw.zip: is broken"}
    assert USUAL.marks([], catalogue=CATALOGUE, roles=[], problem="empty").score == 0


# What the rubric says


def test_points_weigh_and_later_entries_override_earlier_ones(rubric: Write) -> None:
    text = """
    [[points]]
    suite = "*"
    points = 0
    visibility = "hidden"
    [[points]]
    behaviour = "udp_server.exchange.upper_cases_a*"
    points = 0.1
    [[points]]
    behaviour = "udp_server.exchange.leaves_the_rest_alone"
    role = "udp-server"
    points = 0.2
    visibility = "after_published"
    """
    got = marks(rubric(text), but(all_passed(UDP), UPPER, Verdict.FAILED))
    assert got.score == Decimal("66.67")
    worth = {item.behaviour.rpartition(".")[2]: (item.possible, item.visibility) for item in got.items}
    assert worth["upper_cases_ascii"] == (Fraction(1, 10), "hidden")
    assert worth["leaves_the_rest_alone"] == (Fraction(2, 10), "after_published")
    assert got.scale == Fraction(100) / Fraction(3, 10)


def test_entries_speak_of_all_that_they_name(rubric: Write) -> None:
    got = marks(rubric('[[points]]\nlevel = "MUST"\nrole = "udp-client"\npoints = 0\n'), all_passed(UDP))
    assert len(got.items) == 22


def test_info_is_never_worth_anything(rubric: Write) -> None:
    everything = rubric('[[points]]\nbehaviour = "*"\npoints = 1\nbonus = 1\n')
    got = marks(everything, all_passed(FOREVER), FOREVER)
    assert "tcp_server.lifetime.serves_one_at_a_time" not in {item.behaviour for item in got.items}
    assert {item.level for item in got.items} == {"MUST", "SHOULD"}


def test_bonus_makes_up_for_what_was_lost_and_for_no_more(rubric: Write) -> None:
    generous = rubric('[[points]]\nbehaviour = "udp_server.lifetime.stops_on_ctrl_c"\nbonus = 2.2\n')
    one_less = but(all_passed(UDP), UPPER, Verdict.FAILED)
    got = marks(generous, one_less)
    assert (got.score, got.bonus) == (Decimal(100), Decimal("4.55"))
    assert marks(generous, all_passed(UDP)).bonus == 0
    without = but(one_less, "udp_server.lifetime.stops_on_ctrl_c", Verdict.ADVISED)
    assert (marks(generous, without).score, marks(generous, without).bonus) == (Decimal("95.45"), Decimal(0))


def test_all_or_nothing(rubric: Write) -> None:
    text = '[[points]]\nbehaviour = "udp_server.recv_limit.*"\ngroup = "recv"\nall_or_nothing = true\n'
    name = "udp_server.recv_limit.forgets_the_rest_of_a_long_datagram"
    got = marks(rubric(text), but(all_passed(UDP), name, Verdict.FAILED))
    assert got.score == rounded(Fraction(1900, 22), 2)
    assert [item.why for item in got.items if item.group == "recv"] == [f"all or nothing: {name}"] * 2 + [""]
    assert marks(rubric(text), but(all_passed(UDP), name, Verdict.INCONCLUSIVE)).score == 100
    assert marks(rubric(text), all_passed(UDP)).score == 100


def test_a_group_is_each_programs_own(rubric: Write) -> None:
    text = '[[points]]\nbehaviour = "*.exchange.upper_cases_ascii"\ngroup = "all"\nall_or_nothing = true\n'
    records = [*but(all_passed(UDP), UPPER, Verdict.FAILED), *all_passed(ONCE, "once.py")]
    got = marks(rubric(text), records, UDP, ONCE)
    assert [item.points for item in got.items if item.group] == [0, 1]


@pytest.mark.parametrize(
    ("days", "score", "penalty"), [(0, "100", "0"), (1, "85", "15"), (2, "75", "25"), (9, "60", "40"), (-1, "100", "0")]
)
def test_being_late_costs_a_share_of_what_was_earned(rubric: Write, days: int, score: str, penalty: str) -> None:
    late = rubric("[late]\nflat_percent = 5\npercent_per_day = 10\nat_most = 40\n")
    got = marks(late, all_passed(UDP), days_late=days)
    assert (got.score, got.penalty, got.days_late) == (Decimal(score), Decimal(penalty), days)
    failed = but(all_passed(UDP), UPPER, Verdict.FAILED)
    assert marks(late, failed, days_late=2).score == rounded(Fraction(100 * 21, 22) * Fraction(3, 4), 2)


@pytest.mark.parametrize(
    ("handed_in", "days"),
    [
        (datetime(2026, 10, 1, 15, 59, tzinfo=UTC), 0),
        (datetime(2026, 10, 1, 16, 14, tzinfo=UTC), 0),
        (datetime(2026, 10, 1, 16, 14, 1, tzinfo=UTC), 1),
        (datetime(2026, 10, 2, 15, 59, tzinfo=UTC), 1),
        (datetime(2026, 10, 2, 15, 59, 1, tzinfo=UTC), 2),
        (datetime(2026, 10, 1, 23, 59), 0),  # no zone: that of the date it was due
    ],
)
def test_counts_days_begun(handed_in: datetime, days: int) -> None:
    rubric = load(EXAMPLE, CATALOGUE)
    assert rubric.days_late(handed_in, late=None) == days


def test_takes_the_platforms_word_where_there_is_no_time() -> None:
    rubric = load(EXAMPLE, CATALOGUE)
    assert [rubric.days_late(None, late=late) for late in (True, False, None)] == [1, 0, 0]
    assert USUAL.days_late(datetime(2030, 1, 1, tzinfo=UTC), late=True) == 1


def test_rounds_half_up() -> None:
    assert [rounded(Fraction(n, 8), 2) for n in (1, 3)] == [Decimal("0.13"), Decimal("0.38")]
    assert rounded(Fraction(5, 2), 0) == 3


def test_the_example_is_in_order() -> None:
    rubric = load(EXAMPLE, CATALOGUE)
    got = marks(rubric, all_passed(FOREVER), FOREVER)
    assert (got.score, got.out_of) == (Decimal("20.0"), Decimal("20.0"))
    assert {item.group for item in got.items} == {"", "rude clients"}
    assert {item.visibility for item in got.items} == {"visible", "after_due_date"}
    keys = set(re.findall(r"(?m)^(\w+) =", EXAMPLE.read_text("utf-8")))
    fields = {*Rubric.model_fields, *type(rubric.late).model_fields, *type(rubric.points[0]).model_fields}
    assert fields - keys == {"points", "late"} - keys, "the example shows every key"


def test_rubrics_and_marks_can_be_sent_to_another_process() -> None:
    rubric = load(EXAMPLE, CATALOGUE)
    got = marks(rubric, all_passed(UDP))
    assert pickle.loads(pickle.dumps((rubric, got))) == (rubric, got)


# Mistakes


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("out_off = 3", "out_off: unknown key; did you mean 'out_of'?"),
        ("out_of = 0", "out_of: should be greater than 0, not 0"),
        ("out_of = 33.33\ndecimals = 1", "out_of = 33.33 cannot be reached with decimals = 1"),
        ("not_judged = 'fail'", "not_judged: 'fail' is unknown; did you mean 'fails'?"),
        ("visibility = 'hiden'", "visibility: 'hiden' is unknown; did you mean 'hidden'?"),
        ("late = 3", "late: should be a table, not 3"),
        ("[late]\ndue = 2026-10-01T00:00:00", "late.due: 2026-10-01 00:00:00 has no time zone; write"),
        ("[late]\npercent_per_dy = 1", "late.percent_per_dy: unknown key; did you mean 'percent_per_day'?"),
        ("[late]\nat_most = 101", "late.at_most: should be less than or equal to 100"),
        ("[[points]]\npoints = nan", "points no. 1.points: should be a finite number"),
        ("[[points]]\npoints = -1", "points no. 1.points: should be greater than or equal to 0"),
        ("[[points]]\npoints = '1'", "points no. 1.points: should be a number, not '1'"),
        ("[[points]]\npoint = 1", "points no. 1.point: unknown key; did you mean 'points'?"),
        ("[[points]]\nrole = 'udp-server'", "points no. 1: says neither points nor bonus"),
        ("[[points]]\nall_or_nothing = true", "points no. 1: all_or_nothing is of a group"),
        (
            "[[points]]\nbehaviour = 'udp_server.exchnge.*'\npoints = 1",
            "'udp_server.exchnge.*' matches no behaviour of programs; did you mean 'udp_server.exchange.*'?",
        ),
        ("[[points]]\nbehaviour = 'socket_module.*'\npoints = 1", "matches no behaviour of programs"),
        ("[[points]]\nsuite = 'udp_sever'\npoints = 1", "points no. 1.suite: 'udp_sever' matches no suite of programs"),
        (
            "[[points]]\nrole = 'udp-sever'\npoints = 1",
            "points no. 1.role: 'udp-sever' matches no role; did you mean 'ud",
        ),
        (
            "[[points]]\nrole = 'tcp-*'\nsuite = 'udp_*'\npoints = 1",
            "points no. 1: no behaviour fits all that it names",
        ),
        ("[[points]]\nlevel = 'INFO'\npoints = 1", "points no. 1.level: 'INFO' is unknown"),
        ("[[points]]\nbehaviour = '*'\npoints = 0", "nothing is worth any points"),
        ("[points]\n", "points: should be a list, not {}"),
        ("[[points]", "is not TOML"),
    ],
)
def test_names_file_and_key_of_a_mistake(rubric: Write, text: str, mistake: str) -> None:
    with pytest.raises(RubricError) as caught:
        rubric(text)
    [line] = str(caught.value).splitlines()
    assert mistake in line
    assert re.match(r"/.*/rubric\.toml: ", line)


def test_reports_every_mistake_on_its_own_line(rubric: Write) -> None:
    with pytest.raises(RubricError) as caught:
        rubric(
            "colour = 1\n[late]\nat_most = -1\n[[points]]\nrole = 'x'\npoints = 1\n[[points]]\nsuite = 'y'\nbonus = 'z'\n"
        )
    keys = [line.split(": ")[1] for line in str(caught.value).splitlines()]
    assert sorted(keys) == ["colour", "late.at_most", "points no. 1.role", "points no. 2.bonus", "points no. 2.suite"]


def test_says_so_when_there_is_no_rubric(tmp_path: Path) -> None:
    with pytest.raises(RubricError, match=r"rubric\.toml: cannot be read: No such file"):
        load(tmp_path / "rubric.toml", CATALOGUE)


# Whatever the verdicts

VERDICTS = st.sampled_from(list(Verdict))
RUBRICS = [USUAL, load(EXAMPLE, CATALOGUE), USUAL.model_copy(update={"not_judged": "leaves out"})]


@st.composite
def hand_ins(draw: st.DrawFn) -> list[Record]:
    """Up to two programs of each of three roles, with any verdicts; some records are missing."""
    records = []
    for role in (UDP, ONCE, FOREVER):
        for program in draw(st.lists(st.sampled_from(["a.py", "b.py"]), unique=True)):
            rows = CATALOGUE.for_role(role)
            rest = draw(VERDICTS)  # of all but a few
            few = draw(st.dictionaries(st.sampled_from([row.id for row in rows]), VERDICTS, max_size=8))
            records += [
                Record(program, role, row.id, few.get(row.id, rest), rests_on_failed=draw(st.booleans()))
                for row in rows
                if row.id not in few or few[row.id] is not Verdict.ADVISED
            ]
    return records


@settings(max_examples=60, deadline=None)
@given(hand_ins(), st.sampled_from(RUBRICS), st.integers(0, 10))
def test_a_score_is_within_its_bounds(records: list[Record], rubric: Rubric, days_late: int) -> None:
    got = marks(rubric, records, UDP, ONCE, days_late=days_late)
    assert got.score is None or 0 <= got.score <= got.out_of
    assert (got.score is None) == (not any(item.possible for item in got.items if item.counted))
    assert got.judged + got.left_out == len(got.items)
    assert all(0 <= item.points <= item.possible and 0 <= item.bonus <= item.bonus_possible for item in got.items)


@settings(max_examples=60, deadline=None)
@given(hand_ins(), st.sampled_from(RUBRICS), st.data())
def test_doing_better_never_costs_points(records: list[Record], rubric: Rubric, data: st.DataObject) -> None:
    if not records:
        records = all_passed(UDP)
    one = data.draw(st.sampled_from(records))
    worse = [replace(each, verdict=Verdict.FAILED) if each is one else each for each in records]
    better = [replace(each, verdict=Verdict.PASSED) if each is one else each for each in records]
    before, after = (marks(rubric, each, UDP, ONCE, FOREVER).score for each in (worse, better))
    assert before is None or after is None or before <= after


@settings(max_examples=60, deadline=None)
@given(hand_ins(), st.sampled_from(RUBRICS), st.data())
def test_what_the_bench_could_not_do_never_costs_points(
    records: list[Record], rubric: Rubric, data: st.DataObject
) -> None:
    records = records or all_passed(UDP)
    one = data.draw(st.sampled_from(records))
    failed = [replace(each, verdict=Verdict.FAILED) if each is one else each for each in records]
    unknown = [replace(each, verdict=Verdict.INCONCLUSIVE) if each is one else each for each in records]
    before, after = (marks(rubric, each, UDP, ONCE, FOREVER).score for each in (failed, unknown))
    assert before is None or after is None or before <= after


@settings(max_examples=20, deadline=None)
@given(st.sets(st.sampled_from([UDP, ONCE, FOREVER]), min_size=1), st.sampled_from(RUBRICS))
def test_all_passed_is_everything_whatever_is_asked(roles: set[str], rubric: Rubric) -> None:
    records = [record for role in roles for record in all_passed(role)]
    assert marks(rubric, records, *roles).score == rounded(Fraction(str(rubric.out_of)), rubric.decimals)
