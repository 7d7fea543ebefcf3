"""Best-worst counts by hand, and where they are no certainty."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError
from concord.stats.ranking import best_worst

pytestmark = pytest.mark.filterwarnings("error")


def test_always_best_is_not_certainty() -> None:
    result = best_worst([[0, 1, 2]] * 10, [0] * 10, [2] * 10, n_systems=3)
    assert result.value.tolist() == [1.0, 0.0, -1.0]
    assert result.high[0] == 1.0
    assert 0.3 < result.low[0] < 0.6
    assert np.isfinite(result.low).all()


def test_best_worst_by_hand() -> None:
    result = best_worst([[0, 1, 2], [0, 1, 2], [1, 2, -1]], [0, 0, 1], [2, 1, 2], n_systems=4)
    assert result.value[:3] == pytest.approx([1.0, 0.0, -2 / 3])
    assert result.n_shown.tolist() == [2, 3, 3, 0]
    assert result.undefined[3]
    for bad in (([[0, 1]], [0], [0]), ([[0, 1]], [2], [0])):
        with pytest.raises(InputError):
            best_worst(*bad, n_systems=4)
