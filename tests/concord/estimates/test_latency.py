"""How long systems took."""

import numpy as np
import pytest

from concord.estimates.latency import latency
from concord.estimates.timings import Timings


def timings(durations: list[float], *, batch: int = 1, repeats: int = 1, tokens: float = 50.0) -> Timings:
    count = len(durations)
    unknown = np.full(count, np.nan)
    return Timings(
        systems=np.ones(count, dtype=np.int64),
        examples=np.arange(count) // repeats,
        outputs=np.arange(count),
        duration_ms=np.array(durations),
        first_token_ms=unknown,
        counts=np.arange(count) % batch == 0,
        batch_size=np.full(count, float(batch)),
        input_tokens=unknown,
        output_tokens=np.full(count, tokens),
        cost=unknown,
    )


def test_latency_gives_p50_but_no_p99_of_a_hundred_requests() -> None:
    found = latency(timings([float(ms) for ms in range(1, 101)]))
    assert found.percentiles["p50"].value == 50.5
    assert "662" in str(found.percentiles["p99"].undefined)
    assert str(found.cost.undefined).startswith("no cost was recorded")
    assert found.output_tokens.value == 50.0
    assert found.first_token == {}
    assert (found.output_tokens_total, found.input_tokens_total) == (5000, None)


def test_a_batch_is_one_observation_of_latency() -> None:
    found = latency(timings([float(ms // 8) for ms in range(800)], batch=8))
    assert (found.outputs, found.requests, found.percentiles["p50"].n, found.mean_ms.n) == (
        800,
        100,
        100,
        100,
    )
    assert not found.percentiles["p99"].defined
    assert [note.code for note in found.notes] == ["batched"]
    assert found.tokens_per_second.undefined == "no single request with its tokens was recorded"


def test_tokens_per_second_are_of_single_requests() -> None:
    found = latency(timings([100.0, 200.0, 400.0], tokens=20.0)).tokens_per_second
    assert found.value == pytest.approx(np.mean([200.0, 100.0, 50.0]))
    assert found.n == 3


def test_repeats_of_an_example_count_once_in_a_mean() -> None:
    rng = np.random.default_rng(1)
    prompt = np.repeat(rng.lognormal(5, 0.7, 60), 5)
    found = latency(timings((prompt * rng.uniform(0.95, 1.05, 300)).tolist(), repeats=5))
    assert (found.mean_ms.n, found.requests) == (60, 300)
    naive = np.std(prompt, ddof=1) / np.sqrt(300)
    assert found.mean_ms.standard_error > 2 * naive


def test_repeats_of_an_example_are_one_cluster_in_percentiles() -> None:
    """Five requests a prompt that take about as long tell of 60 prompts, not of 300 requests."""
    rng = np.random.default_rng(2)
    prompt = np.repeat(rng.lognormal(5, 0.7, 60), 5) * rng.uniform(0.98, 1.02, 300)
    together = latency(timings(prompt.tolist(), repeats=5)).percentiles["p50"]
    apart = latency(timings(prompt.tolist())).percentiles["p50"]
    assert together.value == apart.value
    assert together.high - together.low > 1.5 * (apart.high - apart.low)
