"""Latency of examples that were asked several times: percentiles and the mean, whose repeats are alike."""

import numpy as np
import pytest
from scipy import special

from concord.estimates.latency import latency
from concord.estimates.timings import Timings
from tests.concord.scorecards.report.coverage.studies import ROUNDS, holds, keep

pytestmark = pytest.mark.slow
BETWEEN, WITHIN = 0.4, 0.2  # of the logarithm, from example to example and from time to time
SIZE = float(np.hypot(BETWEEN, WITHIN))
TRUTH = {
    "p50": 500.0,
    "p90": 500 * float(np.exp(SIZE * special.ndtri(0.9))),
    "p95": 500 * float(np.exp(SIZE * special.ndtri(0.95))),
    "mean": 500 * float(np.exp(SIZE**2 / 2)),
}


def asked(rng: np.random.Generator, examples: int, repeats: int) -> Timings:
    """Milliseconds, lognormal, longer for some examples than for others."""
    example = np.repeat(np.arange(examples), repeats)
    log = rng.normal(0, BETWEEN, examples)[example] + rng.normal(0, WITHIN, len(example))
    nothing = np.full(len(example), np.nan)
    return Timings(
        systems=np.zeros(len(example), dtype=np.int64),
        examples=example,
        outputs=np.arange(len(example)),
        duration_ms=500 * np.exp(log),
        first_token_ms=nothing,
        input_tokens=nothing,
        output_tokens=nothing,
        batch_size=np.ones(len(example)),
        cost=nothing,
        counts=np.ones(len(example), dtype=bool),
    )


@pytest.mark.parametrize("repeats", [1, 5])
@pytest.mark.parametrize("examples", [60, 200])
def test_latency(examples: int, repeats: int) -> None:
    times = f"asked {repeats} time{'s' * (repeats > 1)}"
    rng = np.random.default_rng(examples + repeats)
    held: dict[str, list[bool]] = {name: [] for name in TRUTH}
    for _ in range(ROUNDS):
        found = latency(asked(rng, examples, repeats))
        for name, truth in TRUTH.items():
            figure = found.mean_ms if name == "mean" else found.percentiles[name]
            if figure.has_interval:
                held[name].append(figure.low <= truth <= figure.high)
    for name, each in held.items():
        given = len(each) / ROUNDS
        remark = "" if given == 1 else f"an interval in {given:.3f}"
        if each:
            keep(f"latency, {name}: {examples} examples, {times}", f"{np.mean(each):.3f}", remark)
            # with one answer an example the ends are order statistics: exact, and hold more
            assert holds(float(np.mean(each)), high=1.0 if repeats == 1 else 0.975), name
