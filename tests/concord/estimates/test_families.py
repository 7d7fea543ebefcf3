"""A family: intervals that hold together, and verdicts that follow from them and from nothing else."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from concord.estimates.contrasts import Combination, Contrast, Influence, contrasts, every_pair
from concord.estimates.enums import Direction, Scope
from concord.estimates.families import Difference, _correlation, family, may_be_best, rank_ranges
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


def moved(value: float, influence: Influence, pair: tuple[int, int], df: float = 20.0) -> Contrast:
    error = math.sqrt(np.square(influence.values).sum())
    figure = Figure(value=value, standard_error=error, df=df, n=10)
    return Contrast(system=pair[0], against=pair[1], figure=figure, centre=value, influence=influence)


def test_examples_and_raters_both_make_contrasts_hang_together() -> None:
    """The covariance of two-way clusters: sums over examples, plus over raters, less over both at once (Cameron et al. 2011)."""
    rng = np.random.default_rng(6)
    examples, raters = np.repeat(np.arange(8), 5), np.tile(np.arange(5), 8)
    values = rng.normal(0, 0.1, (2, 40)) + 0.3 * rng.normal(size=(1, 5))[:, raters]
    rows = [
        moved(
            1.0, Influence(examples=examples, raters=raters, values=own), (1, 2 + place), df=12.0 + 12 * place
        )
        for place, own in enumerate(values)
    ]
    found = _correlation(rows)

    def products(codes: np.ndarray) -> np.ndarray:
        sums = np.array([np.bincount(codes, own) for own in values])
        return sums @ sums.T

    together = products(examples) + products(raters) - products(examples * 5 + raters)
    expected = together[0, 1] / math.sqrt(together[0, 0] * together[1, 1])
    np.testing.assert_allclose(found["correlation"], [[1, expected], [expected, 1]])
    assert found["correlation_df"] == 4, (
        "five raters show no more of it, whatever their contrasts' errors rest on"
    )
    few = [replace(one, figure=replace(one.figure, df=df)) for one, df in zip(rows, (2.0, 4.0), strict=True)]
    assert _correlation(few)["correlation_df"] == pytest.approx(2 / (1 / 2 + 1 / 4))


@pytest.mark.parametrize(("raters", "most"), [(3, 12.0), (5, 24.0)])
def test_raters_who_happen_to_seem_alike_leave_no_more_df_than_they_can_show(
    raters: int, most: float
) -> None:
    """Satterthwaite's df tend to the examples' 117 where system x rater seems to be nothing; at most 2 (S - 1) (R - 1)."""
    rng = np.random.default_rng(3)
    rows = [(s, e, r, float(rng.normal())) for s in range(4) for e in range(40) for r in range(raters)]
    question = mean(label_names={}, scope=Scope.OTHER_RATERS)
    observed = observe(ratings(rows), question).readable()
    found = contrasts(observed, [(0, 1), (2, 3)], question, scope=Scope.OTHER_RATERS)
    assert [one.figure.df for one in found] == [most, most]


def test_raters_who_are_no_sample_leave_the_examples_sums_as_they_are() -> None:
    one = Influence(examples=np.array([3, 3, 5]), raters=np.full(3, -1), values=np.array([1.0, 2.0, 4.0]))
    two = Influence(examples=np.array([5, 9]), raters=np.full(2, -1), values=np.array([7.0, -1.0]))
    rows = [moved(1.0, one, (1, 2)), moved(1.0, two, (1, 3))]
    assert _correlation(rows)["influence"].tolist() == [[3.0, 0.0], [4.0, 7.0], [0.0, -1.0]]
    assert _correlation(rows[:1]) == {}
    assert _correlation([*rows, contrast(1.0, 0.4)]) == {}


def test_where_one_has_raters_as_a_sample_and_one_has_not_their_examples_meet() -> None:
    values = np.array([0.5, -0.25, 0.25])
    one = Influence(examples=np.array([0, 1, 2]), raters=np.full(3, -1), values=values)
    two = Influence(examples=np.array([0, 1, 2]), raters=np.array([0, 1, 0]), values=values)
    correlation = _correlation([moved(1.0, one, (1, 2)), moved(1.0, two, (1, 3))])["correlation"]
    by_rater = 0.75**2 + 0.25**2  # rater 0 gave the first and the third
    shared = np.square(values).sum()
    assert correlation[0, 1] == pytest.approx(shared / math.sqrt(shared * by_rater))


def test_contrasts_that_go_together_have_shorter_intervals_than_independent_ones() -> None:
    rng = np.random.default_rng(7)
    base = rng.normal(0, 0.05, 60)
    alike = [
        moved(0.5, Influence(examples=np.arange(60), raters=np.full(60, -1), values=base), (1, 2 + place))
        for place in range(6)
    ]
    apart = [
        moved(
            0.5,
            Influence(examples=np.arange(60) + 60 * place, raters=np.full(60, -1), values=base),
            (1, 2 + place),
        )
        for place in range(6)
    ]
    halves = []
    for rows in (alike, apart):
        figure = family(rows, confidence=0.95).differences[0].figure
        halves.append((figure.high - figure.low) / 2 / figure.standard_error)
    assert halves[0] == pytest.approx(stats.t.ppf(0.975, 20), rel=0.01)
    sidak = 1 - 0.95 ** (1 / 6)
    assert halves[1] == pytest.approx(stats.t.ppf(1 - sidak / 2, 20), rel=0.02)


def test_a_family_says_how_many_how_sure_and_how() -> None:
    two = family([contrast(1.0, 0.4), contrast(0.5, 0.4)], confidence=0.9)
    about = two.about()
    assert (about["size"], about["untested"], about["confidence"]) == (2, 0, 0.9)
    assert about["pointwise_confidence"] == pytest.approx(0.9**0.5, abs=2e-3)
    assert about["method"].startswith("intervals of 2 comparisons that hold together at 0.9 ")
    assert family([contrast(1.0, 0.4)], confidence=0.9).method == "one comparison, so nothing is adjusted"
    assert family([], confidence=0.95).size == 0
    row = two.differences[1].as_dict()
    assert (row["system"], row["against"], row["differs"], row["confidence"]) == (1, 2, False, 0.9)
    assert row["p_adjusted"] == pytest.approx(1 - (1 - 2 * stats.norm.sf(1.25)) ** 2, abs=5e-3)
    assert two.differences[0].figure.confidence == 0.9


def test_an_interval_of_its_own_is_asked_for_at_the_familys_confidence_and_holds_the_value() -> None:
    asked: list[float] = []

    def interval(confidence: float) -> tuple[float, float]:
        asked.append(confidence)
        return 0.6, 0.9

    own = replace(contrast(0.5, 0.1), interval=interval, p_value=0.001, bounds=(-1.0, 0.8))
    found = family([own, contrast(0.1, 0.4)], confidence=0.95)
    assert asked == [found.pointwise_confidence]
    assert 0.95 < asked[0] < 0.98
    assert (found.differences[0].figure.low, found.differences[0].figure.high) == (0.5, 0.8)


def test_a_difference_in_favour_of_the_other_system_is_its_verdict() -> None:
    found = family([contrast(-1.0, 0.1, pair=(4, 7))], confidence=0.95).differences[0]
    assert [found.better(direction) for direction in Direction] == [7, 4, None]
    assert may_be_best([found], (4, 7), Direction.HIGHER) == [7]
    assert rank_ranges([found], (4, 7), Direction.LOWER) == {4: (1, 1), 7: (2, 2)}
    assert may_be_best([found], (4, 7), Direction.NONE) == []


def combined(values: np.ndarray, covariance: np.ndarray, df: float) -> list[Contrast]:
    made = []
    for a, b in every_pair(range(len(values))):
        weights = np.zeros(len(values))
        weights[[a, b]] = 1.0, -1.0
        error = math.sqrt(weights @ covariance @ weights)
        one = contrast(float(values[a] - values[b]), error, df=df, pair=(a, b))
        noise = np.random.default_rng(a * 10 + b).normal(size=3)
        made.append(
            replace(
                one,
                influence=Influence(examples=np.arange(3), raters=np.arange(3), values=noise),
                combination=Combination(weights=weights, covariance=covariance),
            )
        )
    return made


@pytest.mark.parametrize(("df", "wider"), [(math.inf, 1.0), (12.0, 1.2)])
def test_contrasts_of_one_models_means_are_tukeys_whatever_their_raters_seem_to_say(
    df: float, wider: float
) -> None:
    """With few degrees of freedom a little wider: each contrast's t is taken to have an error of its own."""
    values = np.array([0.0, 0.4, 1.1, 1.3])
    found = family(combined(values, np.eye(4) * 0.08, df), confidence=0.95)
    for one in found.differences:
        t = abs(one.figure.value) / 0.4
        tukeys = stats.studentized_range.sf(t * math.sqrt(2), 4, df)
        assert tukeys * 0.95 - 0.002 <= one.p_adjusted <= tukeys * wider * 1.05 + 0.002


def test_means_that_a_model_ties_together_are_nearly_one_contrast() -> None:
    """Two contrasts with one mean that nobody knows: both err with it, so that their family is hardly wider than one."""
    covariance = np.diag([1e-6, 1e-6, 1.0])
    rows = combined(np.array([2.0, 2.0, 0.0]), covariance, math.inf)[1:]
    found = family(rows, confidence=0.95).differences
    half = (found[0].figure.high - found[0].figure.low) / 2
    assert half == pytest.approx(stats.norm.ppf(0.975), rel=0.01)


def test_contrasts_of_two_models_keep_what_their_raters_show() -> None:
    one = combined(np.array([0.0, 1.0]), np.eye(2), 9.0)
    other = combined(np.array([0.0, 1.0]), np.eye(2) * 2, 9.0)
    assert "correlation_df" in _correlation([*one, *other])
