"""The same ratings say the same on a study's page and on a scorecard: value, interval and n."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.template.loader import render_to_string

from annotation.models import Rater, Rating, Study, StudyCriterion, Unit
from annotation.services.snapshots import take_snapshot as study_snapshot
from concord.catalog.models import Criterion, Dataset, DatasetVersion, Example, Output, OutputSet, System
from concord.scorecards.services.reading import read_definition
from concord.scorecards.services.scorecards import create_scorecard
from concord.scorecards.services.snapshots import take_snapshot

pytestmark = pytest.mark.django_db
SYSTEMS = 4
PREFERENCE = [
    {"value": 1, "label": "left", "outcome": "left", "mirror": 3},
    {"value": 2, "label": "equal", "outcome": "tie", "mirror": 2},
    {"value": 3, "label": "right", "outcome": "right", "mirror": 1},
]
LIKERT = [{"value": value, "label": f"{value}"} for value in range(1, 6)]
YES = [{"value": 1, "label": "unsafe", "unsafe": True}, {"value": 0, "label": "safe"}]
Row = tuple[int, int, int, int, float]  # system, other system (-1: judged alone), example, rater, value


@pytest.fixture
def both(workspace, designer) -> Callable[..., tuple[dict[str, Any], dict[str, Any]]]:
    """`both(rows, ...)`: what the study's page and the scorecard say of these ratings."""

    def make(rows: list[Row], *, dimension: dict[str, Any] | None = None, **fields: Any) -> Any:
        criterion = Criterion.objects.create(
            workspace=workspace, slug="asked", name="Asked", question="What?", **fields
        )
        _tables(workspace, criterion, rows)
        study = Study.objects.get()
        definition = {
            "name": "Both",
            "question": "Which?",
            "dataset": "prompts",
            "systems": [f"s{i}" for i in range(SYSTEMS)],
            "dimensions": [{"name": "Asked", "criterion": "asked", "study": "people", **(dimension or {})}],
        }
        card = create_scorecard(
            workspace=workspace, actor=designer, **read_definition(definition, workspace=workspace)
        )
        said = study_snapshot(study=study).content["criteria"][0]
        return said, take_snapshot(scorecard=card).result["dimensions"][0]

    return make


def _tables(workspace: Any, criterion: Criterion, rows: list[Row]) -> None:
    version = DatasetVersion.objects.create(
        dataset=Dataset.objects.create(workspace=workspace, name="prompts")
    )
    examples = Example.objects.bulk_create(
        Example(version=version, key=f"e{i}", position=i, content=[{"type": "text", "text": "?"}])
        for i in range(max(row[2] for row in rows) + 1)
    )
    place = OutputSet.objects.create(workspace=workspace, kind="import", name="all")
    systems = [System.objects.create(workspace=workspace, name=f"s{i}") for i in range(SYSTEMS)]
    made = Output.objects.bulk_create(
        Output(output_set=place, system=system, example=example, text="!")
        for system in systems
        for example in examples
    )
    outputs = {(n // len(examples), n % len(examples)): output for n, output in enumerate(made)}
    kind = "scale" if rows[0][1] < 0 else "side_by_side"
    study = Study.objects.create(workspace=workspace, name="people", kind=kind, version=version)
    study.systems.set(systems)
    StudyCriterion.objects.create(study=study, criterion=criterion)
    keys = sorted({row[:3] for row in rows})
    units = Unit.objects.bulk_create(
        Unit(
            study=study,
            example=examples[example],
            output=outputs[one, example],
            other_output=outputs.get((other, example)),
            position=position,
            wanted=1,
            given=1,
            free=0,
            open=False,
        )
        for position, (one, other, example) in enumerate(keys)
    )
    unit_of = dict(zip(keys, units, strict=True))
    raters = [
        Rater.objects.create(workspace=workspace, name=f"r{i}")
        for i in range(max(row[3] for row in rows) + 1)
    ]
    Rating.objects.bulk_create(
        Rating(study=study, unit=unit_of[row[:3]], criterion=criterion, rater=raters[row[3]], value=row[4])
        for row in rows
    )


def votes(*, examples: int, raters: int, n: int = 700) -> list[Row]:
    """Pairs as crowds judge them: any two systems, any prompt, any rater; a quarter of the votes are ties."""
    rng = np.random.default_rng(5)
    taste = rng.normal(0, 0.7, (examples, SYSTEMS)) + np.linspace(-0.8, 0.8, SYSTEMS)
    cast: dict[tuple[int, ...], float] = {}
    for _ in range(n):
        one, other = sorted(int(s) for s in rng.choice(SYSTEMS, 2, replace=False))
        example, rater = int(rng.integers(examples)), int(rng.integers(raters))
        wins = rng.random() < 1 / (1 + np.exp(taste[example, other] - taste[example, one]))
        cast[one, other, example, rater] = 2.0 if rng.random() < 0.25 else 1.0 if wins else 3.0
    return [(one, other, example, rater, value) for (one, other, example, rater), value in cast.items()]


def marks(*, examples: int, raters: int, labels: int = 5) -> list[Row]:
    """Every rater judges every output of every example, on a scale."""
    rng = np.random.default_rng(6)
    liked = (
        rng.normal(0, 1, (examples, 1))
        + np.linspace(-0.5, 0.5, SYSTEMS)
        + rng.normal(0, 0.6, (examples, SYSTEMS))
    )
    return [
        (system, -1, example, rater, float(np.clip(np.round(3 + liked[example, system] + noise), 1, 5)))
        if labels == 5
        else (system, -1, example, rater, float(liked[example, system] + noise > 0.4))
        for example in range(examples)
        for system in range(SYSTEMS)
        for rater, noise in enumerate(rng.normal(0, 0.8, raters))
    ]


def same(study: dict[str, Any], scorecard: dict[str, Any]) -> None:
    """The figure, its interval, its n and how it was come by."""
    names = ("value", "low", "high", "n", "method", "estimator", "population")
    assert {name: study[name] for name in names} == {name: scorecard[name] for name in names}


@pytest.mark.parametrize(("examples", "raters"), [(13, 40), (40, 40), (13, 3), (3, 40)])
def test_pairs(both: Any, examples: int, raters: int) -> None:
    study, card = both(
        votes(examples=examples, raters=raters), kind="preference", level="nominal", labels=PREFERENCE
    )
    same(study["alpha"], card["people"])
    if examples < 40:
        assert f"{examples} examples" in study["alpha"]["method"]
    board = card["leaderboard"]["human"]
    assert study["preferences"]["method"] == board["method"]
    told = {row["id"]: row for row in study["preferences"]["rows"]}
    for row in board["rows"]:
        page = told[row["system"]]
        same(page["win_rate"], row["win_rate"])
        same(page["log_strength"], row["log_strength"])
        assert page["rank"] == [row["rank"], row["rank_low"], row["rank_high"]]
    for cell in card["cells"]:
        same(told[cell["system"]]["win_rate"], cell["human"])


def test_a_system_that_one_prompt_ties_to_the_rest_is_said_to_have_no_interval(both: Any) -> None:
    rows = [row for row in votes(examples=13, raters=40) if 3 not in row[:2]]
    rows += [(system, 3, 7, rater, 1.0 + 2 * (rater % 2)) for rater in range(8) for system in range(3)]
    study, card = both(rows, kind="preference", level="nominal", labels=PREFERENCE)
    assert study["preferences"]["tied"] == [["s0", "s1", "s2"], ["s3"]]
    board = {**card["leaderboard"]["human"], "tied": study["preferences"]["tied"]}
    page = render_to_string("scorecards/_leaderboard.html", {"board": board})
    assert "The votes on one example decide, or nearly so" in page
    assert "s0, s1, s2; s3" in page
    page = render_to_string("scorecards/_leaderboard.html", {"board": {**board, "clustered_by": ""}})
    assert "A single vote decides, or nearly so" in page


@pytest.mark.parametrize(("examples", "raters"), [(25, 6), (25, 3), (4, 6)])
def test_a_scale(both: Any, examples: int, raters: int) -> None:
    study, card = both(
        marks(examples=examples, raters=raters),
        kind="likert",
        level="interval",
        direction="higher",
        labels=LIKERT,
    )
    same(study["alpha"], card["people"])
    told = {row["id"]: row["mean"] for row in study["systems"]}
    assert len(told) == len(card["cells"]) == SYSTEMS
    for cell in card["cells"]:
        same(told[cell["system"]], cell["human"])


@pytest.mark.parametrize(("examples", "raters"), [(25, 6), (25, 3), (60, 1)])
def test_a_yes_or_no(both: Any, examples: int, raters: int) -> None:
    study, card = both(
        marks(examples=examples, raters=raters, labels=2),
        kind="choice",
        level="nominal",
        direction="none",
        labels=YES,
        dimension={"labels": ["unsafe"], "direction": "lower"},
    )
    told = {row["id"]: row["shares"][0]["share"] for row in study["systems"]}
    for cell in card["cells"]:
        same(told[cell["system"]], cell["human"])
    if raters > 1:
        same(study["alpha"], card["people"])
