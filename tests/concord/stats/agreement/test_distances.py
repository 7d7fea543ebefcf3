"""Distances worked by hand and published: sets, circles and scales with two poles."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats.agreement import distances, gwet_ac, krippendorff_alpha
from tests.concord.stats.agreement.tables import TWELVE, long_form

NAN = np.nan


def test_bipolar_and_circular_scales_by_hand() -> None:
    """Krippendorff's circular distance: hours 23 and 1 are as near as 11 and 13."""
    near = krippendorff_alpha(
        *long_form(np.array([[23, 5, 11, 17], [1, 5, 13, 17]])), level=distances.angular(24)
    )
    turned = krippendorff_alpha(
        *long_form(np.array([[5, 11, 17, 23], [7, 11, 19, 23]])), level=distances.angular(24)
    )
    assert near.value == pytest.approx(turned.value, abs=1e-12)
    values = np.arange(1.0, 6.0)
    apart = np.square(values[:, None] - values)
    ends = (values[:, None] + values - 2) * (10 - values[:, None] - values)
    bipolar = np.divide(apart, ends, out=np.zeros_like(apart), where=ends > 0)
    weighted = gwet_ac(*long_form(TWELVE), weights=1 - bipolar / bipolar.max())
    assert weighted.value == pytest.approx(gwet_ac(*long_form(TWELVE), weights="bipolar").value, abs=1e-12)
    assert krippendorff_alpha(*long_form(TWELVE), level=bipolar).defined


def test_masi_and_jaccard_of_passonneaus_cases() -> None:
    a, b = np.array([0b11, 0b11, 0b1, 0b01, 0]), np.array([0b11, 0b01, 0b1, 0b10, 0])
    assert distances.jaccard(a, b).tolist() == [0.0, 0.5, 0.0, 1.0, 0.0]
    assert distances.masi(a, b) == pytest.approx([0.0, 1 - 0.5 * 2 / 3, 0.0, 1.0, 0.0])
    assert float(distances.masi(np.array(0b011), np.array(0b110))) == pytest.approx(1 - 1 / 3 * 1 / 3)


def test_a_set_of_labels_is_as_far_as_can_be_from_none() -> None:
    """Nothing is shared by a label and no label; two empty sets are the same."""
    one, none = np.array([0b1, 0b100]), np.array([0, 0])
    assert distances.jaccard(one, none).tolist() == [1.0, 1.0]
    assert distances.jaccard(none, none).tolist() == [0.0, 0.0]
    assert distances.masi(one, none).tolist() == [1.0, 1.0]
    assert distances.ratio(np.array([0.0, 3.0]), np.array([0.0, 1.0])).tolist() == [0.0, 0.25]
