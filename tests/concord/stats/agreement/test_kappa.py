"""What the kappas share: irrCAC's weightings, tables of the literature, and intervals of rare answers."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from irrCAC.raw import CAC
from pandas import DataFrame
from scipy import stats

from concord.stats import InputError
from concord.stats.agreement import (
    AlphaCounts,
    Kappa,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
)
from concord.stats.agreement._few import hardly_any_differ
from tests.concord.stats.agreement.tables import (
    categories_by_unit,
    long_form,
    pairs,
    random_sets,
    units_by_raters,
)


def test_kappas_say_when_there_is_no_answer() -> None:
    for function in (fleiss_kappa, gwet_ac, conger_kappa):
        assert function([1, 2], [0, 1], [1, 1]).undefined
        assert function([1, 1, 2, 2], [0, 1, 0, 1], [4, 4, 4, 4]).undefined
        assert function([], [], []).undefined
    assert gwet_ac([1, 1, 2, 2], [0, 1, 0, 1], [4, 4, 4, 4], categories=[4, 5]).value == 1.0
    with pytest.raises(InputError):
        conger_kappa([1, 1], [-1, -1], [1, 2])


@pytest.mark.parametrize(
    ("table", "function", "published"),
    [
        ([[21, 12, 0, 0], [4, 17, 1, 0], [3, 9, 15, 2], [0, 0, 0, 1]], cohen_kappa, 0.47),
        ([[22, 2], [4, 11]], cohen_kappa, 0.67),
        ([[40, 9], [6, 45]], cohen_kappa, 0.70),
        ([[80, 10], [5, 5]], cohen_kappa, 0.32),
        ([[118, 5], [2, 0]], cohen_kappa, -0.0234),
        ([[118, 5], [2, 0]], gwet_ac, 0.9408),
        ([[20, 20], [10, 50]], cohen_kappa, 0.348),
        ([[20, 20], [10, 50]], fleiss_kappa, 0.341),
        ([[46, 6, 0], [0, 32, 0], [0, 6, 10]], cohen_kappa, 0.8013),
        ([[46, 6, 0], [0, 32, 0], [0, 6, 10]], fleiss_kappa, 0.7995),
    ],
)
def test_tables_of_the_literature_on_kappa(table, function, published: float) -> None:
    """Altman's (1991) mammograms; Sim & Wright (2005); Feinstein & Cicchetti's (1990) two paradoxes; Gwet's (2002) of 125
    subjects; Artstein & Poesio's (2008) dialogue acts, whose pi is Fleiss' kappa of two coders."""
    digits = len(str(published).partition(".")[2])
    assert function(*pairs(table)).value == pytest.approx(published, abs=0.5 * 10 ** -max(digits, 2))


@pytest.mark.parametrize(
    ("function", "value", "error"),
    [(conger_kappa, 0.7964094, 0.05891072), (gwet_ac, 0.8493305, 0.04321747)],
)
def test_two_abstractors_as_irrcacs_tables_print_them(function, value: float, error: float) -> None:
    """irrCAC's cont3x3abstractors; its functions of tables divide by n where those of ratings divide by n - 1."""
    result = function(*pairs([[13, 0, 0], [0, 20, 7], [0, 4, 56]]))
    assert result.value == pytest.approx(value, abs=6e-8)
    assert result.standard_error * np.sqrt(99 / 100) == pytest.approx(error, abs=6e-9)


NAN = np.nan
SCHEMES = ("identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar")
FAMILY = {"fleiss": fleiss_kappa, "gwet": gwet_ac, "conger": conger_kappa}


def test_kappas_of_every_weighting_against_irrcac(rng: np.random.Generator) -> None:
    """Value, standard error, observed and expected agreement; 8 sets for each of eight weightings."""
    for scheme in SCHEMES:
        for matrix, categories in random_sets(rng, 8):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the reference package uses pandas' older ways
                cac = CAC(DataFrame(matrix.T), weights=scheme, categories=categories.tolist(), digits=14)
            for name, function in FAMILY.items():
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    expected = getattr(cac, name)()["est"]
                result = function(*long_form(matrix), weights=scheme, categories=categories)
                if not result.defined:
                    assert not expected["pe"] < 1 - 1e-12
                    continue
                found = (result.value, result.observed, result.expected)
                theirs = (expected["coefficient_value"], expected["pa"], expected["pe"])
                assert found == pytest.approx(theirs, abs=1e-9), (name, scheme)
                if result.standard_error > 0 and matrix.shape[1] > 1:
                    assert result.standard_error == pytest.approx(expected["se"], abs=1e-9), (name, scheme)
                    t = stats.t.ppf(0.975, matrix.shape[1] - 1)
                    assert result.low == pytest.approx(result.value - t * result.standard_error, abs=1e-9)


@pytest.mark.parametrize("function", [fleiss_kappa, conger_kappa, gwet_ac])
def test_units_that_agree_are_alike_however_many_rated_them(function: Callable[..., Kappa]) -> None:
    table = np.zeros((60, 4))
    table[3] = table[4, 0] = 1
    whole = function(*units_by_raters(table), categories=[0, 1])
    table[10:25, 3] = table[25:40, 2] = table[40:55, :2] = np.nan
    found = function(*units_by_raters(table), categories=[0, 1])
    assert whole.notes == found.notes
    assert "only 2 of 60 units differ" in found.notes[0]
    assert "half a unit" in found.method
    alpha = krippendorff_alpha(*units_by_raters(table), level="nominal", categories=[0, 1])
    assert any("only 2 of 60 units differ" in note for note in alpha.notes)


def _rare(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An answer of two in a hundred, by two raters."""
    truth = rng.random(n) < 0.02
    return categories_by_unit(rng.random((n, 2)) < np.where(truth, 0.8, 0.01)[:, None])


def _by_chance(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An answer of three in a hundred that two raters give without looking."""
    return categories_by_unit(rng.random((n, 2)) < 0.03)


def _alike(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two answers as common, of which each of two raters misses one in a hundred."""
    return categories_by_unit((rng.random(n) < 0.5)[:, None] ^ (rng.random((n, 2)) < 0.01))


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
    found = function(*categories_by_unit(np.repeat(np.arange(40)[:, None] % 2, 2, axis=1)))
    assert found.value == found.high == 1.0
    # None of 40 units disagrees: up to 1 - .025 ** (1 / 40) = 9 % may, which lower it by .18.
    assert 0.6 < found.low < 0.9
    assert "no unit disagrees" in found.notes[0]


@pytest.mark.parametrize("function", [fleiss_kappa, conger_kappa, gwet_ac])
def test_half_a_unit_more_is_one_more_among_twice_as_many(function: Callable[..., Kappa]) -> None:
    table = np.zeros((60, 3), dtype=int)
    table[:4] = [[1, 1, 1], [1, 0, 0], [0, 0, 1], [0, 1, 1]]
    found = function(*categories_by_unit(table), categories=[0, 1])
    more = function(*categories_by_unit(np.vstack([table, table, [[1, 1, 1]]])), categories=[0, 1])
    error = more.standard_error * np.sqrt(2 * 60 / 59.5)
    half = stats.t.ppf(0.975, 59) * error / (1 - more.value**2)
    own = stats.t.ppf(0.975, 59) * found.standard_error / (1 - found.value**2)
    ends = np.arctanh([found.value, more.value]) + np.array([own, half])
    assert found.high == pytest.approx(np.tanh(ends).max())
    assert found.low == pytest.approx(np.tanh(np.arctanh(found.value) - own))
    assert "only 4 of 60 units differ" in found.notes[0]
    counts = AlphaCounts([0, 1])
    units, raters, values = categories_by_unit(table)
    counts.update(units, values, raters=raters)
    again = getattr(counts, function.__name__)()
    assert (again.low, again.high, again.notes) == (found.low, found.high, found.notes)


def test_weights_that_call_the_commonest_dissent_none_leave_no_interval() -> None:
    weights = [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    table = np.array([[0, 0]] * 20 + [[1, 0]] * 15 + [[2, 2]] * 5)
    for function in ALL:
        found = function(*categories_by_unit(table), weights=weights)
        assert found.value == 1.0
        assert np.isnan(found.low), function


@pytest.mark.parametrize("function", ALL)
def test_a_handful_of_units_is_said_to_tell_little(function: Callable[..., Kappa]) -> None:
    table = np.array([[0, 0], [1, 1], [0, 1], [1, 1], [0, 0], [1, 0]])
    assert any(
        "5 units tell little of others" in note for note in function(*categories_by_unit(table[:5])).notes
    )
    assert function(*categories_by_unit(table)).notes == ()


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
