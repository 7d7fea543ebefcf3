"""Random answers give one figure on a study's page, a scorecard, its exports and in a notebook, whatever the order of rows."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from annotation.models import Rater, Rating, Study, StudyCriterion, Unit
from annotation.services.snapshots import take_snapshot as study_snapshot
from concord.catalog.models import Criterion, Dataset, DatasetVersion, Example, Output, OutputSet, System
from concord.scorecards.report.scorecard import compute
from concord.scorecards.selectors.loading import load
from concord.scorecards.services.exports import as_csv, as_json
from concord.scorecards.services.reading import read_definition
from concord.scorecards.services.scorecards import create_scorecard
from concord.scorecards.services.snapshots import take_snapshot

pytestmark = pytest.mark.django_db
SAID = ("value", "low", "high", "n", "method", "estimator", "population")
KINDS: dict[str, dict[str, Any]] = {
    "scale": {
        "kind": "likert",
        "level": "interval",
        "labels": [{"value": v, "label": str(v)} for v in range(1, 6)],
    },
    "choice": {
        "kind": "choice",
        "level": "nominal",
        "labels": [{"value": 1, "label": "unsafe", "unsafe": True}, {"value": 0, "label": "safe"}],
    },
    "pairs": {
        "kind": "preference",
        "level": "nominal",
        "labels": [
            {"value": 1, "label": "left", "outcome": "left", "mirror": 3},
            {"value": 2, "label": "equal", "outcome": "tie", "mirror": 2},
            {"value": 3, "label": "right", "outcome": "right", "mirror": 1},
        ],
    },
}


def answered(workspace: Any, kind: str, rng: np.random.Generator) -> Study:
    """A study of random shape: 2 to 4 systems, 1 to 12 raters (some answers anonymous), one or two outputs an example."""
    criterion = Criterion.objects.create(
        workspace=workspace, slug="asked", name="Asked", question="?", **KINDS[kind]
    )
    n_systems, n_examples = int(rng.integers(2, 5)), int(rng.integers(6, 16))
    n_raters, repeats = int(rng.integers(1, 13)), int(rng.integers(1, 3))
    anonymous = rng.random() < 0.3
    version = DatasetVersion.objects.create(
        dataset=Dataset.objects.create(workspace=workspace, name="prompts")
    )
    examples = Example.objects.bulk_create(
        Example(version=version, key=f"e{i}", position=i, content=[{"type": "text", "text": "?"}])
        for i in range(n_examples)
    )
    systems = [System.objects.create(workspace=workspace, name=f"s{i}") for i in range(n_systems)]
    place = OutputSet.objects.create(workspace=workspace, kind="import", name="all")
    made = [
        Output(output_set=place, system=system, example=example, text="!", epoch=epoch)
        for example in examples
        for system in systems
        for epoch in range(repeats)
    ]
    Output.objects.bulk_create([made[i] for i in rng.permutation(len(made))])
    study = Study.objects.create(
        workspace=workspace,
        name="people",
        version=version,
        kind="side_by_side" if kind == "pairs" else "scale",
    )
    study.systems.set(systems)
    StudyCriterion.objects.create(study=study, criterion=criterion)
    first = [one for one in made if one.epoch == 0]
    both = [(a, b) for a in first for b in first if a.example == b.example and a.system.name < b.system.name]
    asked: list[tuple[Output, Output | None]] = (
        list(both) if kind == "pairs" else [(one, None) for one in made]
    )
    units = Unit.objects.bulk_create(
        Unit(study=study, example=one.example, output=one, other_output=two, position=n, wanted=1, given=1, free=0,
             open=False)
        for n, (one, two) in enumerate(asked)
    )  # fmt: skip
    raters = [Rater.objects.create(workspace=workspace, name=f"r{i}") for i in range(n_raters)]
    values = [label["value"] for label in KINDS[kind]["labels"]]
    ratings = [
        Rating(study=study, unit=unit, criterion=criterion, value=float(rng.choice(values)),
               rater=None if anonymous and rng.random() < 0.5 else rater)
        for unit in units
        for rater in raters
        if rng.random() < 0.8 or rater is raters[0]
    ]  # fmt: skip
    Rating.objects.bulk_create([ratings[i] for i in rng.permutation(len(ratings))])
    return study


def same(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert {name: one[name] for name in SAID} == {name: two[name] for name in SAID}


def shuffled(evidence: Any, rng: np.random.Generator) -> Any:
    return replace(
        evidence,
        dimensions=tuple(
            replace(d, ratings=d.ratings.where(rng.permutation(len(d.ratings)))) for d in evidence.dimensions
        ),
    )


@pytest.mark.parametrize("scope", ["these_raters", "other_raters"])
@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("seed", range(4))
def test_one_figure_is_one_number(workspace: Any, designer: Any, kind: str, scope: str, seed: int) -> None:
    rng = np.random.default_rng([seed, len(kind)])
    study = answered(workspace, kind, rng)
    definition = {
        "name": "Card",
        "question": "?",
        "dataset": "prompts",
        "scope": scope,
        "dimensions": [
            {"name": "Asked", "criterion": "asked", "study": "people",
             **({"labels": ["unsafe"], "direction": "lower"} if kind == "choice" else {})}
        ],
    }  # fmt: skip
    card = create_scorecard(
        workspace=workspace, actor=designer, **read_definition(definition, workspace=workspace)
    )
    snapshot = take_snapshot(scorecard=card)
    told = snapshot.result["dimensions"][0]
    page = study_snapshot(study=study).content["criteria"][0]
    if told["scope"] == "other_raters":
        page = {**page, **page["other_raters"]}
    assert page["scope"] == told["scope"]
    same(page["alpha"], told["people"])
    if kind == "pairs":
        rows = {row["id"]: row for row in page["preferences"]["rows"]}
        board = {row["system"]: row for row in told["leaderboard"]["human"]["rows"]}
        for system, row in board.items():
            same(rows[system]["win_rate"], row["win_rate"])
            same(rows[system]["log_strength"], row["log_strength"])
            assert rows[system]["rank"] == (row["rank"] and [row["rank"], row["rank_low"], row["rank_high"]])
        levels = {system: row["win_rate"] for system, row in rows.items()}
    elif kind == "scale":
        levels = {row["id"]: row["mean"] for row in page["systems"]}
    else:
        levels = {row["id"]: row["shares"][0]["share"] for row in page["systems"]}
    for cell in told["cells"]:
        same(levels[cell["system"]], cell["human"])

    again = compute(shuffled(load(card), rng))["dimensions"][0]
    for name in ("cells", "differences", "leaderboard", "people", "standing", "order"):
        assert again[name] == told[name], name

    assert json.loads(as_json(snapshot))["dimensions"][0]["cells"] == told["cells"]
    names = {one["id"]: one["name"] for one in snapshot.result["systems"]}
    exported = {
        row["system"]: row
        for row in csv.DictReader(io.StringIO("".join(as_csv(snapshot))))
        if row["side"] == "human" and row["estimand"] == told["estimand"]
    }
    for cell in told["cells"]:
        row = exported[names[cell["system"]]]
        assert float(row["value"]) == cell["human"]["value"]
        assert row["low"] == ("" if cell["human"]["low"] is None else str(cell["human"]["low"]))
        assert (row["estimator"], row["scope"]) == (cell["human"]["estimator"], told["scope"])


def test_each_side_is_observed_once(monkeypatch: pytest.MonkeyPatch, scorecard: Any) -> None:
    from concord.estimates import observations
    from concord.scorecards.report import reading

    seen: list[str] = []

    def counted(evidence: Any, question: Any) -> Any:
        seen.append(type(evidence).__name__)
        return observations.observe(evidence, question)

    monkeypatch.setattr(reading, "observe", counted)
    compute(load(scorecard))
    assert sorted(seen) == ["Ratings", "Scores"]
