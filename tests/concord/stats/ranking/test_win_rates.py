"""Win rates by hand, by evalica, and where systems never met."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.ranking import elo, win_rates

pytestmark = pytest.mark.filterwarnings("error")


def test_win_rates_say_which_systems_never_met_and_who_never_lost() -> None:
    result = win_rates([0, 1, 3], [1, 0, 4], [1, 1, 1], n_systems=6)
    assert (result.groups, result.undefeated, result.winless) == (((0, 1), (3, 4)), (3,), (4,))
    assert elo([0, 1, 3], [1, 0, 4], [1, 1, 1], n_systems=6).groups == result.groups


def test_win_rates_by_hand() -> None:
    result = win_rates([0, 0, 1, 2], [1, 2, 2, 0], [1, 0.5, 0, 0], n_systems=4)
    assert result.value[:3] == pytest.approx([2.5 / 3, 0.0, 1.5 / 3])
    assert np.isnan(result.value[3])
    assert result.undefined[3]
    assert result.n.tolist() == [3, 2, 3, 0]
    assert (result.wins + result.wins.T == result.counts).all()
    by_opponent = win_rates([0] * 9 + [0], [1] * 9 + [2], [1] * 9 + [0], n_systems=3, average="opponents")
    assert by_opponent.value[0] == pytest.approx(0.5)


OUTCOME = {"left": 1.0, "right": 0.0, "tie": 0.5}


@pytest.mark.real_data
def test_llmfao_average_win_rate_against_evalicas_golden_file(llmfao: dict[str, np.ndarray]) -> None:
    result = win_rates(llmfao["left"], llmfao["right"], llmfao["outcome"], n_systems=59, average="opponents")
    assert result.value == pytest.approx(llmfao["average_win_rate"], abs=5e-7)
    best = np.argsort(-result.value)[:3]
    assert llmfao["names"][best].tolist() == ["GPT 4", "LLaMA-2-Chat (70B)", "command-nightly"]
    assert result.value[best] == pytest.approx([0.7588, 0.7316, 0.7052], abs=5e-5)


def test_a_rate_over_opponents_varies_within_opponents_only(rng: np.random.Generator) -> None:
    """Nine of ten against one, one of ten against the other: the rate is .5 with the error of a stratified mean."""
    left, right = np.zeros(400, dtype=int), np.repeat([1, 2], 200)
    outcome = np.concatenate([np.tile([1] * 9 + [0], 20), np.tile([0] * 9 + [1], 20)])
    by_opponent = win_rates(left, right, outcome, n_systems=3, average="opponents")
    assert by_opponent.value[0] == pytest.approx(0.5)
    assert by_opponent.standard_error[0] == pytest.approx(np.sqrt(0.5 * 0.09 / 199), rel=1e-9)
    assert win_rates(left, right, outcome, n_systems=3).standard_error[0] == pytest.approx(
        np.sqrt(0.25 / 399), rel=1e-9
    )
