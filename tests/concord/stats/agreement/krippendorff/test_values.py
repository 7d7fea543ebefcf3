"""Alpha itself: published tables, brute force, the krippendorff package, and what is refused."""

from __future__ import annotations

import gzip
import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.agreement import distances, krippendorff_alpha
from tests.concord.stats.agreement.tables import TWELVE, long_form, random_sets

NAN = np.nan


def test_krippendorffs_two_observers_with_binary_and_with_nominal_data() -> None:
    """Krippendorff (2011), sections A and B: alpha .095 and .692."""
    meg, owen = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    binary = krippendorff_alpha(*long_form(np.array([meg, owen])), level="nominal")
    assert binary.value == pytest.approx(0.095, abs=5e-4)
    assert binary.observed * binary.n_ratings == pytest.approx(8)  # o_01 + o_10
    ben, gerry = "aabbdcccedda", "babbbccceddd"
    letters = np.array([[ord(c) for c in who] for who in (ben, gerry)])
    assert krippendorff_alpha(*long_form(letters), level="nominal").value == pytest.approx(0.692, abs=5e-4)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_two_values_have_one_alpha_for_every_level_but_ratio_scale(level: str) -> None:
    """With two values every distance is a multiple of the nominal one."""
    meg, owen = [1, 2, 1, 1, 1, 1, 1, 1, 2, 1], [2, 2, 2, 1, 1, 2, 1, 1, 1, 1]
    value = krippendorff_alpha(*long_form(np.array([meg, owen])), level=level).value
    assert value == pytest.approx(0.0952380952, abs=1e-9)


# The three coders of the encyclopedia's article on alpha, also the reference package's example; * is missing.
THREE_CODERS = ["*****34121133*3", "1*213343*******", "**21344*21133*4"]


def coded(rows: list[str]) -> np.ndarray:
    return np.array([[NAN if c == "*" else float(c) for c in row] for row in rows])


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.691), ("interval", 0.811)])
def test_three_coders_and_fifteen_units(level: str, alpha: float) -> None:
    assert krippendorff_alpha(*long_form(coded(THREE_CODERS)), level=level).value == pytest.approx(
        alpha, abs=5e-4
    )


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_against_krippendorffs_package_by_ratings_and_by_counts(
    level: str, rng: np.random.Generator
) -> None:
    """The package is GPL and so an extra, which may not be there."""
    krippendorff = pytest.importorskip("krippendorff")
    for matrix, categories in random_sets(rng, 250):
        result = krippendorff_alpha(*long_form(matrix), level=level, n_resamples=0)
        by_ratings = krippendorff.alpha(matrix, level_of_measurement=level)
        counts = (matrix[:, :, None] == categories).sum(axis=0)
        by_counts = krippendorff.alpha(
            value_counts=counts, level_of_measurement=level, value_domain=categories.tolist()
        )
        assert result.value == pytest.approx(by_ratings, abs=1e-9)
        assert result.value == pytest.approx(by_counts, abs=1e-9)


LEVELS = ("nominal", "ordinal", "interval", "ratio")


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
    result = krippendorff_alpha(*long_form(TWELVE), level=level)
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


@pytest.mark.parametrize("level", LEVELS)
def test_per_unit_disagreement_adds_up_to_one_minus_alpha(level: str) -> None:
    result = krippendorff_alpha(*long_form(TWELVE), level=level)
    assert 1 - result.per_unit.sum() == pytest.approx(result.value, abs=1e-12)
    assert result.value == pytest.approx(1 - result.observed / result.expected, abs=1e-12)
    assert result.unit_codes[int(np.argmax(result.per_unit))] == 5  # the unit that got 1, 2, 3 and 4


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
    assert (len(result.resamples), len(result.per_unit), result.n) == (0, 0, 0)
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
    units, raters, values = long_form(TWELVE)
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
    units, raters, values = long_form(TWELVE)
    reordered = krippendorff_alpha(units, raters, values, level="ordinal", categories=[3, 1, 5, 2, 4])
    recoded = np.full_like(values, NAN)
    for rank, category in enumerate([3, 1, 5, 2, 4]):
        recoded[values == category] = rank
    assert reordered.value == pytest.approx(krippendorff_alpha(units, raters, recoded, level="ordinal").value)


def test_ratio_alpha_of_units_with_very_many_ratings_compares_all_pairs(rng: np.random.Generator) -> None:
    sizes = [300, 2, 90, 5, 40]
    unit = np.repeat(np.arange(5), sizes)
    value = np.where(rng.random(437) < 0.1, 0.0, rng.gamma(2.0, size=437) + unit)
    a, b = value[:, None], value[None, :]
    distance = np.square(np.divide(a - b, a + b, out=np.zeros((437, 437)), where=a + b > 0))
    inside = [distance[np.ix_(unit == u, unit == u)].sum() / (m - 1) for u, m in enumerate(sizes)]
    plain = 1 - 436 * sum(inside) / distance.sum()
    found = krippendorff_alpha(unit, np.arange(437), value, level="ratio", n_resamples=0)
    assert found.value == pytest.approx(plain, rel=1e-11)


OUTCOME = {"left": 1.0, "right": 0.0, "tie": 0.5}


@pytest.mark.real_data
def test_llmfao_alpha(llmfao: dict[str, np.ndarray]) -> None:
    result = krippendorff_alpha(llmfao["unit"], llmfao["rater"], llmfao["outcome"], level="nominal")
    assert result.value == pytest.approx(0.2906, abs=5e-5)
    assert 0.2 < result.low < result.value < result.high < 0.4


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("dimension", "published"),
    [("coherence", 0.559), ("consistency", 0.899), ("fluency", 0.726), ("relevance", 0.453)],
)
def test_summeval_interval_alpha(shared_data: Path, dimension: str, published: float) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = shared_data / "summeval" / "expert_ratings.parquet"
    if not path.exists():
        pytest.skip(f"SummEval is not here: {path}")
    table = parquet.read_table(path).to_pydict()
    rows = [i for i, name in enumerate(table["dimension"]) if name == dimension]
    keys = {key: i for i, key in enumerate({(table["doc_id"][j], table["system"][j]) for j in rows})}
    raters = {key: i for i, key in enumerate({table["rater_id"][j] for j in rows})}
    result = krippendorff_alpha(
        [keys[table["doc_id"][j], table["system"][j]] for j in rows],
        [raters[table["rater_id"][j]] for j in rows],
        [float(table["rating"][j]) for j in rows],
        level="interval",
    )
    assert result.value == pytest.approx(published, abs=5e-4)
    assert (result.n, result.n_ratings) == (1600, 4800)


@pytest.mark.real_data
def test_diasafety_alphas(shared_data: Path) -> None:
    path = shared_data / "diasafety_cc" / "labels.json.gz"
    if not path.exists():
        pytest.skip(f"DiaSafety-CC is not here: {path}")
    rows = json.loads(gzip.decompress(path.read_bytes()))
    columns = ["label1_ng", "label2_ng", "label3_ng", "label1_in", "label2_in", "label3_in"]
    names = {name: i for i, name in enumerate(sorted({row[c] for row in rows for c in columns}))}
    table = np.array([[names[row[c]] for c in columns] for row in rows])
    unit, rater = np.indices(table.shape)
    for part, published in ((slice(0, 3), 0.191), (slice(3, 6), 0.420), (slice(0, 6), 0.313)):
        result = krippendorff_alpha(
            unit[:, part].ravel(),
            rater[:, part].ravel(),
            table[:, part].ravel(),
            level="nominal",
            n_resamples=0,
        )
        assert result.value == pytest.approx(published, abs=5e-4)


@pytest.mark.real_data
def test_summeval_alpha_over_all_dimensions(shared_data: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = shared_data / "summeval" / "expert_ratings.parquet"
    if not path.exists():
        pytest.skip(f"SummEval is not here: {path}")
    table = parquet.read_table(path).to_pydict()
    keys = list(zip(table["doc_id"], table["system"], table["dimension"], strict=True))
    unit = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    rater = {name: i for i, name in enumerate(sorted(set(table["rater_id"])))}
    found = krippendorff_alpha(
        [unit[key] for key in keys],
        [rater[name] for name in table["rater_id"]],
        [float(rating) for rating in table["rating"]],
        level="interval",
        n_resamples=0,
    )
    assert (found.n, found.n_ratings) == (6400, 19200)
    assert found.value == pytest.approx(0.7187, abs=5e-5)


@pytest.mark.parametrize("scale", [1e-3, 50.0, 1e-120, 1e120])
def test_disagreement_is_in_squares_of_the_values_own_units(scale: float) -> None:
    """Units answered 1, 2 and 3, 5: squares of 1 and 4 within; of all twelve ordered pairs 2 (1 + 4 + 16 + 1 + 9 + 4)."""
    found = krippendorff_alpha(
        [0, 0, 1, 1], [0, 1, 0, 1], scale * np.array([1.0, 2, 3, 5]), level="interval", n_resamples=0
    )
    assert found.observed == pytest.approx(scale**2 * (1 + 1 + 4 + 4) / 4)
    assert found.expected == pytest.approx(scale**2 * 2 * (1 + 4 + 16 + 1 + 9 + 4) / 12)
    assert found.per_unit == pytest.approx([2 / 4 / (70 / 12), 8 / 4 / (70 / 12)])


def test_a_distance_of_ones_own_is_one() -> None:
    """Finite, not negative, the same in both directions, nothing between a value and itself, as large as the categories."""
    data = long_form(TWELVE)
    good = 1.0 - np.eye(5)
    assert krippendorff_alpha(*data, level=good, n_resamples=0).value == pytest.approx(
        krippendorff_alpha(*data, level="nominal", n_resamples=0).value
    )
    for place, value, said in (
        ((0, 1), -0.5, "finite and not negative"),
        ((0, 1), np.inf, "finite and not negative"),
        ((0, 1), 0.5, "symmetric"),
        ((2, 2), 0.5, "symmetric and 0 between"),
    ):
        bad = good.copy()
        bad[place] = value
        if said.startswith("finite"):
            bad[place[::-1]] = value
        with pytest.raises(InputError, match=said):
            krippendorff_alpha(*data, level=bad)
    with pytest.raises(InputError, match=r"must be a \(5, 5\) matrix, got shape \(4, 4\)"):
        krippendorff_alpha(*data, level=1.0 - np.eye(4))
