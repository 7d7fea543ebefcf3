"""Latency on a scorecard: a row per system, and all requests in one heap beside it."""

from __future__ import annotations

import numpy as np
import pytest

from concord.estimates.timings import Timings
from concord.scorecards.report.timing import timing
from tests.concord.estimates.answers import ints


def timings(durations: dict[int, list[float]], counted: list[bool] | None = None) -> Timings:
    systems = ints([system for system, own in durations.items() for _ in own])
    flat = np.array([one for own in durations.values() for one in own])
    n = len(flat)
    return Timings(
        systems=systems,
        examples=np.arange(n),
        outputs=np.arange(n),
        duration_ms=flat,
        first_token_ms=np.full(n, np.nan),
        counts=np.array(counted or [True] * n),
        batch_size=np.ones(n),
        input_tokens=np.full(n, 7.0),
        output_tokens=np.full(n, 20.0),
        cost=np.full(n, 0.5),
    )


def test_each_system_has_a_row_of_its_own_requests() -> None:
    rows = {1: [float(v) for v in range(1, 102)], 2: [500.0 + v for v in range(40)]}
    found = timing(timings(rows), (2, 1), dataset_timings=None, confidence=0.9)
    assert (found["unit"], found["dataset"]) == ("ms", None)
    assert [row["system"] for row in found["systems"]] == [2, 1]
    second, first = found["systems"]
    assert first["mean_ms"]["value"] == pytest.approx(51.0)
    assert second["mean_ms"]["value"] == pytest.approx(519.5)
    assert first["p50"]["value"] == pytest.approx(51.0)
    assert (first["outputs"], second["outputs"]) == (101, 40)
    assert first["p50"]["confidence"] == 0.9
    assert first["input_tokens"]["value"] == 7.0
    assert first["output_tokens"]["value"] == 20.0
    assert first["cost"]["value"] == 0.5
    assert first["cost_total"] == pytest.approx(50.5)


def test_the_heap_has_percentiles_of_all_requests_and_says_that_no_system_has_them() -> None:
    every = {1: [10.0, 20.0, 30.0, 40.0], 2: [50.0, 60.0], 3: [70.0]}
    found = timing(timings({1: every[1]}), (1,), dataset_timings=timings(every), confidence=0.95)["dataset"]
    assert found["p50"] == 40.0
    assert found["p95"] == pytest.approx(np.percentile([v for own in every.values() for v in own], 95))
    assert (found["outputs"], found["systems"]) == (7, 3)
    assert found["note"] == "the requests of 3 systems in one heap: no system has these percentiles."


def test_what_was_answered_in_one_batch_is_one_duration_of_the_heap() -> None:
    heap = timings({1: [10.0, 10.0, 10.0, 50.0]}, [True, False, False, True])
    found = timing(heap, (1,), dataset_timings=heap, confidence=0.95)["dataset"]
    assert found["p50"] == 30.0
    assert found["outputs"] == 4


def test_a_heap_of_nothing_is_none() -> None:
    own = timings({1: [10.0, 20.0]})
    assert timing(own, (1,), dataset_timings=own.of(9), confidence=0.95)["dataset"] is None
