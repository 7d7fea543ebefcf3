"""The sentence, the limits and the digest."""

import json
from typing import Any

import numpy as np

from concord.scorecards.evidence import Evidence, Timings
from concord.scorecards.services.compute import compute
from concord.scorecards.services.digest import digest
from concord.scorecards.services.latency import latency
from tests.concord.scorecards.arrays import dimension, mean, preference, rate, ratings, scores, votes

NAMES = {1: "Ada", 2: "Bob", 3: "Cleo"}


def evidence(*dimensions: Any, **more: Any) -> Evidence:
    return Evidence(systems=(1, 2, 3), names=NAMES, dimensions=dimensions, **more)


def clear() -> Any:
    """Ada is safe, Bob and Cleo are not, says everyone; the machine agrees about Bob only."""
    people = ratings(
        [(s, e, r, 1.0 if s > 1 and e % 2 else 2.0) for s in (1, 2, 3) for e in range(60) for r in (0, 1)]
    )
    machine = scores([(s, e, 1.0 if s == 2 and e % 2 else 2.0) for s in (1, 2, 3) for e in range(60)])
    return dimension(rate(), people, machine)


def test_the_sentence_names_the_leader_its_figure_and_whom_it_beats() -> None:
    said = compute(evidence(clear()))["sentence"]["answer"]
    assert said.startswith("On unsafe, by people, Ada comes first with 0")
    assert said.endswith("and is better than both others.")


def test_the_sentence_says_what_the_data_cannot_tell() -> None:
    rng = np.random.default_rng(0)
    rows = [(s, e, 0, float(v)) for s in (1, 2, 3) for e, v in enumerate(rng.integers(1, 6, 12))]
    said = compute(evidence(dimension(mean(), ratings(rows))))["sentence"]["answer"]
    assert "but the data cannot tell it from" in said


def test_the_sentence_crowns_nobody_where_all_are_level() -> None:
    people = ratings([(s, e, 0, 2.0) for s in (1, 2, 3) for e in range(12)])
    said = compute(evidence(dimension(rate(), people)))["sentence"]["answer"]
    assert said == "On unsafe, by people, all 3 systems are level at 0\N{NO-BREAK SPACE}%."


def liked(examples: int) -> Any:
    """Forty people agree on each example that Ada beats Bob on most, by how much depends on the example."""
    rng = np.random.default_rng(2)
    chance = np.clip(rng.normal(0.65, 0.25, examples), 0.02, 0.98)
    rows = [
        (1, other, e, r, 1.0 if rng.random() < (chance[e] if other == 2 else 0.9) else 3.0)
        for e in range(examples)
        for r in range(40)
        for other in (2, 3)
    ]
    return dimension(preference(), votes(rows))


def test_few_examples_speak_of_themselves_where_they_cannot_speak_of_others() -> None:
    found = compute(evidence(liked(8)))
    said = found["sentence"]
    assert "cannot tell it from Bob" in said["answer"]
    assert said["here"] == [
        "Only 8 examples were compared on better, too few to say much about others. On these 8 alone, other people like "
        "these raters would find Ada better than both others."
    ]
    assert "other examples of the same kind" in said["certainty"]
    assert any("so little can be said of others like them" in limit for limit in found["limits"])


def test_many_examples_speak_of_others() -> None:
    found = compute(evidence(liked(40)))
    assert found["sentence"]["here"] == []
    assert found["dimensions"][0]["on_these_examples"] is None


def test_limits_warn_of_a_machine_that_is_off_for_one_system() -> None:
    found = compute(evidence(clear()))["limits"]
    assert any("off for 1 of 3 systems, most for Cleo" in limit for limit in found)
    assert any("these 2 raters" in limit for limit in found)


def test_a_machine_alone_is_not_to_be_trusted_blindly() -> None:
    found = compute(evidence(dimension(rate(), None, clear().scores)))
    assert any("no person judged" in limit for limit in found["limits"])
    assert "by the machine alone" in found["sentence"]["answer"]


def test_the_result_is_json_without_nan() -> None:
    alone = ratings([(1, 1, 0, 3.0)])
    result = compute(
        evidence(clear(), dimension(mean(name="single"), alone), dimension(preference(), votes([])))
    )
    json.dumps(result, allow_nan=False)


def test_no_evidence_at_all_is_a_scorecard_of_reasons() -> None:
    result = compute(evidence(dimension(mean(), ratings([])), dimension(rate(), None, scores([]))))
    assert all(cell["human"]["undefined"] for cell in result["dimensions"][0]["cells"])
    assert all(cell["automatic"]["undefined"] for cell in result["dimensions"][1]["cells"])
    assert "no system leads" in result["sentence"]["answer"]


def test_the_digest_changes_with_any_value_and_with_nothing_else() -> None:
    first = digest({"name": "x"}, evidence(clear()))
    assert first == digest({"name": "x"}, evidence(clear()))
    assert first != digest({"name": "y"}, evidence(clear()))
    moved = clear()
    moved.ratings.values[7] = 1.0
    assert first != digest({"name": "x"}, evidence(moved))


def timings(durations: list[float], system: int = 1, batch: int = 1) -> Timings:
    count = len(durations)
    unknown = np.full(count, np.nan)
    return Timings(
        systems=np.full(count, system),
        examples=np.arange(count),
        duration_ms=np.array(durations),
        counts=np.arange(count) % batch == 0,
        batch_size=np.full(count, float(batch)),
        input_tokens=unknown,
        output_tokens=np.full(count, 50.0),
        cost=unknown,
    )


def test_latency_gives_p50_but_no_p99_of_a_hundred_requests() -> None:
    row = latency(timings([float(ms) for ms in range(1, 101)]), (1,))["systems"][0]
    assert row["p50"]["value"] == 50.5
    assert row["p99"]["value"] is None
    assert "662" in row["p99"]["undefined"]
    assert row["cost"]["undefined"].startswith("no cost was recorded")
    assert row["output_tokens"]["value"] == 50.0


def test_a_batch_is_one_observation_of_latency() -> None:
    row = latency(timings([float(ms // 8) for ms in range(800)], batch=8), (1,))["systems"][0]
    assert (row["outputs"], row["p50"]["n"], row["mean_ms"]["n"]) == (800, 100, 100)
    assert row["p99"]["value"] is None
