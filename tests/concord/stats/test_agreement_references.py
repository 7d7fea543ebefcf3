"""Agreement against irrCAC, statsmodels, scikit-learn, krippendorff and R on hundreds of random sets with missing ratings."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from irrCAC.raw import CAC
from pandas import DataFrame
from scipy import stats
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats import inter_rater

from concord.stats.agreement import (
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    kendall_w,
    krippendorff_alpha,
    percent_agreement,
)

NAN = np.nan
SCHEMES = ("identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar")
FAMILY = {"fleiss": fleiss_kappa, "gwet": gwet_ac, "conger": conger_kappa}


def long_form(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rater, unit = np.indices(matrix.shape)
    return unit.ravel(), rater.ravel(), matrix.ravel()


def random_sets(rng: np.random.Generator, n: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Ratings (raters, units) with a third missing at most, and their categories, which need not be equally far apart."""
    while n:
        k, shape = int(rng.integers(2, 7)), (int(rng.integers(2, 7)), int(rng.integers(3, 25)))
        categories = np.sort(rng.choice(np.arange(1, 20), size=k, replace=False)).astype(float)
        truth = rng.integers(k, size=shape[1])
        place = np.where(rng.random(shape) < 0.5, truth, rng.integers(k, size=shape))
        matrix = categories[place]
        matrix[rng.random(shape) < rng.choice([0, 0.15, 0.35])] = NAN
        known = (~np.isnan(matrix)).sum(axis=0)
        if (known >= 2).any() and len(np.unique(matrix[:, known >= 2][~np.isnan(matrix[:, known >= 2])])) > 1:
            matrix = matrix[(~np.isnan(matrix)).any(axis=1)][:, known > 0]
            if len(matrix) > 1:
                yield matrix, categories
                n -= 1


def test_kappas_of_every_weighting_against_irrcac(rng: np.random.Generator) -> None:
    """Value, standard error, observed and expected agreement; 26 sets for each of eight weightings."""
    for scheme in SCHEMES:
        for matrix, categories in random_sets(rng, 26):
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


def test_percent_agreement_against_irrcac(rng: np.random.Generator) -> None:
    for matrix, categories in random_sets(rng, 200):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cac = CAC(DataFrame(matrix.T), categories=categories.tolist(), digits=14)
            expected = cac.gwet()["est"]["pa"]
        assert percent_agreement(*long_form(matrix)).value == pytest.approx(expected, abs=1e-9)


@pytest.mark.filterwarnings("ignore::RuntimeWarning:statsmodels")  # its standard error where nobody disagrees
@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_cohen_kappa_against_statsmodels_and_scikit_learn(
    weights: str | None, rng: np.random.Generator
) -> None:
    """Units that only one of the two rated are left out; the reference packages are given the rest."""
    for _ in range(200):
        k, n = int(rng.integers(2, 7)), int(rng.integers(3, 60))
        first = rng.integers(k, size=n).astype(float)
        second = np.where(rng.random(n) < 0.6, first, rng.integers(k, size=n))
        first[rng.random(n) < 0.1] = NAN
        second[rng.random(n) < 0.1] = NAN
        result = cohen_kappa(*long_form(np.stack([first, second])), weights=weights, categories=range(k))
        both = ~np.isnan(first) & ~np.isnan(second)
        if not result.defined:
            assert len(np.unique(np.concatenate([first[both], second[both]]))) < 2
            continue
        expected = cohen_kappa_score(
            first[both].astype(int), second[both].astype(int), weights=weights, labels=range(k)
        )
        assert result.value == pytest.approx(expected, abs=1e-9)
        table = np.zeros((k, k))
        np.add.at(table, (first[both].astype(int), second[both].astype(int)), 1)
        theirs = inter_rater.cohens_kappa(table, wt=weights)
        assert result.value == pytest.approx(theirs.kappa, abs=1e-9)
        if result.standard_error > 0:
            assert result.standard_error == pytest.approx(theirs.std_kappa, abs=1e-9)


def test_fleiss_kappa_against_statsmodels(rng: np.random.Generator) -> None:
    compared = 0
    while compared < 200:
        table = rng.multinomial(
            int(rng.integers(2, 8)), rng.dirichlet(np.ones(int(rng.integers(2, 6)))), size=12
        )
        if (table.sum(axis=0) > 0).sum() < 2:
            continue
        unit, category = (np.repeat(index.ravel(), table.ravel()) for index in np.indices(table.shape))
        result = fleiss_kappa(unit, np.full(len(unit), -1), category)
        assert result.value == pytest.approx(inter_rater.fleiss_kappa(table), abs=1e-9)
        compared += 1


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


def test_kendalls_w_with_ties_against_friedmans_statistic(rng: np.random.Generator) -> None:
    for _ in range(200):
        scores = rng.integers(
            0, int(rng.integers(2, 9)), size=(int(rng.integers(3, 7)), int(rng.integers(3, 15)))
        )
        result = kendall_w(*long_form(scores.astype(float)))
        if result.defined:
            expected = stats.friedmanchisquare(*scores.T)
            assert result.statistic == pytest.approx(expected.statistic, abs=1e-9)
            assert result.p_value == pytest.approx(expected.pvalue, abs=1e-9)
