"""Cohen's kappa and percent agreement against published tables and statsmodels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError
from concord.stats.agreement import (
    AlphaCounts,
    Kappa,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    percent_agreement,
)
from concord.stats.agreement._few import hardly_any_differ


def from_table(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two raters whose joint counts are the table."""
    row, column = (
        np.repeat(index.ravel(), np.asarray(table).ravel()) for index in np.indices(np.shape(table))
    )
    n = len(row)
    return np.tile(np.arange(n), 2), np.repeat([0, 1], n), np.concatenate([row, column])


def test_cohens_published_weighted_kappa() -> None:
    """Cohen (1968), table 1: 200 patients in three diagnoses; disagreement weights 0 1 3 / 1 0 6 / 3 6 0."""
    table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    disagreement = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    result = cohen_kappa(*from_table(np.array(table)), weights=1 - disagreement / 6)
    assert result.value == pytest.approx(0.348, abs=1e-3)
    assert cohen_kappa(*from_table(np.array(table))).value == pytest.approx(0.492, abs=1e-3)


def test_cohen_kappa_refuses_three_raters_and_answers_nothing_on_one_category() -> None:
    with pytest.raises(InputError, match="two raters"):
        cohen_kappa([1, 1, 1], [0, 1, 2], [1, 1, 2])
    with pytest.raises(InputError, match="anonymous"):
        cohen_kappa([1, 1], [0, -1], [1, 1])
    assert "one category" in str(cohen_kappa([1, 1, 2, 2], [0, 1, 0, 1], [5, 5, 5, 5]).undefined)


def test_percent_agreement_by_hand() -> None:
    units, raters, values = [1, 1, 1, 2, 2, 3], [0, 1, 2, 0, 1, 0], [1, 1, 2, 4, 4, 9]
    by_unit = percent_agreement(units, raters, values)
    assert by_unit.value == pytest.approx((1 / 3 + 1) / 2)
    assert by_unit.n == 2
    assert by_unit.omitted == {"units with one rating": 1}
    assert percent_agreement(units, raters, values, weighting="pairs").value == pytest.approx(4 / 8)
    perfect = percent_agreement([1, 1, 2, 2], [0, 1, 0, 1], [1, 1, 2, 2])
    assert perfect.value == 1.0
    assert perfect.low == pytest.approx(2 / (2 + 1.959964**2), abs=1e-6)


def test_cohens_interval_is_that_of_fishers_z() -> None:
    result = cohen_kappa(*from_table(np.array([[75, 1, 4], [5, 4, 1], [0, 0, 10]])))
    z = stats.t.ppf(0.975, 99) * result.standard_error / (1 - result.value**2)
    expected = np.tanh(np.arctanh(result.value) + np.array([-z, z]))
    assert [result.low, result.high] == pytest.approx(expected)
    assert result.value - result.low > result.high - result.value  # it leans away from 1


def test_cohens_interval_reaches_neither_1_nor_minus_1() -> None:
    alike = cohen_kappa([*range(8)] * 2, [0] * 8 + [1] * 8, [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0])
    apart = cohen_kappa([*range(8)] * 2, [0] * 8 + [1] * 8, [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1])
    assert -1 < alike.low < alike.high < 1
    assert -1 < apart.low < apart.high < 1


def test_weights_that_lead_below_minus_1_keep_a_symmetric_interval() -> None:
    weights = np.ones((6, 6))
    weights[[0, 1, 2, 3, 4, 5], [3, 4, 5, 0, 1, 2]] = 0
    first, second = [0, 1, 2, 0, 1, 2, 0, 1], [3, 4, 5, 3, 4, 5, 3, 5]
    result = cohen_kappa(
        [*range(8)] * 2, [0] * 8 + [1] * 8, first + second, weights=weights, categories=[*range(6)]
    )
    assert result.value < -1
    assert result.value - result.low == pytest.approx(result.high - result.value)


def test_more_categories_than_tables_can_hold_are_refused() -> None:
    units, raters = np.repeat(np.arange(2001), 2), np.tile([0, 1], 2001)
    assert cohen_kappa(units[:4000], raters[:4000], units[:4000]).value == 1.0
    with pytest.raises(InputError, match="at most 2,000 categories, got 2,001"):
        cohen_kappa(units, raters, units)


def _rare(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An answer of two in a hundred, by two raters."""
    truth = rng.random(n) < 0.02
    return _long_form(rng.random((n, 2)) < np.where(truth, 0.8, 0.01)[:, None])


def _by_chance(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An answer of three in a hundred that two raters give without looking."""
    return _long_form(rng.random((n, 2)) < 0.03)


def _alike(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two answers as common, of which each of two raters misses one in a hundred."""
    return _long_form((rng.random(n) < 0.5)[:, None] ^ (rng.random((n, 2)) < 0.01))


def _long_form(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    unit, rater = np.indices(table.shape)
    return unit.ravel(), rater.ravel(), table.astype(int).ravel()


ALL = [cohen_kappa, fleiss_kappa, conger_kappa, gwet_ac]


@pytest.mark.parametrize(("make", "n"), [(_rare, 100), (_alike, 150), (_by_chance, 385)])
@pytest.mark.parametrize("function", ALL)
def test_intervals_reach_the_truth_that_hardly_any_unit_shows(
    function: Callable[..., Kappa], make: Callable[..., tuple[np.ndarray, ...]], n: int
) -> None:
    truth = function(*make(np.random.default_rng(1), 200_000), categories=[0, 1]).value
    rng = np.random.default_rng(2)
    drawn = [function(*make(rng, n), categories=[0, 1]) for _ in range(300)]
    held = [found.low <= truth <= found.high for found in drawn if np.isfinite(found.low)]
    assert len(held) > 240
    assert np.mean(held) > 0.93  # symmetric: .30 to .80 of the rare answer, .83 of AC1 where raters are alike


@pytest.mark.parametrize("function", ALL)
def test_perfect_agreement_has_a_lower_end(function: Callable[..., Kappa]) -> None:
    found = function(*_long_form(np.repeat(np.arange(40)[:, None] % 2, 2, axis=1)))
    assert found.value == found.high == 1.0
    # None of 40 units disagrees: up to 1 - .025 ** (1 / 40) = 9 % may, which lower it by .18.
    assert 0.6 < found.low < 0.9
    assert "no unit disagrees" in found.notes[0]


@pytest.mark.parametrize("function", [fleiss_kappa, conger_kappa, gwet_ac])
def test_half_a_unit_more_is_one_more_among_twice_as_many(function: Callable[..., Kappa]) -> None:
    table = np.zeros((60, 3), dtype=int)
    table[:4] = [[1, 1, 1], [1, 0, 0], [0, 0, 1], [0, 1, 1]]
    found = function(*_long_form(table), categories=[0, 1])
    more = function(*_long_form(np.vstack([table, table, [[1, 1, 1]]])), categories=[0, 1])
    error = more.standard_error * np.sqrt(2 * 60 / 59.5)
    half = stats.t.ppf(0.975, 59) * error / (1 - more.value**2)
    own = stats.t.ppf(0.975, 59) * found.standard_error / (1 - found.value**2)
    ends = np.arctanh([found.value, more.value]) + np.array([own, half])
    assert found.high == pytest.approx(np.tanh(ends).max())
    assert found.low == pytest.approx(np.tanh(np.arctanh(found.value) - own))
    assert "only 4 of 60 units differ" in found.notes[0]
    counts = AlphaCounts([0, 1])
    units, raters, values = _long_form(table)
    counts.update(units, values, raters=raters)
    again = getattr(counts, function.__name__)()
    assert (again.low, again.high, again.notes) == (found.low, found.high, found.notes)


def test_fewer_than_thirty_units_keep_the_symmetric_interval() -> None:
    table = np.zeros((29, 2), dtype=int)
    table[:2] = [[1, 1], [1, 0]]
    found = gwet_ac(*_long_form(table), categories=[0, 1])
    assert found.low == pytest.approx(found.value - stats.t.ppf(0.975, 28) * found.standard_error)
    assert "only 2 of 29 units differ" in found.notes[0]


def test_weights_that_call_the_commonest_dissent_none_leave_no_interval() -> None:
    weights = [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    table = np.array([[0, 0]] * 20 + [[1, 0]] * 15 + [[2, 2]] * 5)
    for function in ALL:
        found = function(*_long_form(table), weights=weights)
        assert found.value == 1.0
        assert np.isnan(found.low), function


@pytest.mark.parametrize("function", ALL)
def test_a_handful_of_units_is_said_to_tell_little(function: Callable[..., Kappa]) -> None:
    table = np.array([[0, 0], [1, 1], [0, 1], [1, 1], [0, 0], [1, 0]])
    assert any("5 units tell little of others" in note for note in function(*_long_form(table[:5])).notes)
    assert function(*_long_form(table)).notes == ()


@pytest.mark.parametrize(("disagree", "how"), [(9, "t interval of atanh"), (10, "t interval")])
def test_fleiss_interval_leans_where_few_units_disagree(disagree: int, how: str) -> None:
    table = np.repeat(np.repeat([[0.0], [1.0]], 100, axis=0), 2, axis=1)
    table[: 2 * disagree : 2, 1] = 1
    found = fleiss_kappa(*_long_form(table))
    assert found.method.endswith(f", {how}")
    assert not found.notes


@pytest.mark.parametrize(
    ("alike", "otherwise", "said"),
    [
        (91, 40, "only 9 of 100 units differ"),
        (90, 4, "in only 4 of 100 units do raters agree"),
        (90, 5, ""),
        (49, 0, ""),
    ],
)
def test_too_few_units_that_tell_of_rare_answers_are_named(alike: int, otherwise: int, said: str) -> None:
    notes = hardly_any_differ(100, alike, otherwise)
    assert len(notes) == bool(said)
    assert said in "".join(notes)


def test_cohens_interval_rests_on_the_clusters_against_simulation() -> None:
    """Six outputs of each of 40 examples, of which both answers lean by example: without clusters it holds about .8."""
    rng, covered = np.random.default_rng(8), [0, 0]
    example = np.repeat(np.arange(40), 6)

    def answers(examples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        hard = rng.normal(0, 2, examples.max() + 1)[examples]
        true = rng.random(len(examples)) < 1 / (1 + np.exp(-hard))
        agree = rng.random((2, len(examples))) < 1 / (1 + np.exp(-np.abs(hard)))
        first, second = np.where(agree, true, ~true)
        return first, second

    first, second = answers(np.repeat(np.arange(40_000), 6))
    both = np.tile(np.arange(len(first)), 2), np.repeat([0, 1], len(first))
    truth = cohen_kappa(*both, np.concatenate([first, second]).astype(int)).value
    for _ in range(250):
        first, second = answers(example)
        rows = np.tile(np.arange(240), 2), np.repeat([0, 1], 240), np.concatenate([first, second]).astype(int)
        for at, clusters in enumerate((np.tile(example, 2), None)):
            found = cohen_kappa(*rows, clusters=clusters)
            covered[at] += found.low <= truth <= found.high
    assert 0.91 <= covered[0] / 250 <= 0.985
    assert covered[1] < covered[0]


def test_clusters_of_one_unit_change_nothing_of_cohens_kappa_and_one_cluster_says_nothing() -> None:
    unit, rater = np.tile(np.arange(12), 2), np.repeat([0, 1], 12)
    values = [0, 1] * 6 + [0, 1, 1, 1, 0, 0] * 2
    plain = cohen_kappa(unit, rater, values)
    assert cohen_kappa(unit, rater, values, clusters=unit + 5) == plain
    one = cohen_kappa(unit, rater, values, clusters=[3] * 24)
    assert one.value == plain.value
    assert np.isnan([one.low, one.high]).all()
    same = cohen_kappa(unit, rater, [0, 1] * 12, clusters=unit % 4)
    assert (same.value, same.high) == (1, 1)
    assert same.low < cohen_kappa(unit, rater, [0, 1] * 12).low
    with pytest.raises(InputError, match="whole units"):
        cohen_kappa(unit, rater, values, clusters=np.arange(24))


@pytest.mark.parametrize("function", [fleiss_kappa, conger_kappa])
@pytest.mark.parametrize("dissent", [0.0, 0.02, 0.6])
@pytest.mark.parametrize("weighted", [False, True])
def test_categories_that_nobody_used_change_nothing(
    function: Callable[..., Kappa], dissent: float, weighted: bool
) -> None:
    """Chance of the pooled or of the raters' own shares gives an unused category none, however many are listed."""
    rng = np.random.default_rng(11)
    unit, rater = (part.ravel() for part in np.indices((60, 4)))
    kept = rng.random(240) < 0.8
    value = np.where(rng.random(240) < dissent, rng.integers(0, 5, 240), 2 * (unit % 10 == 0))
    every, apart = np.arange(40), np.abs(np.subtract.outer(np.arange(40), np.arange(40))) / 39
    weights = 1 - np.sqrt(apart)
    few, many = (
        function(
            unit[kept],
            rater[kept],
            value[kept],
            categories=every[:k],
            weights=weights[:k, :k] if weighted else None,
        )
        for k in (5, 40)
    )
    for name in ("value", "low", "high", "standard_error", "observed", "expected"):
        assert getattr(many, name) == pytest.approx(getattr(few, name), rel=1e-12, nan_ok=True), name
    assert (many.method, many.notes, many.n, many.n_ratings) == (few.method, few.notes, few.n, few.n_ratings)


def test_agreement_of_many_categories_is_that_of_its_definition() -> None:
    """Gwet's coefficient of 60 categories, unit by unit and pair by pair."""
    rng = np.random.default_rng(12)
    unit = np.repeat(np.arange(30), rng.integers(1, 6, 30))
    value = np.where(rng.random(len(unit)) < 0.6, unit % 60, rng.integers(0, 60, len(unit)))
    weights = rng.random((60, 60))
    weights = (weights + weights.T) / 2
    np.fill_diagonal(weights, 1.0)
    rated = [value[unit == u] for u in range(30)]
    shares = np.mean([np.bincount(given, minlength=60) / len(given) for given in rated], axis=0)
    for w in (np.eye(60), weights):
        agreeing = [
            np.mean([w[a, b] for i, a in enumerate(given) for j, b in enumerate(given) if i != j])
            for given in rated
            if len(given) > 1
        ]
        by_chance = w.sum() / (60 * 59) * (shares * (1 - shares)).sum()
        found = gwet_ac(unit, np.full(len(unit), -1), value, weights=w, categories=np.arange(60))
        assert found.observed == pytest.approx(np.mean(agreeing), rel=1e-12)
        assert found.expected == pytest.approx(by_chance, rel=1e-12)
