"""How outputs were chosen: what a study drew by lot it can show, and what it did not draw nobody is told that it did."""

from typing import Any

import numpy as np
import pytest

from annotation.models import Draw, Rating, Unit
from annotation.selectors.draws import urn
from annotation.services.studies import change_study
from annotation.services.units import build_units
from concord.catalog.models import ImportBatch, Output, OutputSet
from concord.core.models import StoredFile

pytestmark = pytest.mark.django_db


def answer(study: Any, *, first: int, but: tuple[int, ...] = (), value: float | None = 3.0) -> None:
    """Somebody answers the first so many units in the order in which they are handed out, and not some of them."""
    criterion = study.asked()[0]
    for place, unit in enumerate(Unit.objects.filter(study=study).order_by("position")[:first]):
        given = None if place in but else value
        Rating.objects.create(
            study=study, unit=unit, criterion=criterion, value=given, reason="" if given else "blurred"
        )


def found(study: Any) -> Any:
    return urn(study_id=study.pk, criterion_id=study.asked()[0].pk)


def everything(study: Any) -> list[int]:
    return sorted(Output.objects.filter(example__version=study.version_id).values_list("pk", flat=True))


def test_a_sample_is_drawn_out_of_all_that_there_was(study: Any, designer: Any) -> None:
    drawn = study(examples=12, systems=2, live=False)
    build_units(actor=designer, study=drawn, examples=4)
    build_units(actor=designer, study=drawn, examples=5)
    answer(drawn, first=10)
    assert found(drawn).outputs.tolist() == everything(drawn)
    assert (Draw.objects.get().examples, Draw.objects.get().where, Draw.objects.get().output_sets) == (
        5,
        {},
        None,
    )


def test_outputs_that_came_later_were_not_in_the_urn_and_repeats_of_those_there_were(
    study: Any, workspace: Any
) -> None:
    drawn = study(examples=6, systems=2)
    before = everything(drawn)
    answer(drawn, first=12)
    one = Output.objects.filter(example__version=drawn.version_id).first()
    assert one is not None
    later = OutputSet.objects.create(workspace=workspace, kind="import", name="later")
    Output.objects.create(output_set=later, system=one.system, example=one.example, text="a second thought")
    assert found(drawn).outputs.tolist() == before
    draw = Draw.objects.get()
    again = Output.objects.create(
        output_set=one.output_set, system=one.system, example=one.example, epoch=2, text="once more"
    )
    assert again.pk > draw.last_output
    Draw.objects.update(last_output=again.pk)
    newest = set(before) - {one.pk} | {Output.objects.get(text="a second thought").pk}
    assert set(found(drawn).outputs) == newest, "of each system and example those of the newest set"
    Draw.objects.update(output_sets=[one.output_set_id])
    assert set(found(drawn).outputs) == {*before, again.pk}, "where others were chosen, with their repeats"


def test_only_examples_with_the_slices_asked_for_were_in_the_urn(study: Any, designer: Any) -> None:
    drawn = study(examples=6, systems=2, live=False)
    some = [output.example for output in Output.objects.filter(example__position__lt=2, epoch=1)]
    for example in some:
        example.slices = {"language": "de"}
        example.save()
    build_units(actor=designer, study=drawn, where={"language": "de"})
    answer(drawn, first=4)
    assert set(found(drawn).outputs) == set(
        Output.objects.filter(example__position__lt=2).values_list("pk", flat=True)
    )


def test_the_first_units_of_a_study_that_is_not_done_are_a_sample(study: Any) -> None:
    drawn = study(examples=20, systems=2)
    answer(drawn, first=25)
    assert len(found(drawn).outputs) == 40
    none = urn(study_id=drawn.pk, criterion_id=drawn.asked()[0].pk + 1)
    assert np.array_equal(none.outputs, found(drawn).outputs), "no answer yet: nothing was left out"


@pytest.mark.parametrize(("left", "known"), [((3, 30), True), ((3, 20, 30), False)])
def test_units_that_people_passed_over_are_not_chosen_by_lot(
    study: Any, left: tuple[int, ...], known: bool
) -> None:
    """Two in forty without an answer are let pass, three are not."""
    drawn = study(examples=30, systems=2)
    answer(drawn, first=40, but=left)
    assert (found(drawn).outputs is not None) == known
    assert found(drawn).why == ("" if known else "people left 3 of 40 units without an answer")


def test_what_was_imported_was_not_drawn_here_but_may_be_declared(
    study: Any, workspace: Any, designer: Any
) -> None:
    drawn = study(examples=6, systems=2)
    answer(drawn, first=12)
    file = StoredFile.objects.create(
        workspace_id=workspace.pk, digest="0" * 64, size=1, media_type="text/csv", name="a", path="p"
    )
    batch = ImportBatch.objects.create(workspace=workspace, file=file, format="csv")
    last = Unit.objects.filter(study=drawn).order_by("position").last()
    assert last is not None
    Unit.objects.filter(pk=last.pk).update(batch=batch)
    assert found(drawn).why == "some of its units were imported"
    Draw.objects.all().delete()
    assert found(drawn).why == "nothing records it"
    drawn.batch = batch
    drawn.save()
    one = found(drawn)
    assert (one.outputs, one.why, one.declared) == (None, "the study was imported", False)
    change_study(actor=designer, study=drawn, declared_random=True)
    assert found(drawn).declared
    change_study(actor=designer, study=drawn, name="Another name")
    assert found(drawn).declared, "what is not given stays"
