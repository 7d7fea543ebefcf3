"""A run's page, its API, a scorecard, its export and a notebook say the same of the same answers."""

from typing import Any

import numpy as np
import pytest

from concord.catalog.models import Criterion
from concord.catalog.selectors.questions import usual_question
from concord.estimates.levels import machine_level
from concord.estimates.observations import observe
from concord.estimates.timings import Timings
from concord.scorecards.services.reading import read_definition
from concord.scorecards.services.scorecards import create_scorecard
from concord.scorecards.services.snapshots import take_snapshot
from evaluation.api.serializers import summary_body
from evaluation.models import Scorer
from evaluation.selectors.long_form import scores_long, timings_of_run
from evaluation.selectors.summary import summary
from evaluation.services.benchmarks import create_benchmark
from evaluation.services.planning import plan_run
from tests.evaluation.capitals import capitals, finish

pytestmark = pytest.mark.django_db
SAID = ("value", "low", "high", "n", "method", "estimator", "population")


@pytest.mark.parametrize(("epochs", "right"), [(1, 0.9), (2, 0.7), (3, 1.0)])
def test_accuracy_and_latency_are_one_number_everywhere(
    epochs: int,
    right: float,
    designer: Any,
    workspace: Any,
    make_dataset: Any,
    make_system: Any,
    scripted_engine: Any,
    run_jobs: Any,
) -> None:
    rng = np.random.default_rng(epochs)
    scripted_engine(lambda prompt: "Paris" if rng.random() < right else "no idea")
    version = make_dataset(capitals(20), "Twenty")
    made = create_benchmark(
        actor=designer, workspace=workspace, name="B", version=version, epochs=epochs,
        scorers=[{"method": "contains"}],
    )  # fmt: skip
    system = make_system("transformers", path="x")
    run = finish(plan_run(actor=designer, benchmark=made, system=system), run_jobs, designer)
    page = summary(run)
    api = summary_body(page)
    scorer, criterion = (run.settings["scorers"][0][key] for key in ("scorer_id", "criterion_id"))
    asked = Criterion.objects.get(pk=criterion)
    card = create_scorecard(
        workspace=workspace,
        actor=designer,
        **read_definition(
            {
                "name": "Card",
                "question": "?",
                "dataset": "Twenty",
                "dimensions": [{"criterion": asked.slug, "scorer": Scorer.objects.get(pk=scorer).name}],
            },
            workspace=workspace,
        ),
    )
    result = take_snapshot(scorecard=card).result
    cell = result["dimensions"][0]["cells"][0]["automatic"]
    told = page.accuracies[0].estimate.as_dict()
    assert {name: told[name] for name in SAID} == {name: cell[name] for name in SAID}
    assert api["accuracy"][0]["estimate"] == told
    assert told["n"] == 20

    question = usual_question(asked)
    scores = scores_long(scorer_id=scorer, criterion_id=criterion)
    shuffled = scores.where(rng.permutation(len(scores)))
    assert machine_level(observe(shuffled, question).of(system.pk), question).as_dict() == told

    timed = result["latency"]["systems"][0]
    assert page.latency is not None
    for name in ("p50", "p90", "p95", "p99"):
        assert page.latency.percentiles[name].as_dict() == timed[name]
        assert api["latency"]["milliseconds"][name] == timed[name]
    assert page.latency.tokens_per_second.as_dict() == timed["tokens_per_second"]
    assert isinstance(timings_of_run(run), Timings)
