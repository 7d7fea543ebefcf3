"""A small study of each kind, with its cast."""

from collections.abc import Callable
from typing import Any

import pytest

LIKERT = [{"value": value, "label": f"{value} of 5"} for value in range(1, 6)]
PREFERENCE = [
    {"value": 2, "label": "A much better", "outcome": "left", "mirror": -2},
    {"value": 1, "label": "A slightly better", "outcome": "left", "mirror": -1},
    {"value": 0, "label": "equal", "outcome": "tie"},
    {"value": -1, "label": "B slightly better", "outcome": "right", "mirror": 1},
    {"value": -2, "label": "B much better", "outcome": "right", "mirror": 2},
]


@pytest.fixture
def material(workspace: Any) -> Callable[..., Any]:
    """`material(examples=4, systems=3)`: a dataset version in which every system answered every example."""
    from concord.catalog.models import Dataset, DatasetVersion, Example, Output, OutputSet, System

    def make(examples: int = 4, systems: int = 3) -> Any:
        version = DatasetVersion.objects.create(
            dataset=Dataset.objects.create(workspace=workspace, name="Questions")
        )
        cast = [
            System.objects.create(workspace=workspace, name=f"system {index}") for index in range(systems)
        ]
        asked = Example.objects.bulk_create(
            Example(
                version=version,
                key=f"q{index}",
                position=index,
                content=[{"type": "text", "text": f"question {index}"}],
                reference=f"gold {index}",
            )
            for index in range(examples)
        )
        outputs = OutputSet.objects.create(workspace=workspace, kind="import", name="answers")
        Output.objects.bulk_create(
            Output(
                output_set=outputs, system=system, example=example, text=f"answer {example.key} no {place}"
            )
            for example in asked
            for place, system in enumerate(cast)
        )
        return version, cast

    return make


@pytest.fixture
def criterion(workspace: Any) -> Callable[..., Any]:
    from concord.catalog.models import Criterion

    def make(kind: str = "likert", slug: str = "quality", **fields: Any) -> Any:
        labels = {"likert": LIKERT, "preference": PREFERENCE}.get(kind, [])
        level = {"preference": "ordinal", "likert": "ordinal", "numeric": "interval"}.get(kind, "nominal")
        given = {
            "name": slug.title(),
            "question": f"How is the {slug}?",
            "labels": labels,
            "level": level,
        } | fields
        return Criterion.objects.create(workspace=workspace, slug=slug, kind=kind, **given)

    return make


@pytest.fixture
def study(workspace: Any, designer: Any, material: Any, criterion: Any) -> Callable[..., Any]:
    """`study(kind=..., examples=4, systems=3, wanted=2)`: a live study with its units."""
    from annotation.services.studies import create_study, open_study
    from annotation.services.units import build_units

    def make(
        kind: str = "scale",
        *,
        examples: int = 4,
        systems: int = 3,
        pairs: int | None = None,
        criteria: Any = None,
        live: bool = True,
        **fields: Any,
    ) -> Any:
        version, cast = material(examples, systems)
        asked = criteria or [criterion("likert" if kind == "scale" else "preference")]
        given = {"name": "A study", "wanted": 2, "seed": 7, "entry": "workspace"} | fields
        made = create_study(
            workspace=workspace,
            actor=designer,
            kind=kind,
            version=version,
            systems=cast,
            criteria=asked,
            **given,
        )
        build_units(actor=designer, study=made, pairs_per_example=pairs)
        return open_study(study=made, actor=designer) if live else made

    return make
