"""Something to judge: a dataset with one example, two systems that answered it, one question, one live study."""

from dataclasses import dataclass
from typing import Any

from annotation.models import Study, StudyRater, Unit
from annotation.services.joining import rater_named, seat_rater
from annotation.services.studies import create_study, open_study
from annotation.services.units import build_units
from concord.catalog.models import (
    Criterion,
    Dataset,
    DatasetVersion,
    Example,
    Output,
    OutputSet,
    System,
)

LABELS = [{"value": value, "label": f"{value} of 5"} for value in range(1, 6)]


@dataclass(frozen=True)
class Material:
    dataset: Dataset
    version: DatasetVersion
    example: Example
    systems: list[System]
    criterion: Criterion


def make_material(workspace: Any) -> Material:
    dataset = Dataset.objects.create(workspace=workspace, name="Questions")
    version = DatasetVersion.objects.create(dataset=dataset, examples_count=1)
    example = Example.objects.create(version=version, key="q1", content=[{"type": "text", "text": "Why?"}])
    systems = [System.objects.create(workspace=workspace, name=name) for name in ("Ada", "Bert")]
    outputs = OutputSet.objects.create(workspace=workspace, kind="import", name="answers")
    for system in systems:
        Output.objects.create(output_set=outputs, system=system, example=example, text="Because.")
    criterion = Criterion.objects.create(
        workspace=workspace,
        slug="quality",
        name="Quality",
        kind="likert",
        level="ordinal",
        labels=LABELS,
        question="How good?",
    )
    return Material(dataset, version, example, systems, criterion)


def make_study(workspace: Any, owner: Any, material: Material) -> tuple[Study, Unit, StudyRater]:
    study = create_study(
        workspace=workspace,
        actor=owner,
        name="Helpful?",
        kind="scale",
        version=material.version,
        systems=material.systems,
        criteria=[material.criterion],
        wanted=5,
        entry="workspace",
    )
    build_units(actor=owner, study=study)
    study = open_study(study=study, actor=owner)
    seat = seat_rater(study=study, rater=rater_named(workspace=workspace, name="Rita"))
    unit = Unit.objects.filter(study=study).order_by("position")[0]
    return study, unit, seat
