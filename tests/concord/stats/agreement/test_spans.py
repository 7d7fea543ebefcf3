"""Agreement on spans: by hand, by best matching, and on published annotations."""

from __future__ import annotations

import numpy as np
import pytest

from concord.stats import InputError, agreement
from concord.stats.agreement import span_agreement

pytestmark = pytest.mark.filterwarnings("error")


def test_spans_stated_twice_and_anonymous_raters_among_odd_codes() -> None:
    once = agreement.span_agreement([1, 1, 1], [0, 1, 1], [0, 0, 9], [5, 5, 12])
    twice = agreement.span_agreement([1, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 9], [5, 5, 5, 12])
    assert twice.value == once.value == pytest.approx(2 / 3)
    assert twice.omitted == {"repeated spans": 1}
    with pytest.raises(InputError, match="anonymous"):
        agreement.span_agreement([1, 1], [-2, -1], [0, 0], [5, 5])


NAN = np.nan


def test_spans_by_hand() -> None:
    units, raters = [1, 1, 1, 1, 2, 2], [0, 0, 1, 1, 0, 1]
    starts, ends = [0, 10, 0, 12, NAN, NAN], [5, 20, 5, 22, NAN, NAN]
    assert span_agreement(units, raters, starts, ends).value == pytest.approx(2 * 1 / 4)
    assert span_agreement(units, raters, starts, ends, mode="overlap").value == 1.0
    assert span_agreement(units, raters, starts, ends, mode="character").value == pytest.approx(2 * 13 / 30)
    labelled = span_agreement(units, raters, starts, ends, [1, 1, 1, 2, 0, 0], mode="overlap")
    assert labelled.value == pytest.approx(2 * 1 / 4)
    assert np.isnan(labelled.per_unit[1])
    assert span_agreement([1, 1], [0, 1], [NAN, NAN], [NAN, NAN]).undefined
    assert span_agreement([1], [0], [1], [2]).undefined
    with pytest.raises(InputError):
        span_agreement([1], [0], [3], [3])


def test_overlap_matches_as_many_as_possible() -> None:
    """A long span overlaps two; taking the wrong one first would leave the second rater's other span unmatched."""
    result = span_agreement([1] * 4, [0, 0, 1, 1], [0, 8, 0, 9], [10, 20, 9, 12], mode="overlap")
    assert result.value == 1.0


@pytest.mark.real_data
def test_mqm_spans_have_one_rater_each_and_say_so(mqm: list[dict[str, str]]) -> None:
    """Every translation was read by one rater: agreement on spans cannot be had, and must not be made up."""
    units = {key: i for i, key in enumerate(dict.fromkeys((row["system"], row["seg_id"]) for row in mqm))}
    raters = {name: i for i, name in enumerate(sorted({row["rater"] for row in mqm}))}
    labels = {name: i for i, name in enumerate(sorted({row["category"] for row in mqm}))}
    rows = [
        (units[row["system"], row["seg_id"]], raters[row["rater"]], *marked(row), labels[row["category"]])
        for row in mqm
    ]
    unit, rater, start, end, label = np.array(rows).T
    assert len(units) == 7406
    for mode in ("exact", "overlap", "character"):
        result = span_agreement(unit, rater, start, end, label, mode=mode)
        assert (result.n, result.omitted["units with one rater"]) == (0, 7406)
        assert "two raters" in str(result.undefined)
    # A second reading of the same translations: every rater again, a few spans one character longer.
    longer = end + (np.arange(len(end)) % 10 == 0)
    again = [
        np.concatenate([a, b])
        for a, b in ((unit, unit), (rater, rater + 10), (start, start), (end, longer), (label, label))
    ]
    exact, overlap, character = (
        span_agreement(*again, mode=mode) for mode in ("exact", "overlap", "character")
    )
    real = ~np.isnan(start)
    assert exact.value == pytest.approx(1 - (real & (longer > end)).sum() / real.sum(), abs=0.01)
    assert overlap.value == 1.0
    assert exact.value < character.value < overlap.value
    assert exact.low < exact.value < exact.high


def marked(row: dict[str, str]) -> tuple[float, float]:
    """Return where <v>...</v> lies in the text without the marks (one mark is never closed); nan where nothing is marked."""
    for text in (row["target"], row["source"]):
        before, opened, rest = text.partition("<v>")
        if opened:
            length = len(rest.partition("</v>")[0])
            return float(len(before)), float(len(before) + max(length, 1))
    return np.nan, np.nan
