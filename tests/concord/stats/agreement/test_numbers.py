"""Integers too large for float64 keep their differences, or are refused."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError, agreement

pytestmark = pytest.mark.filterwarnings("error")


STEPS = np.array([0, 1, 1, 1, 0, 0, 2, 2, 1, 2, 0, 0])
BY_DIFFERENCE = {
    "alpha": lambda v: agreement.krippendorff_alpha(*twelve(v), level="interval", n_resamples=20),
    "icc": lambda v: agreement.icc(*twelve(v)),
    "angular": lambda v: agreement.krippendorff_alpha(
        *twelve(v), level=agreement.distances.angular(8), n_resamples=20
    ),
    **{
        name: lambda v, name=name: agreement.gwet_ac(*twelve(v), weights=name)
        for name in ("linear", "quadratic", "ordinal", "radical", "circular", "bipolar")
    },
}


def twelve(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.repeat(np.arange(6), 2), np.tile([0, 1], 6), values


@pytest.mark.parametrize("name", BY_DIFFERENCE)
@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_what_goes_by_differences_does_not_mind_how_large_integers_are(name: str, dtype: type) -> None:
    """2**62 and 2**62 + 1 are the same number in float64; a multiple of the period turns the circle whole."""
    near, far = (BY_DIFFERENCE[name](STEPS.astype(dtype) + dtype(start)) for start in (0, 2**62))
    assert (far.value, far.low) == pytest.approx((near.value, near.low), abs=1e-12)


def test_integers_too_large_for_ratios_are_refused() -> None:
    values = STEPS + 2**62
    for call in (
        lambda: agreement.krippendorff_alpha(*twelve(values), level="ratio"),
        lambda: agreement.gwet_ac(*twelve(values), weights="ratio"),
    ):
        with pytest.raises(InputError, match="4611686018427387905 is too large for ratios"):
            call()
    with pytest.raises(InputError, match=r"must not be negative, got -1\.7e\+308"):
        agreement.krippendorff_alpha(*twelve((STEPS - 1) * 1.7e308), level="ratio")
