"""Calibration against scikit-learn, statsmodels, R and definitions by hand, on random sets; and its intervals' ends."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from concord.stats import InputError
from concord.stats.calibration import brier, ece, isotonic, platt, reliability_bins


def forecasts(rng: np.random.Generator, n: int, *, missing: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities of some kind (smooth, of few values, extreme) and outcomes that follow them loosely."""
    kind = rng.integers(3)
    p = [rng.random(n), rng.choice([0.0, 0.1, 0.25, 0.5, 0.9, 1.0], size=n), rng.beta(0.3, 0.3, size=n)][kind]
    y = (rng.random(n) < np.clip(p + rng.normal(0, 0.1), 0, 1)).astype(float)
    if missing:
        p, y = np.where(rng.random(n) < 0.1, np.nan, p), np.where(rng.random(n) < 0.1, np.nan, y)
    return p, y


def test_brier_parts_against_the_definition_by_hand(rng: np.random.Generator) -> None:
    """Murphy (1973): the three sums over distinct probabilities; missing pairs are dropped and counted."""
    for _ in range(200):
        p, y = forecasts(rng, int(rng.integers(2, 80)), missing=True)
        known = ~(np.isnan(p) | np.isnan(y))
        result = brier(p, y, n_bins="distinct")
        q, z = p[known], y[known]
        if not len(q):
            assert result.undefined
            continue
        groups = [(q == v) for v in np.unique(q)]
        reliability = sum(g.sum() * (q[g][0] - z[g].mean()) ** 2 for g in groups) / len(q)
        resolution = sum(g.sum() * (z[g].mean() - z.mean()) ** 2 for g in groups) / len(q)
        assert result.value == pytest.approx(np.mean((q - z) ** 2), abs=1e-12)
        assert (result.reliability, result.resolution) == pytest.approx((reliability, resolution), abs=1e-12)
        assert result.uncertainty == pytest.approx(z.mean() * (1 - z.mean()), abs=1e-12)
        assert result.omitted == ({"incomplete pairs": int((~known).sum())} if (~known).any() else {})


def test_brier_parts_of_probabilities_that_hardly_repeat(rng: np.random.Generator) -> None:
    """A bin for each would say that nothing is reliable: 15 are taken, and a note says so."""
    p = rng.random(1500)
    y = (rng.random(1500) < p).astype(float)
    found, binned, alone = brier(p, y), brier(p, y, n_bins=15), brier(p, y, n_bins="distinct")
    assert (found.reliability, found.resolution, found.n_bins) == (binned.reliability, binned.resolution, 15)
    assert found.reliability < 0.01 < alone.reliability == pytest.approx(alone.value)
    assert found.notes[0].startswith("1,500 of 1,500 probabilities are distinct")
    assert (binned.notes, alone.notes) == ((), ())
    stepwise = brier(np.round(p, 2), y)
    assert (stepwise.n_bins, stepwise.notes) == (len(np.unique(np.round(p, 2))), ())
    assert stepwise.within_bins == pytest.approx(0, abs=1e-12)
    with pytest.raises(InputError, match="n_bins must be one of distinct"):
        brier(p, y, n_bins="auto")


def test_bins_against_their_definition(rng: np.random.Generator) -> None:
    """Equal width: a bin holds its upper edge. Equal mass: numbers differ by one at most where nothing is tied."""
    for _ in range(200):
        p, y = forecasts(rng, int(rng.integers(1, 200)))
        k = int(rng.integers(1, 20))
        result = reliability_bins(p, y, n_bins=k)
        place = np.array([next(i for i in range(k) if v <= np.linspace(0, 1, k + 1)[i + 1]) for v in p])
        for i in range(k):
            mine = place == i
            assert result.n[i] == mine.sum()
            if mine.any():
                assert result.observed[i] == pytest.approx(y[mine].mean(), abs=1e-12)
                assert result.mean_probability[i] == pytest.approx(p[mine].mean(), abs=1e-12)
                assert result.low[i] <= result.observed[i] <= result.high[i]
        smooth = rng.random(len(p))
        mass = reliability_bins(smooth, y, n_bins=k, bins="mass")
        assert mass.n.sum() == len(p)
        assert len(p) < k or mass.n.max() - mass.n.min() <= 1
        assert (reliability_bins(p, y, n_bins=k, bins="mass").n > 0).all()


def test_ece_plain_and_debiased_against_the_definition(rng: np.random.Generator) -> None:
    """Naeini et al. (2015), and Kumar et al.'s (2019) estimator, over the bins with two items and more."""
    for _ in range(200):
        p, y = forecasts(rng, int(rng.integers(1, 150)))
        k = int(rng.integers(1, 20))
        place = np.clip(np.ceil(p * k - 1e-12).astype(int) - 1, 0, k - 1)
        if np.abs(p * k - np.round(p * k)).max() < 1e-9:
            place = np.clip(np.round(p * k).astype(int) - 1, 0, k - 1)
        plain = square = 0.0
        several = sum(int(n) for n in np.unique(place, return_counts=True)[1] if n > 1)
        for i in np.unique(place):
            mine = place == i
            gap, n, share = p[mine].mean() - y[mine].mean(), mine.sum(), y[mine].mean()
            plain += n / len(p) * abs(gap)
            square += n / max(several, 1) * (gap**2 - share * (1 - share) / (n - 1)) if n > 1 else 0.0
        assert ece(p, y, n_bins=k, n_resamples=0).value == pytest.approx(plain, abs=1e-9)
        fair = ece(p, y, n_bins=k, n_resamples=0, debiased=True)
        if not several:
            assert "every bin holds one item" in str(fair.undefined)
            continue
        assert fair.value**2 == pytest.approx(max(square, 0.0), abs=1e-9)
        assert (fair.n, any("left out" in note for note in fair.notes)) == (several, several < len(p))


def test_debiased_ece_has_no_answer_where_every_item_is_alone_in_its_bin() -> None:
    """It was 0, as if such forecasts were perfect, whatever came of them."""
    alone = ece(np.arange(8) / 8 + 0.05, [1, 0, 1, 0, 1, 0, 1, 0], n_bins=8, debiased=True)
    assert np.isnan([alone.value, alone.low, alone.by_chance]).all()
    assert "every bin holds one item" in str(alone.undefined)
    p, y = np.repeat([0.1, 0.3], 50), np.repeat([0, 1, 0, 1], [20, 30, 20, 30])
    both = ece(p, y, n_bins=10, debiased=True)
    lone = ece([*p, 0.95], [*y, 0], n_bins=10, debiased=True)
    assert (lone.value, lone.low, lone.high, lone.n) == (both.value, both.low, both.high, 100)
    assert lone.notes[0].startswith("1 item is alone in its bin and was left out")
    assert lone.largest == pytest.approx(0.95)


def test_a_bin_holds_its_upper_edge() -> None:
    """0.25 is in the first of four bins, and 0 as well."""
    found = reliability_bins([0.0, 0.25, 0.26, 0.5, 1.0], [0, 0, 1, 1, 1], n_bins=4)
    assert found.n.tolist() == [2, 2, 0, 1]


def test_ece_interval_holds_zero_where_probabilities_are_true_and_not_where_they_are_wrong(
    rng: np.random.Generator,
) -> None:
    p = rng.random(2000)
    true, wrong = (rng.random(2000) < p), (rng.random(2000) < p**2)
    for debiased in (False, True):
        for bins in ("width", "mass"):
            fair = ece(p, true, bins=bins, debiased=debiased)
            off = ece(p, wrong, bins=bins, debiased=debiased)
            assert fair.low == 0.0
            assert fair.high < 0.06
            assert 0.1 < off.low < 1 / 6 + 0.02 < off.high + 0.03 < 0.28
            assert off.by_chance < 0.05
    assert ece(p, true).value == pytest.approx(ece(p, true).by_chance, abs=0.02)


def test_ece_of_one_item_or_of_sure_ones_is_honest() -> None:
    lone = ece([0.5], [1])
    assert np.isnan([lone.low, lone.high]).all()
    sure = ece([0.0, 0.0, 1.0, 1.0], [0, 0, 1, 1])
    assert sure.value == sure.low == 0.0
    assert sure.high > 0.1
    assert ece([0.5] * 10, [1] * 10, bins="mass").n_bins == 1
    with pytest.raises(InputError):
        ece([0.5], [1], n_bins=10**9)
    with pytest.raises(InputError):
        brier([0.5], [1], n_bins=10**9)


def test_isotonic_against_r() -> None:
    """R: isoreg(c(1, 0, 1, 0, 0, 1, 1, 0, 1))$yf."""
    fitted = isotonic(np.arange(9), [1, 0, 1, 0, 0, 1, 1, 0, 1]).probabilities
    assert fitted == pytest.approx([0.4, 0.4, 0.4, 0.4, 0.4, 2 / 3, 2 / 3, 2 / 3, 1.0], abs=1e-12)


def test_isotonic_against_the_min_max_formula(rng: np.random.Generator) -> None:
    """Robertson, Wright & Dykstra (1988): the fit is the greatest, over starts, of the least mean, over ends."""
    for _ in range(200):
        n = int(rng.integers(1, 25))
        x, y = rng.integers(0, 12, size=n).astype(float), rng.integers(0, 2, size=n).astype(float)
        fitted = isotonic(x, y)
        levels = np.unique(x)
        for at in levels:
            best = max(
                min(y[(x >= low) & (x <= high)].mean() for high in levels[levels >= at])
                for low in levels[levels <= at]
            )
            assert float(fitted.predict([at])[0]) == pytest.approx(best, abs=1e-9)


def test_platt_against_statsmodels_on_smoothed_targets(rng: np.random.Generator) -> None:
    """A binomial fit of Platt's targets, tightened until it no longer moves; separated data included."""
    for i in range(200):
        n = int(rng.integers(4, 120))
        x = rng.normal(rng.normal(), rng.uniform(0.1, 50), size=n)
        y = (x > np.median(x)).astype(float) if i % 5 == 0 else rng.integers(0, 2, size=n).astype(float)
        result = platt(x, y)
        if not 0 < y.sum() < n:
            assert result.undefined
            continue
        ones, zeros = y.sum(), n - y.sum()
        target = np.where(y == 1, (ones + 1) / (ones + 2), 1 / (zeros + 2))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # statsmodels dislikes targets between 0 and 1
            peer = sm.GLM(target, sm.add_constant(x / x.std()), family=sm.families.Binomial())
            found = peer.fit(tol=1e-14, maxiter=300, tol_criterion="params").params
        assert result.converged
        assert result.intercept == pytest.approx(found[0], abs=1e-8, rel=1e-8)
        assert result.slope * x.std() == pytest.approx(found[1], abs=1e-8, rel=1e-8)


def test_scikit_learn_gives_the_same(rng: np.random.Generator) -> None:
    """scikit-learn comes with the demonstration, not with the tests, so this one may be left out."""
    reason = "scikit-learn is not installed with the tests"
    metrics = pytest.importorskip("sklearn.metrics", reason=reason)
    peers = pytest.importorskip("sklearn.isotonic", reason=reason)
    curves = pytest.importorskip("sklearn.calibration", reason=reason)
    for _ in range(200):
        n = int(rng.integers(10, 200))
        p, y = forecasts(rng, n)
        y[:2] = 0, 1
        assert brier(p, y).value == pytest.approx(metrics.brier_score_loss(y, p), abs=1e-12)
        fitted = peers.IsotonicRegression(out_of_bounds="clip").fit(p, y)
        at = rng.random(20)
        assert isotonic(p, y).predict(at) == pytest.approx(fitted.predict(at), abs=1e-9)
        share, mean = curves.calibration_curve(y, p, n_bins=8)
        bins = reliability_bins(p, y, n_bins=8)
        assert bins.observed[bins.n > 0] == pytest.approx(share, abs=1e-12)
        assert bins.mean_probability[bins.n > 0] == pytest.approx(mean, abs=1e-12)


@pytest.mark.parametrize(
    "bad", [([0.5, 0.5], [1]), (["a"], [1]), ([1.5], [1]), ([0.5], [2]), ([[0.5]], [1]), ([np.inf], [1])]
)
def test_calibration_refuses_what_cannot_be(bad) -> None:
    for function in (brier, ece, reliability_bins):
        with pytest.raises(InputError):
            function(*bad)


def test_recalibration_refuses_and_says_when_there_is_nothing() -> None:
    for function in (isotonic, platt):
        with pytest.raises(InputError):
            function([1.0], [0.5])
        with pytest.raises(InputError):
            function([1.0, 2.0], [1])
        assert function([], []).undefined
        assert function([np.nan], [1]).undefined
    assert platt([1.0, 1.0], [0, 1]).undefined
    assert np.isnan(platt([1.0, 1.0], [0, 1]).predict([0.0])).all()
    assert platt([1e139, -1e139], [1, 0]).predict([1e139])[0] == pytest.approx(2 / 3)


def test_sure_forecasts_that_all_came_true_leave_room_for_error() -> None:
    """Of 30 outcomes none went wrong: by the rule of three up to a tenth may."""
    score, error = brier(np.ones(30), np.ones(30)), ece(np.ones(30), np.ones(30))
    assert (score.value, score.low, error.value, error.low) == (0.0, 0.0, 0.0, 0.0)
    assert 0.09 < score.high < 0.13
    assert 0.08 < error.high < 0.13
    assert ece(np.zeros(30), np.zeros(30)).high == pytest.approx(
        error.high, rel=0.2
    )  # none came, as none should


def test_a_briers_error_is_at_least_what_the_forecasts_expect() -> None:
    p = np.array([0.98, 0.97, 0.99, 0.96, 0.995] * 8)
    found = brier(p, np.ones(40))
    expected = np.sqrt((p * (1 - p) * (1 - 2 * p) ** 2).sum()) / 40  # Spiegelhalter's variance
    z, t = stats.norm.isf(0.025), stats.t.isf(0.025, 39)
    likely = (p * (1 - p)).mean()
    n = likely * (1 - likely) / expected**2 * (z / t) ** 2
    middle, half = (
        found.value + z * z / 2 / n,
        z * np.sqrt(found.value * (1 - found.value) / n + (z / 2 / n) ** 2),
    )
    assert (found.low, found.high) == pytest.approx(
        ((middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n))
    )
    assert "themselves expect" in found.notes[0]
    assert found.standard_error < expected / 10
    certain = brier(np.ones(40), np.ones(40))
    assert found.high == pytest.approx(certain.high, abs=0.05)


def test_nearly_sure_forecasts_are_covered(rng: np.random.Generator) -> None:
    truth = 99 / 100 * 1 / 101  # mean of p (1 - p) of a beta(99, 1)
    held = 0
    for _ in range(200):
        p = rng.beta(99, 1, size=60)
        found = brier(p, rng.random(60) < p)
        held += found.low <= truth <= found.high
    assert held >= 0.91 * 200  # a t interval: .46


def test_score_of_briers_ten_forecasts_of_rain() -> None:
    """Brier (1950), table 1: a score of 0.19, which adds both classes, rain and none."""
    rain = [0.7, 0.9, 0.8, 0.4, 0.2, 0.0, 0.0, 0.0, 0.0, 0.1]
    assert 2 * brier(rain, [0, 1, 1, 1, 0, 0, 0, 0, 0, 0]).value == pytest.approx(0.19)


@pytest.mark.parametrize(("wrong", "said"), [(2, True), (3, False)])
def test_forecasts_that_expect_twice_the_error_seen_are_named(wrong: int, said: bool) -> None:
    """Of 100 forecasts of .9 sqrt(.9 * .1) is expected; 2 and 3 wrong ones are 2.1 and 1.7 times less."""
    notes = brier(np.full(100, 0.9), np.arange(100) >= wrong).notes
    assert any("themselves expect" in note for note in notes) is said
