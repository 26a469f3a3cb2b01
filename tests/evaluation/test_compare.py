"""Two runs on the same questions."""

from __future__ import annotations

import math
import random

import pytest

from agentsql.errors import UsageError
from agentsql.evaluation.compare import _binomial, compare, paired_bootstrap
from agentsql.evaluation.questions import Question, Verdict
from agentsql.evaluation.records import Record
from agentsql.evaluation.score import Evaluation, Scored
from agentsql.evaluation.statistics import mcnemar


def run_of(name: str, rights: str, *, first: int = 0, gold: str = "SELECT 1", suite: bool = False) -> Evaluation:
    """Make a run of questions numbered from `first`; `+` is a right answer, `-` a wrong one."""
    scored = []
    for number, mark in enumerate(rights, first):
        right = mark == "+"
        record = Record(f"q{number}", "db", "", "SELECT 2", calls=2 if right else 4, seconds=1.0)
        verdict = Verdict(right, suite=right if suite else None)
        scored.append(Scored(record, Question(f"q{number}", "db", "", golds=(gold,)), verdict))
    return Evaluation(name, "spider", tuple(scored))


def test_what_is_gained_and_lost_is_named():
    found = compare(run_of("a", "++--+-"), run_of("b", "+-++--"))
    assert [one.question.id for one, _ in found.gained] == ["q2", "q3"]
    assert [one.question.id for one, _ in found.lost] == ["q1", "q4"]
    assert [share.right for share in found.shares] == [3, 3]
    assert [cost.calls for cost in found.costs] == [3, 3]
    assert (found.p, found.bootstrap.difference, found.left_out) == (1.0, 0.0, 0)


def test_the_order_of_the_questions_does_not_matter():
    second = run_of("b", "++-")
    turned = Evaluation("b", "spider", tuple(reversed(second.scored)))
    first = run_of("a", "+--")
    assert compare(first, turned).gained == compare(first, second).gained


def test_a_clear_gain_is_told_from_chance():
    found = compare(run_of("a", "-" * 40 + "+" * 60), run_of("b", "+" * 100))
    assert found.p == mcnemar(40, 0) < 1e-9
    assert found.bootstrap.low > 0.3
    assert found.bootstrap.high < 0.5
    assert found.bootstrap.p == 0.0


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (run_of("a", "++"), run_of("b", "++", first=5), "no question in common"),
        (run_of("a", "+++"), run_of("b", "++"), "2 shared, 1 only in 'a' .q2.*--shared"),
        (run_of("a", "+"), run_of("b", "+", gold="SELECT 3"), "the golds of 1 questions differ, such as 'q0'"),
        (run_of("a", "+"), run_of("b", "+", suite=True), "'a' is scored by one database, 'b' by test suite"),
    ],
)
def test_runs_that_cannot_be_compared_are_refused(first, second, said):
    with pytest.raises(UsageError, match=said):
        compare(first, second)


def test_the_shared_questions_are_compared_where_that_is_asked_for():
    found = compare(run_of("a", "-++"), run_of("b", "+-", first=0), shared_only=True)
    assert (len(found.first.scored), len(found.gained), len(found.lost), found.left_out) == (2, 1, 1, 1)


def test_the_bootstrap_is_the_same_each_time():
    assert paired_bootstrap(20, 10, 200) == paired_bootstrap(20, 10, 200)


def test_the_bootstrap_agrees_with_resampling_the_questions_themselves():
    found = paired_bootstrap(30, 12, 400)
    differences = [1] * 30 + [-1] * 12 + [0] * 358
    rng = random.Random(5)
    drawn = sorted(sum(rng.choices(differences, k=400)) / 400 for _ in range(2000))
    assert found.low == pytest.approx(drawn[50], abs=0.006)
    assert found.high == pytest.approx(drawn[1949], abs=0.006)


@pytest.mark.parametrize(("trials", "chance"), [(50, 0.03), (400, 0.5), (400, 0.71), (10, 1.0), (10, 0.0)])
def test_drawn_numbers_have_the_mean_and_spread_of_a_binomial_distribution(trials, chance):
    rng = random.Random(3)
    drawn = [_binomial(rng, trials, chance) for _ in range(4000)]
    mean = sum(drawn) / len(drawn)
    variance = sum((one - mean) ** 2 for one in drawn) / len(drawn)
    expected = trials * chance * (1 - chance)
    assert mean == pytest.approx(trials * chance, abs=5 * math.sqrt(expected / 4000))
    assert variance == pytest.approx(expected, rel=0.12)
