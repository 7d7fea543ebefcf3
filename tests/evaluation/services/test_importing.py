"""Scores and timings from files: single and pairwise, unparsed kept, wrong lines rejected, undone as one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from concord.catalog.models import Output, OutputSet, System
from concord.core.actors import BACKGROUND
from evaluation.models import Score, Scorer, Timing
from evaluation.selectors.long_form import scores_long, timings_long

pytestmark = pytest.mark.django_db
SAFE = {
    "slug": "safe",
    "name": "Safe",
    "question": "Is it safe?",
    "kind": "yes_no",
    "level": "nominal",
    "direction": "higher",
    "labels": [{"value": 1, "label": "yes"}, {"value": 0, "label": "no"}],
}
BETTER = {
    "template": "preference",
    "slug": "better",
    "name": "Better",
    "question": "Which is better?",
    "direction": "none",
}


@pytest.fixture
def outputs(workspace: Any, make_dataset: Callable[..., Any]) -> Any:
    """Two systems' answers to three examples e0, e1, e2 of the dataset Questions."""
    version = make_dataset([{}, {}, {}])
    made = OutputSet.objects.create(workspace=workspace, kind="import")
    for name in ("left one", "right one"):
        system = System.objects.create(workspace=workspace, name=name)
        for example in version.examples.order_by("position"):
            Output.objects.create(
                output_set=made, system=system, example=example, text=f"{name} {example.key}"
            )
    return version


@pytest.fixture
def load(workspace: Any, designer: Any, run_jobs: Callable[[], int]) -> Callable[..., Any]:
    """Imports a CSV text with these record entries; returns the batch."""
    from concord.catalog.models import ImportBatch
    from concord.catalog.services.importing import batches
    from concord.catalog.services.importing.uploads import store_upload

    def imported(text: str, *entries: dict[str, Any], keep_good_rows: bool = False) -> Any:
        mapping = {
            "name": "m",
            "format": "csv",
            "dataset": "Questions",
            "criteria": [SAFE, BETTER],
            "records": list(entries),
        }
        file = store_upload(actor=BACKGROUND, workspace=workspace, source=text.encode(), name="scores.csv")
        batch = batches.create_import(actor=designer, workspace=workspace, file=file, mapping=mapping)
        batches.start_check(actor=BACKGROUND, batch=batch)
        run_jobs()
        batches.start_write(actor=BACKGROUND, batch=batch, keep_good_rows=keep_good_rows)
        run_jobs()
        return ImportBatch.objects.get(pk=batch.pk)

    return imported


SINGLE = {
    "kind": "scores",
    "scorer": "Judge J",
    "scorer_kind": "judge",
    "criterion": "safe",
    "fields": {
        "system": {"column": "model"},
        "example": {"column": "id"},
        "value": {"column": "verdict", "map": {"safe": 1, "unsafe": 0}, "unmapped": "unparsed"},
    },
}


def test_single_scores_with_unparsed_answers_kept(outputs: Any, load: Any) -> None:
    batch = load(
        "model,id,verdict\nleft one,e0,safe\nleft one,e1,unsafe\nright one,e0,I cannot say\n", SINGLE
    )
    assert batch.state == "done", batch.error
    scorer = Scorer.objects.get(name="Judge J")
    assert (scorer.kind, scorer.method) == ("judge", "imported")
    found = scores_long(scorer_id=scorer.pk, criterion_id=Score.objects.first().criterion_id)  # type: ignore[union-attr]
    assert found.other_outputs.tolist() == [-1, -1, -1]
    assert Score.objects.get(value=None).raw == "I cannot say"
    names = dict(Output.objects.values_list("pk", "text"))
    said = {names[pk]: value for pk, value in zip(found.outputs, found.values, strict=True)}
    assert (said["left one e0"], said["left one e1"]) == (1, 0)
    assert np.isnan(said["right one e0"])
    assert len(said) == 3


def test_pairs_keep_their_order(outputs: Any, load: Any) -> None:
    entry = {
        "kind": "scores",
        "scorer": "Judge J",
        "criterion": "better",
        "fields": {
            "left_system": {"column": "a"},
            "right_system": {"column": "b"},
            "example": {"column": "id"},
            "value": {"column": "winner", "map": {"a": 1, "tie": 2, "b": 3}},
        },
    }
    batch = load("a,b,id,winner\nleft one,right one,e0,a\nright one,left one,e0,tie\n", entry)
    assert batch.state == "done", batch.error
    found = scores_long(scorer_id=Scorer.objects.get().pk, criterion_id=Score.objects.first().criterion_id)  # type: ignore[union-attr]
    names = dict(Output.objects.values_list("pk", "text"))
    assert [(names[a], names[b]) for a, b in zip(found.outputs, found.other_outputs, strict=True)] == [
        ("left one e0", "right one e0"),
        ("right one e0", "left one e0"),
    ]
    assert found.values.tolist() == [1, 2]
    assert found.systems.tolist() == found.other_systems.tolist()[::-1]


def test_wrong_lines_are_rejected_before_anything_is_written(outputs: Any, load: Any) -> None:
    text = "model,id,verdict\nleft one,e0,safe\nnobody,e0,safe\nleft one,e9,safe\nleft one,e0,unsafe\nleft one,e1,\n"
    batch = load(text, SINGLE, keep_good_rows=True)
    reasons = dict(batch.rejections.values_list("line", "reason"))
    assert sorted(reasons) == [3, 4, 5, 6]
    assert "nobody" in reasons[3]
    assert "e9" in reasons[4]
    assert "more than once" in reasons[5]
    assert "empty" in reasons[6]
    assert Score.objects.count() == 1
    again = load("model,id,verdict\nleft one,e0,unsafe\n", SINGLE, keep_good_rows=True)
    assert "already" in again.rejections.get().reason


TIMING = {
    "kind": "timings",
    "fields": {
        "system": {"column": "model"},
        "example": {"column": "id"},
        "duration_ms": {"column": "seconds", "scale": 1000},
        "output_tokens": {"column": "tokens"},
    },
}


def test_timings_are_scaled_and_their_gaps_are_nan(outputs: Any, load: Any) -> None:
    batch = load("model,id,seconds,tokens\nleft one,e0,1.5,12\nleft one,e1,0.25,\n", TIMING)
    assert batch.state == "done", batch.error
    systems = list(System.objects.values_list("pk", flat=True))
    found = timings_long(system_ids=systems, version_id=outputs.pk)
    assert found.duration_ms.tolist() == [1500, 250]
    assert found.output_tokens[0] == 12
    assert np.isnan(found.output_tokens[1])
    assert np.isnan(found.cost).all()
    assert len(timings_long(system_ids=systems, version_id=outputs.pk + 1)) == 0


def test_bad_timings_are_rejected(outputs: Any, load: Any) -> None:
    text = "model,id,seconds,tokens\nleft one,e0,-1,1\nleft one,e1,1,1.5\nleft one,e2,1,1\nleft one,e2,2,1\n"
    batch = load(text, TIMING, keep_good_rows=True)
    assert sorted(batch.rejections.values_list("line", flat=True)) == [2, 3, 5]
    assert Timing.objects.count() == 1


def test_an_import_of_scores_is_undone_as_one(outputs: Any, load: Any, designer: Any) -> None:
    from concord.catalog.services.importing import batches

    first = load("model,id,verdict\nleft one,e0,safe\n", SINGLE)
    second = load("model,id,verdict\nleft one,e1,safe\n", SINGLE)
    batches.undo_import(actor=BACKGROUND, batch=first)
    assert Score.objects.count() == 1
    assert Scorer.objects.count() == 1, "the scorer is still used by the other import"
    batches.undo_import(actor=BACKGROUND, batch=second)
    assert Score.objects.count() == 0


def test_the_same_answer_in_two_columns_is_rejected_by_the_check(outputs: Any, load: Any) -> None:
    second = {
        **SINGLE,
        "fields": {**SINGLE["fields"], "value": {**SINGLE["fields"]["value"], "column": "again"}},
    }
    text = "model,id,verdict,again\nleft one,e0,safe,unsafe\nright one,e0,safe,\n"
    batch = load(text, SINGLE, {**second, "skip_empty": True}, keep_good_rows=True)
    (found,) = batch.rejections.values_list("line", "column", "reason")
    assert found[:2] == (2, "again")
    assert "Judge J answers safe about left one on e0 more than once" in found[2]
    assert list(Score.objects.order_by("id").values_list("value", flat=True)) == [1, 1]


def test_two_timings_of_one_output_in_two_columns_are_rejected_by_the_check(outputs: Any, load: Any) -> None:
    second = {**TIMING, "fields": {**TIMING["fields"], "duration_ms": {"column": "tokens"}}}
    batch = load("model,id,seconds,tokens\nleft one,e0,1,2\n", TIMING, second, keep_good_rows=True)
    assert [reason for (reason,) in batch.rejections.values_list("reason")] == [
        "a second timing of left one for example e0"
    ]
