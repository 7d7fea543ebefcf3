"""Expected calibration error: bins, its bias, and its interval."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.calibration import brier, ece, reliability_bins
from tests.concord.stats.calibration.forecasts import forecasts


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


@pytest.mark.parametrize(
    "bad", [([0.5, 0.5], [1]), (["a"], [1]), ([1.5], [1]), ([0.5], [2]), ([[0.5]], [1]), ([np.inf], [1])]
)
def test_calibration_refuses_what_cannot_be(bad) -> None:
    for function in (brier, ece, reliability_bins):
        with pytest.raises(InputError):
            function(*bad)


def test_sure_forecasts_that_all_came_true_leave_room_for_error() -> None:
    """Of 30 outcomes none went wrong: by the rule of three up to a tenth may."""
    score, error = brier(np.ones(30), np.ones(30)), ece(np.ones(30), np.ones(30))
    assert (score.value, score.low, error.value, error.low) == (0.0, 0.0, 0.0, 0.0)
    assert 0.09 < score.high < 0.13
    assert 0.08 < error.high < 0.13
    assert ece(np.zeros(30), np.zeros(30)).high == pytest.approx(
        error.high, rel=0.2
    )  # none came, as none should


def test_ece_by_hand_and_debiased_near_zero_for_true_probabilities(rng: np.random.Generator) -> None:
    p, y = np.array([0.05, 0.05, 0.95, 0.95, 0.95, 0.95]), np.array([0, 1, 1, 1, 1, 0])
    assert ece(p, y, n_bins=10).value == pytest.approx((2 * 0.45 + 4 * 0.2) / 6)
    plain, fair = [], []
    for _ in range(20):
        q = rng.random(500)
        z = (rng.random(500) < q).astype(float)
        plain.append(ece(q, z, n_resamples=2).value)
        fair.append(ece(q, z, debiased=True, bins="mass", n_resamples=2).value)
    assert np.mean(plain) > 0.04
    assert np.mean(fair) < 0.03
    bins = reliability_bins(q, z, n_bins=10, bins="mass")
    assert bins.n.sum() == 500
    assert bins.n.max() - bins.n.min() <= 1
    assert ece([], []).undefined
