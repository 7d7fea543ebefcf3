"""Timings as a kind of record: counts are counts, and no time is below zero."""

from typing import Any

import pytest

from concord.catalog.importing.fields import Reject
from evaluation.importing.timings import Timings

LINE = {"system": "a", "example": "e", "duration_ms": 0.0}
BOUND = frozenset(LINE)


def test_a_line_becomes_a_row_in_the_order_of_the_staging_table() -> None:
    full = {**LINE, "epoch": 3, "input_tokens": 0, "output_tokens": 2**31 - 1, "batch_size": 4, "cost": 0.5}
    row = Timings({}, BOUND).parse(full)
    assert dict(zip(Timings.columns, row, strict=True)) == full
    assert Timings({}, BOUND).parse(LINE) == ("a", "e", None, 0.0, None, None, None, None)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"duration_ms": -0.5}, "duration_ms"),
        ({"input_tokens": -1}, "input_tokens"),
        ({"output_tokens": 2**31}, "output_tokens"),
        ({"batch_size": -4}, "batch_size"),
    ],
)
def test_what_no_clock_and_no_counter_shows_is_rejected(change: dict[str, Any], column: str) -> None:
    with pytest.raises(Reject) as caught:
        Timings({}, BOUND).parse({**LINE, **change})
    assert caught.value.column == column
