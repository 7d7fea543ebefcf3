"""A family: intervals that hold together, and verdicts that follow from them and from nothing else."""

import math

import numpy as np
import pytest
from scipy import stats

from concord.estimates.contrasts import Contrast, contrasts, every_pair
from concord.estimates.enums import Direction, Scope
from concord.estimates.families import Difference, family, may_be_best, rank_ranges
from concord.estimates.figure import Figure
from concord.estimates.observations import observe
from tests.concord.estimates.answers import mean, rate, ratings


def contrast(value: float, error: float, df: float = math.inf, pair: tuple[int, int] = (1, 2)) -> Contrast:
    figure = Figure(value=value, standard_error=error, df=df, n=10)
    return Contrast(system=pair[0], against=pair[1], figure=figure, centre=value)


def of_systems(rows: list[tuple[int, int, int, float]], systems: tuple[int, ...]) -> tuple[Difference, ...]:
    observed = observe(ratings(rows), mean(label_names={})).readable()
    found = contrasts(observed, every_pair(systems), mean(label_names={}), scope=Scope.THESE_RATERS)
    return family(found, confidence=0.95).differences


def test_one_contrast_is_its_t_interval() -> None:
    found = family([contrast(1.0, 0.4, df=7)], confidence=0.95).differences[0]
    half = stats.t.ppf(0.975, 7) * 0.4
    assert (found.figure.low, found.figure.high) == pytest.approx((1 - half, 1 + half))
    assert found.p_adjusted == pytest.approx(2 * stats.t.sf(2.5, 7))


def test_all_pairs_of_equal_groups_against_tukeys_honest_differences() -> None:
    """Systems with answers of their own, as many and as varied: Tukey's critical value is the known right one."""
    rng = np.random.default_rng(1)
    groups = [rng.normal(3, 1, 40) for _ in range(4)]
    error = math.sqrt(2 / 40)
    z = np.array(
        [[1.0 if k == i else -1.0 if k == j else 0.0 for k in range(4)] for i, j in every_pair(range(4))]
    )
    from concord.estimates.contrasts import Influence

    made = [
        Contrast(
            system=i,
            against=j,
            figure=Figure(
                value=float(groups[i].mean() - groups[j].mean()), standard_error=error, df=math.inf
            ),
            centre=float(groups[i].mean() - groups[j].mean()),
            influence=Influence(
                examples=-2 - np.arange(4), raters=np.full(4, -1), values=z[place] * error / math.sqrt(2)
            ),
        )
        for place, (i, j) in enumerate(every_pair(range(4)))
    ]
    found = family(made, confidence=0.95)
    wanted = stats.studentized_range.ppf(0.95, 4, np.inf) / math.sqrt(2)
    half = (found.differences[0].figure.high - found.differences[0].figure.low) / 2
    assert half / error == pytest.approx(wanted, rel=0.02)


@pytest.mark.parametrize("value", np.linspace(0.5, 1.6, 45).tolist())
def test_better_is_said_exactly_where_the_interval_leaves_out_0(value: float) -> None:
    found = family([contrast(value, 0.4, df=6), contrast(0.1, 0.4, df=60)], confidence=0.95).differences[0]
    assert found.differs == (found.figure.low > 0)
    assert found.differs == (found.p_adjusted <= 0.05)


def test_what_has_no_error_is_in_no_family_and_has_no_verdict() -> None:
    found = family([contrast(1.0, 0.0), contrast(0.9, 0.4)], confidence=0.95)
    alone = family([contrast(0.9, 0.4)], confidence=0.95)
    assert (found.size, found.untested) == (1, 1)
    assert found.differences[1].figure.low == alone.differences[0].figure.low
    assert not found.differences[0].differs
    assert found.differences[0].better(Direction.HIGHER) is None


def test_differences_that_the_data_picked_count_those_that_they_did_not() -> None:
    picked = family([contrast(1.0, 0.4)], confidence=0.95, stated=45).differences[0].figure
    sidak = stats.norm.ppf(1 - (1 - 0.95 ** (1 / 45)) / 2)
    assert (picked.high - picked.low) / 2 == pytest.approx(sidak * 0.4, rel=1e-3)


def test_a_declared_direction_turns_a_difference_into_a_verdict() -> None:
    found = family([contrast(1.0, 0.1)], confidence=0.95).differences[0]
    assert [found.better(direction) for direction in Direction] == [1, 2, None]


def test_who_may_be_best_and_the_ranks_follow_from_the_same_intervals() -> None:
    rng = np.random.default_rng(2)
    truth = {1: 4.0, 2: 3.9, 3: 2.0}
    rows = [(s, e, 0, truth[s] + rng.normal(0, 0.5)) for s in truth for e in range(40)]
    found = of_systems(rows, (1, 2, 3))
    assert may_be_best(found, (1, 2, 3), Direction.HIGHER) == [1, 2]
    assert may_be_best(found, (1, 2, 3), Direction.LOWER) == [3]
    assert rank_ranges(found, (1, 2, 3), Direction.HIGHER) == {1: (1, 2), 2: (1, 2), 3: (3, 3)}


def test_the_order_of_systems_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    rows = [(s, e, 0, float(v)) for e in range(25) for s, v in enumerate(rng.normal(3, 1, 4), 1)]
    forth, back = of_systems(rows, (1, 2, 3, 4)), of_systems(rows[::-1], (4, 3, 2, 1))
    told = {(one.system, one.against): one for one in back}
    for one in forth:
        other = told[one.against, one.system]
        assert (one.figure.low, one.figure.high) == pytest.approx(
            (-other.figure.high, -other.figure.low), abs=1e-12
        )
        assert one.differs == other.differs


def test_shares_of_different_examples_and_means_stand_in_one_family() -> None:
    people = ratings([(s, 10 * s + e, 0, 1.0 if e % (s + 1) else 2.0) for s in (1, 2) for e in range(9)])
    found = contrasts(observe(people, rate()).readable(), [(1, 2)], rate(), scope=Scope.THESE_RATERS)
    both = family([*found, contrast(0.3, 0.2)], confidence=0.95)
    assert both.size == 2
    assert all(one.figure.has_interval for one in both.differences)
