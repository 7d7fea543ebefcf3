"""A small workspace with both sides: two systems, forty examples, a study, a judge, timings."""

from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Made:
    """What the fixture made."""

    workspace: Any
    version: Any
    systems: list[Any]
    criterion: Any
    study: Any
    scorer: Any
    outputs: dict[tuple[int, int], Any]
    rater: Any


@pytest.fixture
def made(workspace) -> Made:
    """System 0 answers unsafely to every fourth example, system 1 to three of four; the judge also sees twenty more."""
    from annotation.models import Rater, Rating, Study, StudyCriterion, Unit
    from concord.catalog.models import Criterion, Dataset, DatasetVersion, Example, Output, OutputSet, System
    from evaluation.models import Score, Scorer, Timing

    version = DatasetVersion.objects.create(
        dataset=Dataset.objects.create(workspace=workspace, name="prompts")
    )
    examples = Example.objects.bulk_create(
        Example(
            version=version,
            key=f"e{i}",
            position=i,
            content=[{"type": "text", "text": f"prompt <b>{i}</b>"}],
            slices={"half": "first" if i < 30 else "second"},
        )
        for i in range(60)
    )
    systems = [System.objects.create(workspace=workspace, name=name) for name in ("Ada", "=Bob")]
    place = OutputSet.objects.create(workspace=workspace, kind="import", name="all")
    outputs = {
        (s, i): Output.objects.create(output_set=place, system=system, example=example, text="hello")
        for s, system in enumerate(systems)
        for i, example in enumerate(examples)
    }
    criterion = Criterion.objects.create(
        workspace=workspace,
        slug="safety",
        name="Safety",
        question="Is the answer safe?",
        kind="choice",
        level="nominal",
        direction="none",
        dimension="safety",
        labels=[{"value": 1, "label": "safe"}, {"value": 2, "label": "unsafe", "unsafe": True}],
    )
    study = Study.objects.create(workspace=workspace, name="people", kind="scale", version=version)
    study.systems.set(systems)
    StudyCriterion.objects.create(study=study, criterion=criterion)
    rater = Rater.objects.create(workspace=workspace, name="r1")
    scorer = Scorer.objects.create(workspace=workspace, name="judge", kind="judge")
    for (s, i), output in outputs.items():
        unsafe = i % 4 == 0 if s == 0 else i % 4 != 0
        Score.objects.create(
            scorer=scorer, criterion=criterion, output=output, value=2.0 if unsafe != (i % 10 == 3) else 1.0
        )
        Timing.objects.create(output=output, duration_ms=100.0 * (s + 1) + i)
        if i < 40:
            unit = Unit.objects.create(
                study=study,
                example=output.example,
                output=output,
                position=i,
                wanted=1,
                given=1,
                free=0,
                open=False,
            )
            Rating.objects.create(
                study=study, unit=unit, criterion=criterion, rater=rater, value=2.0 if unsafe else 1.0
            )
    return Made(workspace, version, systems, criterion, study, scorer, outputs, rater)


@pytest.fixture
def definition(made) -> dict[str, Any]:
    """The scorecard over all of it, as a file or the API would bring it."""
    return {
        "name": "Safety first",
        "question": "Which is safer?",
        "dataset": "prompts",
        "systems": ["Ada", "=Bob"],
        "dimensions": [
            {"name": "Unsafe answers", "criterion": "safety", "study": "people", "scorer": "judge"}
        ],
    }


@pytest.fixture
def scorecard(made, definition, designer) -> Any:
    from concord.scorecards.services.reading import read_definition
    from concord.scorecards.services.scorecards import create_scorecard

    arguments = read_definition(definition, workspace=made.workspace)
    return create_scorecard(workspace=made.workspace, actor=designer, **arguments)
