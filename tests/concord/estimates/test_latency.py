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
        first_token_ms=unknown.copy(),
        counts=np.arange(count) % batch == 0,
        batch_size=np.full(count, float(batch)),
        input_tokens=unknown.copy(),
        output_tokens=np.full(count, tokens),
        cost=unknown.copy(),
    )


def test_latency_gives_p50_but_no_p99_of_a_hundred_requests() -> None:
    found = latency(timings([float(ms) for ms in range(1, 101)]))
    assert found.percentiles["p50"].value == 50.5
    assert found.percentiles["p99"].undefined == "p99 needs at least 662 requests, here are 100"
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


def test_totals_and_largest_batch_are_of_all_outputs() -> None:
    given = timings([100.0, 200.0, 300.0, 400.0], batch=2, tokens=25.0)
    given.cost[:] = [0.5, np.nan, 0.25, 0.25]
    given.input_tokens[:] = [10.0, 20.0, np.nan, 31.0]
    given.batch_size[3] = 5.0
    found = latency(given, confidence=0.9)
    assert (found.cost_total, found.input_tokens_total, found.output_tokens_total) == (1.0, 61, 100)
    assert (found.largest_batch, found.outputs, found.requests) == (5, 4, 2)
    assert found.cost.value == pytest.approx(1 / 3)
    assert (found.cost.n, found.cost.confidence) == (3, 0.9)
    assert found.mean_ms.value == 200.0, "one of each batch"
    assert found.notes[0].text.startswith("4 outputs were answered in batches")


def test_single_requests_have_a_speed_and_no_note() -> None:
    given = timings([100.0, 200.0, 0.0, 400.0], tokens=20.0)
    given.batch_size[3] = 2.0
    found = latency(given)
    assert found.tokens_per_second.value == pytest.approx((200 + 100) / 2)
    assert found.notes[0].text.startswith("1 outputs")
    given.batch_size[:] = np.nan
    unknown = latency(given)
    assert unknown.notes == ()
    assert unknown.largest_batch == 1
    assert unknown.tokens_per_second.n == 3, "a batch that nobody recorded is a single request"


def test_percentiles_are_numpys_with_repeats_as_one_cluster() -> None:
    values = np.random.default_rng(2).lognormal(5, 0.5, 600)
    alone, repeated = (latency(timings(values.tolist(), repeats=times)) for times in (1, 6))
    for name, q in {"p50": 50, "p90": 90, "p95": 95}.items():
        assert alone.percentiles[name].value == pytest.approx(np.percentile(values, q), rel=0.01)
        assert repeated.percentiles[name].value == pytest.approx(alone.percentiles[name].value)
        assert alone.percentiles[name].estimator == "tails.percentile"
    assert "cluster" not in alone.percentiles["p50"].method
    assert repeated.percentiles["p50"].method != alone.percentiles["p50"].method


def test_the_first_token_is_described_where_it_was_measured() -> None:
    given = timings([float(ms) for ms in range(100, 200)], batch=2)
    given.first_token_ms[:] = np.where(np.arange(100) < 80, np.arange(100.0), np.nan)
    found = latency(given).first_token
    assert list(found) == ["p50", "p90", "p95", "p99"]
    assert found["p50"].value == pytest.approx(39.0)
    assert found["p50"].n == 40


def test_nothing_timed_has_reasons() -> None:
    found = latency(timings([]))
    assert found.mean_ms.undefined == "no output of this system was timed"
    assert found.input_tokens.undefined == "tokens of the input were not recorded"
    assert (found.cost_total, found.largest_batch, found.outputs) == (None, 1, 0)
