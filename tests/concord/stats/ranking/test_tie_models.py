"""Models of ties: chances that sum to one, derivatives by differences, and expected scores from the chances."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.ranking._tie_models import MODELS

ADVANTAGE = np.array([-3.0, -0.4, 0.0, 0.7, 2.5])


def likelihood(name: str, advantage: np.ndarray, outcome: float, tie: float) -> np.ndarray:
    return MODELS[name].derivatives(advantage, np.full(len(advantage), outcome), tie).value


@pytest.mark.parametrize("name", ["davidson", "rao-kupper"])
@pytest.mark.parametrize("tie", [0.3, 1.2])
def test_chances_of_win_tie_and_loss_sum_to_one_and_make_the_expected_score(name: str, tie: float) -> None:
    win, even, loss = (np.exp(likelihood(name, ADVANTAGE, y, tie)) for y in (1.0, 0.5, 0.0))
    assert win + even + loss == pytest.approx(np.ones(5))
    assert MODELS[name].expected_score(ADVANTAGE, tie) == pytest.approx(win + even / 2)
    assert loss == pytest.approx(np.exp(likelihood(name, -ADVANTAGE, 1.0, tie)))
    level, k = np.zeros(1), MODELS[name].parameter(tie)
    assert k == pytest.approx(np.exp(tie))
    tied = float(np.exp(likelihood(name, level, 0.5, tie))[0])
    # Davidson: nu / (2 + nu) of equals tie; Rao and Kupper: (eta - 1) / (eta + 1).
    assert tied == pytest.approx(k / (2 + k) if name == "davidson" else (k - 1) / (k + 1))
    assert MODELS[name].start(tied) == pytest.approx(tie)


@pytest.mark.parametrize("outcome", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    ("name", "tie"), [("half", 0.0), ("davidson", -0.5), ("davidson", 0.8), ("rao-kupper", 0.6)]
)
def test_derivatives_against_differences(name: str, tie: float, outcome: float) -> None:
    h = 1e-4
    at = MODELS[name].derivatives(ADVANTAGE, np.full(5, outcome), tie)

    def value(a: float, t: float) -> np.ndarray:
        return likelihood(name, ADVANTAGE + a * h, outcome, tie + t * h)

    assert at.a == pytest.approx((value(1, 0) - value(-1, 0)) / (2 * h), abs=1e-6)
    assert at.aa == pytest.approx((value(1, 0) - 2 * value(0, 0) + value(-1, 0)) / h**2, abs=1e-6)
    if name == "half":
        assert not np.any([at.t, at.at, at.tt])
        return
    assert at.t == pytest.approx((value(0, 1) - value(0, -1)) / (2 * h), abs=1e-6)
    assert at.tt == pytest.approx((value(0, 1) - 2 * value(0, 0) + value(0, -1)) / h**2, abs=1e-6)
    mixed = (value(1, 1) - value(1, -1) - value(-1, 1) + value(-1, -1)) / (4 * h**2)
    assert at.at == pytest.approx(mixed, abs=1e-6)
    some = at.some(np.array([2, 2, 0]))
    assert some.aa.tolist() == [at.aa[2], at.aa[2], at.aa[0]]


def test_half_wins_are_bradley_and_terrys_and_rao_and_kuppers_parameter_is_positive() -> None:
    even = likelihood("half", ADVANTAGE, 0.5, 0.0)
    assert even == pytest.approx(
        (likelihood("half", ADVANTAGE, 1.0, 0.0) + likelihood("half", ADVANTAGE, 0.0, 0.0)) / 2
    )
    assert MODELS["half"].expected_score(ADVANTAGE, 0.0) == pytest.approx(1 / (1 + np.exp(-ADVANTAGE)))
    assert np.isnan(MODELS["half"].parameter(0.0))
    outside = MODELS["rao-kupper"].derivatives(ADVANTAGE, np.ones(5), 0.0)
    assert (outside.value == -np.inf).all()
    assert not np.any([outside.a, outside.aa, outside.t, outside.at, outside.tt])
