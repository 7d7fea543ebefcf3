"""Krippendorff's alpha against his own tables, the reference package, and brute force."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.agreement import distances, krippendorff_alpha

LEVELS = ("nominal", "ordinal", "interval", "ratio")
NAN = np.nan
# Krippendorff (2011), section C: four observers, twelve units, missing data.
OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)


def long_form(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rater, unit = np.indices(matrix.shape)
    return unit.ravel(), rater.ravel(), matrix.ravel()


def brute_force(matrix: np.ndarray, distance) -> float:
    """The definition, pair by pair."""
    columns = [column[~np.isnan(column)] for column in matrix.T]
    columns = [column for column in columns if len(column) > 1]
    pooled = np.concatenate(columns)
    inside = sum(distance(c[:, None], c[None, :]).sum() / (len(c) - 1) for c in columns) / len(pooled)
    overall = distance(pooled[:, None], pooled[None, :]).sum() / (len(pooled) * (len(pooled) - 1))
    return 1 - inside / overall


def random_matrix(rng: np.random.Generator, *, top: int, fractional: bool = False) -> np.ndarray:
    shape = (int(rng.integers(2, 6)), int(rng.integers(2, 15)))
    matrix = rng.integers(0, top, size=shape).astype(float)
    if fractional:
        matrix = matrix + rng.random(shape)
    matrix[rng.random(shape) < 0.25] = NAN
    matrix[:2, 0] = (0, top - 1)
    return matrix


@pytest.mark.parametrize(
    ("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_against_krippendorffs_published_table(level: str, published: float) -> None:
    result = krippendorff_alpha(*long_form(OBSERVERS), level=level)
    assert result.value == pytest.approx(published, abs=5e-4)
    assert (result.n, result.n_ratings, result.n_raters) == (11, 40, 4)
    assert result.omitted == {"missing values": 7, "units with one rating": 1}


@pytest.mark.parametrize("level", ["ordinal", "interval", "ratio"])
def test_alpha_of_many_distinct_values_against_brute_force(level: str, rng: np.random.Generator) -> None:
    for _ in range(30):
        matrix = random_matrix(rng, top=40, fractional=True)
        if level == "ordinal":
            pooled = np.concatenate([c[~np.isnan(c)] for c in matrix.T if (~np.isnan(c)).sum() > 1])
            ranks = {value: (pooled < value).sum() + (pooled == value).sum() / 2 for value in pooled}
            ranked = np.vectorize(lambda v, ranks=ranks: ranks.get(v, NAN))(matrix)
            expected = brute_force(ranked, distances.interval)
        else:
            expected = brute_force(matrix, getattr(distances, level))
        result = krippendorff_alpha(*long_form(matrix), level=level, n_resamples=0)
        assert result.value == pytest.approx(expected, abs=1e-9)


def test_ratio_alpha_by_exponential_sums_against_brute_force(rng: np.random.Generator) -> None:
    matrix = np.exp(rng.normal(size=(3, 300)) * 3)
    matrix[0, :5] = 0.0
    result = krippendorff_alpha(*long_form(matrix), level="ratio", n_resamples=20)
    assert result.value == pytest.approx(brute_force(matrix, distances.ratio), abs=1e-11)


@pytest.mark.parametrize("distance", [distances.masi, distances.jaccard, distances.angular(24)])
def test_alpha_of_a_given_distance_against_brute_force(distance, rng: np.random.Generator) -> None:
    matrix = random_matrix(rng, top=16)
    result = krippendorff_alpha(*long_form(matrix), level=distance, n_resamples=10)
    kept = np.nan_to_num(matrix, nan=0.0)
    expected = brute_force(matrix, lambda a, b: distance(a, b))
    assert kept.shape == matrix.shape
    assert result.value == pytest.approx(expected, abs=1e-12)


def test_masi_and_jaccard_of_passonneaus_cases() -> None:
    a, b = np.array([0b11, 0b11, 0b1, 0b01, 0]), np.array([0b11, 0b01, 0b1, 0b10, 0])
    assert distances.jaccard(a, b).tolist() == [0.0, 0.5, 0.0, 1.0, 0.0]
    assert distances.masi(a, b) == pytest.approx([0.0, 1 - 0.5 * 2 / 3, 0.0, 1.0, 0.0])
    assert float(distances.masi(np.array(0b011), np.array(0b110))) == pytest.approx(1 - 1 / 3 * 1 / 3)


@pytest.mark.parametrize("level", LEVELS)
def test_per_unit_disagreement_adds_up_to_one_minus_alpha(level: str) -> None:
    result = krippendorff_alpha(*long_form(OBSERVERS), level=level)
    assert 1 - result.per_unit.sum() == pytest.approx(result.value, abs=1e-12)
    assert result.value == pytest.approx(1 - result.observed / result.expected, abs=1e-12)
    assert result.unit_codes[int(np.argmax(result.per_unit))] == 5  # the unit that got 1, 2, 3 and 4


@pytest.mark.parametrize("level", LEVELS)
def test_the_multinomial_bootstrap_is_the_bootstrap_over_units(level: str, rng: np.random.Generator) -> None:
    """Same distribution as drawing units one by one and computing alpha of each resample from scratch."""
    fast = krippendorff_alpha(*long_form(OBSERVERS), level=level, n_resamples=4000, rng=rng).resamples
    slow = []
    paired = OBSERVERS[:, (~np.isnan(OBSERVERS)).sum(axis=0) > 1]
    for _ in range(400):
        drawn = paired[:, rng.integers(paired.shape[1], size=paired.shape[1])]
        slow.append(krippendorff_alpha(*long_form(drawn), level=level, n_resamples=0).value)
    quantiles = [0.1, 0.25, 0.5, 0.75, 0.9]
    assert np.nanquantile(fast, quantiles) == pytest.approx(np.nanquantile(slow, quantiles), abs=0.06)


@pytest.mark.parametrize(
    ("level", "n_units"), [("interval", 60_000), ("ordinal", 12_000), ("ratio", 12_000), ("nominal", 12_000)]
)
def test_the_normal_limit_agrees_with_the_exact_bootstrap(
    level: str, n_units: int, rng: np.random.Generator
) -> None:
    from concord.stats.agreement._alpha import bootstrap

    unit = np.repeat(np.arange(n_units), 3)
    value = rng.normal(size=n_units)[unit] + rng.normal(size=len(unit))
    value = np.rint(5 * value) if level == "nominal" else np.exp(value)
    limit = krippendorff_alpha(unit, np.full(len(unit), -1), value, level=level, n_resamples=2000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "_in_the_limit", lambda *_: None)
        exact = krippendorff_alpha(unit, np.full(len(unit), -1), value, level=level, n_resamples=400)
    assert limit.standard_error == pytest.approx(exact.standard_error, rel=0.15)
    assert limit.resamples.mean() == pytest.approx(exact.resamples.mean(), abs=0.2 * exact.standard_error)
    assert limit.value == exact.value


@pytest.mark.parametrize("level", ["nominal", "ordinal", "ratio"])
def test_the_influence_of_a_unit_is_the_slope_of_alpha_in_its_weight(
    level: str, rng: np.random.Generator
) -> None:
    from concord.stats.agreement._alpha.build import build_terms
    from concord.stats.agreement._alpha.ordinal import OrdinalRanks
    from concord.stats.agreement._alpha.terms import FixedDistance, LogMoments, alpha_of, totals_of
    from concord.stats.agreement._ratings import pairable, ratings

    unit = rng.integers(0, 90, size=400)
    value = rng.integers(1, 60, size=400) + unit % 7
    value = value * 1.01 ** rng.integers(0, 9, size=400) if level == "ratio" else value
    terms, _ = build_terms(pairable(ratings(unit, np.arange(400), value)), level, None)

    def alpha(weights: np.ndarray) -> float:
        return float(alpha_of(*terms.disagreement(totals_of(terms.features, weights), weights))[0])

    step = 1e-4 * np.eye(len(terms.multiplicity))
    slopes = [(alpha(1 + move[None]) - alpha(1 - move[None])) / 2e-4 for move in step]
    assert isinstance(terms, FixedDistance | LogMoments | OrdinalRanks)
    assert terms.influence() == pytest.approx(np.array(slopes), abs=1e-9)


@pytest.mark.parametrize("span", [1e-3, 1.0, 12.0, 60.0])
def test_ratio_distances_of_many_magnitudes_are_those_of_all_pairs(
    span: float, rng: np.random.Generator
) -> None:
    unit, value = np.arange(600) // 3, np.exp(span * rng.random(600))
    value[rng.random(600) < 0.05] = 0.0
    both = value[:, None] + value
    distance = np.square((value[:, None] - value) / np.where(both > 0, both, 1.0))
    result = krippendorff_alpha(unit, np.full(600, -1), value, level="ratio", n_resamples=0)
    assert result.observed == pytest.approx((distance * (unit[:, None] == unit)).sum() / 2 / 600, rel=1e-9)
    assert result.expected == pytest.approx(distance.sum() / 600 / 599, rel=1e-9)


def test_no_second_rating_is_undefined_and_says_why() -> None:
    result = krippendorff_alpha([1, 2, 3], [0, 0, 0], [1, 2, 3], level="nominal")
    assert np.isnan(result.value)
    assert "two ratings" in str(result.undefined)
    assert krippendorff_alpha([], [], [], level="interval").undefined is not None


@pytest.mark.parametrize("level", LEVELS)
def test_all_equal_is_zero_over_zero_and_not_one(level: str) -> None:
    result = krippendorff_alpha([1, 1, 2, 2], [0, 1, 0, 1], [3, 3, 3, 3], level=level)
    assert np.isnan(result.value)
    assert "same value" in str(result.undefined)


def test_a_later_rating_supersedes_and_anonymous_raters_are_distinct() -> None:
    named = krippendorff_alpha([1, 1, 1, 2, 2], [0, 1, 0, 0, 1], [9, 1, 1, 2, 2], level="nominal")
    assert named.value == 1.0
    assert named.omitted == {"repeated ratings": 1}
    anonymous = krippendorff_alpha([1, 1, 1, 2, 2], [-1] * 5, [9, 1, 1, 2, 2], level="nominal")
    assert (anonymous.n_ratings, anonymous.n_raters) == (5, 5)


def test_huge_integers_stay_distinct_labels() -> None:
    big = 2**62
    result = krippendorff_alpha([big, big, 7, 7], [0, 1, 0, 1], [big, big + 1, 5, 5], level="nominal")
    assert result.value == pytest.approx(1 - 3 * 2 / (16 - 1 - 1 - 4))


@pytest.mark.parametrize("scale", [1e-300, 1e300])
@pytest.mark.parametrize("level", ["interval", "ratio"])
def test_extreme_magnitudes_do_not_overflow(level: str, scale: float) -> None:
    units, raters, values = long_form(OBSERVERS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = krippendorff_alpha(units, raters, values * scale, level=level)
    assert result.value == pytest.approx(
        krippendorff_alpha(units, raters, values, level=level).value, abs=1e-9
    )


@pytest.mark.parametrize(
    ("units", "raters", "values"),
    [
        ([1, 1], [0, 1], ["a", "b"]),
        ([1, 1], [0, 1], ["1", "2"]),
        ([1, 1], [0, 1], [1.0, np.inf]),
        ([1.5, 1], [0, 1], [1, 2]),
        ([1, 1], [0], [1, 2]),
        ([1, 1], [0, 1], [[1], [2]]),
        ([1, 1], [0, np.nan], [1, 2]),
        ([1, 1], [0, 1], [10**30, 1]),
    ],
)
def test_malformed_input_is_refused(units, raters, values) -> None:
    with pytest.raises(InputError):
        krippendorff_alpha(units, raters, values, level="nominal")


def test_values_outside_the_categories_and_negative_ratios_are_refused() -> None:
    with pytest.raises(InputError, match="categories"):
        krippendorff_alpha([1, 1], [0, 1], [1, 7], level="nominal", categories=[1, 2])
    with pytest.raises(InputError, match="negative"):
        krippendorff_alpha([1, 1], [0, 1], [-1, 7], level="ratio")


def test_categories_give_the_order_of_ranks() -> None:
    units, raters, values = long_form(OBSERVERS)
    reordered = krippendorff_alpha(units, raters, values, level="ordinal", categories=[3, 1, 5, 2, 4])
    recoded = np.full_like(values, NAN)
    for rank, category in enumerate([3, 1, 5, 2, 4]):
        recoded[values == category] = rank
    assert reordered.value == pytest.approx(krippendorff_alpha(units, raters, recoded, level="ordinal").value)


def answered_by_example(n_examples: int, seed: int = 4) -> tuple[np.ndarray, ...]:
    """Three raters, four outputs of each example: units, raters, values, examples."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 6, (n_examples, 1, 1)) + rng.integers(0, 2, (n_examples, 4, 1))
    table = np.clip(truth + rng.integers(-1, 2, (n_examples, 4, 3)), 1, 6).reshape(-1, 3)
    table = np.where(rng.random(table.shape) < 0.2, NAN, table.astype(float))
    return (*long_form(table.T), np.arange(table.size) % len(table) // 4)


@pytest.mark.parametrize("level", LEVELS)
def test_the_jackknife_over_clusters_against_leaving_each_out(level: str) -> None:
    units, raters, values, examples = answered_by_example(12)
    found = krippendorff_alpha(units, raters, values, level=level, clusters=examples)
    left = [
        krippendorff_alpha(
            units[kept], raters[kept], values[kept], level=level, categories=range(1, 7), n_resamples=0
        ).value
        for kept in (examples != example for example in range(12))
    ]
    error = np.sqrt(11 / 12 * np.square(np.array(left) - np.mean(left)).sum())
    assert found.standard_error == pytest.approx(error, rel=1e-9)
    half = 2.200985160082949 * error  # Student's t, 11 degrees of freedom
    assert [found.low, found.high] == pytest.approx([found.value - half, min(found.value + half, 1)])
    assert found.value == krippendorff_alpha(units, raters, values, level=level).value
    assert found.method == "jackknife of 12 clusters, t interval"


def test_many_clusters_are_left_out_in_groups_of_about_the_same_error() -> None:
    data = answered_by_example(450)
    grouped = krippendorff_alpha(*data[:3], level="interval", clusters=data[3])
    assert "200 groups of clusters" in grouped.method
    by_unit = krippendorff_alpha(*data[:3], level="interval")
    ratio = (grouped.high - grouped.low) / (by_unit.high - by_unit.low)
    assert 1.1 < ratio < 2.5, "four units of an example are hardly more than one"


def test_clusters_of_one_unit_each_change_nothing() -> None:
    data = long_form(OBSERVERS)
    plain, alone = (krippendorff_alpha(*data, level="nominal", clusters=c) for c in (None, data[0] * 7))
    assert (plain.low, plain.high, plain.method) == (alone.low, alone.high, alone.method)


def test_one_cluster_tells_nothing_of_others() -> None:
    data = long_form(OBSERVERS)
    found = krippendorff_alpha(*data, level="nominal", clusters=np.zeros(len(data[0]), dtype=int))
    assert found.defined
    assert np.isnan(found.low)
    assert "one cluster" in found.notes[-1]


def test_a_unit_in_two_clusters_and_clusters_beside_resampled_raters_are_refused() -> None:
    units, raters, values = [1, 1, 2, 2, 3, 3], [0, 1] * 3, [1, 1, 2, 2, 1, 2]
    with pytest.raises(InputError, match="unit 2 lies in 5 and 6"):
        krippendorff_alpha(units, raters, values, level="nominal", clusters=[5, 5, 5, 6, 6, 6])
    with pytest.raises(InputError, match="clusters go with"):
        krippendorff_alpha(units, raters, values, level="nominal", clusters=[1] * 6, resample="units+raters")
