"""Ratings out of files: pairs in either orientation, unknown raters, what was answered before, undo."""

from collections.abc import Callable
from typing import Any

import pytest

from annotation.models import Rater, Rating, Study, Unit
from annotation.selectors.freshness import is_stale, stale_studies
from annotation.selectors.long_form import ratings_long
from annotation.selectors.pages import EXPORT, exported_ratings
from annotation.services.snapshots import take_snapshot
from concord.catalog.importing.proposal import propose
from concord.catalog.models import Criterion, ImportBatch
from concord.catalog.services.importing import batches
from concord.catalog.services.importing.uploads import store_upload
from concord.core.actors import BACKGROUND
from concord.core.errors import Conflict

pytestmark = pytest.mark.django_db
BETTER = {
    "slug": "better",
    "name": "Better",
    "question": "Which is better?",
    "kind": "preference",
    "level": "nominal",
    "direction": "none",
    "labels": [
        {"value": 1, "label": "left", "outcome": "left", "mirror": 3},
        {"value": 2, "label": "equal", "outcome": "tie", "mirror": 2},
        {"value": 3, "label": "right", "outcome": "right", "mirror": 1},
    ],
}
OUTPUTS = {
    "kind": "outputs",
    "fields": {"system": {"column": "model"}, "example": {"column": "id"}, "text": {"value": "an answer"}},
}
VOTES = {
    "kind": "ratings", "study": "Votes", "criterion": "better",
    "fields": {
        "left_system": {"column": "left"}, "right_system": {"column": "right"}, "example": {"column": "id"},
        "rater": {"column": "who"}, "seconds": {"column": "took"}, "comment": {"column": "said"},
        "value": {"column": "winner", "map": {"left": 1, "equal": 2, "right": 3}, "unmapped": "unparsed"},
    },
}  # fmt: skip
HEAD = b"left,right,id,who,took,said,winner\n"


@pytest.fixture
def imported(workspace: Any, designer: Any) -> Callable[..., Any]:
    """`imported(content, records)`: checked and, unless lines were rejected, written."""

    def make(
        content: bytes, *records: dict[str, Any], criteria: Any = (BETTER,), dataset: str = "Prompts"
    ) -> Any:
        file = store_upload(
            actor=BACKGROUND, workspace=workspace, source=content, name=f"{abs(hash(content))}.csv"
        )
        batch = batches.create_import(actor=designer, workspace=workspace, file=file)
        batches.set_mapping(
            actor=BACKGROUND,
            batch=batch,
            mapping={"dataset": dataset, "criteria": list(criteria), "records": list(records)},
        )
        batches.check(batch_id=batches.start_check(actor=BACKGROUND, batch=batch).pk)
        batch.refresh_from_db()
        if not batch.rejected:
            batches.write(batch_id=batches.start_write(actor=BACKGROUND, batch=batch).pk)
            batch.refresh_from_db()
            assert not batch.error
        return batch

    return make


@pytest.fixture
def outputs(imported: Any) -> None:
    imported(b"model,id\nA,1\nB,1\nA,2\nB,2\n", OUTPUTS)


def reasons(batch: Any) -> list[str]:
    return list(batch.rejections.values_list("reason", flat=True))


def test_a_pair_named_both_ways_is_one_unit_in_the_orientation_of_its_first_line(
    imported: Any, outputs: None
) -> None:
    imported(HEAD + b"B,A,1,ann,4,,left\nA,B,1,ben,,,right\nA,B,1,cem,,=x,left\nB,A,2,ann,,,equal\n", VOTES)
    study = Study.objects.get()
    assert (study.state, study.kind, study.units_count, study.wanted) == ("closed", "side_by_side", 2, 3)
    unit = Unit.objects.get(example__key="1")
    assert (unit.output.system.name, unit.other_output.system.name) == ("B", "A")
    assert (unit.given, unit.wanted, unit.free, unit.open) == (3, 3, 0, False)
    said = {
        r.rater.name: (r.value, r.swapped, r.seconds, r.comment) for r in Rating.objects.filter(unit=unit)
    }
    # ann: B on the left wins. ben: B, on the right, wins. cem: A, on the left, wins: the unit's right.
    assert said == {"ann": (1, False, 4, ""), "ben": (1, True, None, ""), "cem": (3, True, None, "=x")}
    long = ratings_long(study_id=study.pk, criterion_id=Criterion.objects.get().pk)
    assert sorted(long.values.tolist()) == [1, 1, 2, 3]


def test_a_rater_without_a_name_is_anonymous_and_never_a_duplicate(imported: Any, outputs: None) -> None:
    batch = imported(HEAD + b"A,B,1,,,,left\nA,B,1,,,,left\n", VOTES)
    assert batch.written["ratings"] == 2
    assert not Rater.objects.exists()
    long = ratings_long(study_id=Study.objects.get().pk, criterion_id=Criterion.objects.get().pk)
    assert long.raters.tolist() == [-1, -1]


def test_what_is_no_label_could_not_be_judged(imported: Any, outputs: None) -> None:
    imported(HEAD + b"A,B,1,ann,,,I refuse\n", VOTES)
    rating = Rating.objects.get()
    assert (rating.value, rating.reason) == (None, "answered: I refuse")


def test_answering_twice_is_rejected_in_the_file_and_against_the_study(imported: Any, outputs: None) -> None:
    twice = imported(HEAD + b"A,B,1,ann,,,left\nB,A,1,ann,,,left\n", VOTES)
    assert reasons(twice) == ["ann answered better about 1 more than once"]
    imported(HEAD + b"A,B,1,ann,,,left\n", VOTES)
    again = imported(HEAD + b"B,A,1,ann,1,,left\nA,B,1,ben,,,left\n", VOTES)
    assert reasons(again) == ["ann has already answered better about 1 in this study"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"A,A,1,ann,,,left", "is the same system as on the left"),
        (b"A,,1,ann,,,left", "is empty"),
        (b"A,C,1,ann,,,left", "there is no output of C for example 1"),
        (b"A,B,9,ann,,,left", "there is no output of A for example 9"),
        (b"A,B,1,ann,-3,,left", "-3 is not a time between 0 and 86400 seconds"),
    ],
)
def test_lines_that_cannot_be_ratings_say_why(imported: Any, outputs: None, line: bytes, reason: str) -> None:
    assert reason in reasons(imported(HEAD + line + b"\n", VOTES))
    assert not Study.objects.exists()


def test_more_ratings_join_a_study_and_each_import_is_undone_alone(imported: Any, outputs: None) -> None:
    first = imported(HEAD + b"A,B,1,ann,,,left\n", VOTES)
    second = imported(HEAD + b"B,A,1,ben,,,left\nA,B,2,ben,,,left\n", VOTES)
    assert (Study.objects.count(), Unit.objects.count(), Rating.objects.count()) == (1, 2, 3)
    assert Unit.objects.get(example__key="1").given == 2
    batches.undo_import(actor=BACKGROUND, batch=second)
    unit = Unit.objects.get()
    assert (unit.given, unit.free, Study.objects.get().units_count) == (1, unit.wanted - 1, 1)
    assert (unit.wanted, unit.open, Study.objects.get().wanted) == (1, False, 1), (
        "nothing is wanted that was undone"
    )
    assert set(Rater.objects.values_list("name", flat=True)) == {"ann"}
    batches.undo_import(actor=BACKGROUND, batch=first)
    assert not any(model.objects.exists() for model in (Study, Unit, Rating, Rater))


def test_an_import_undone_makes_a_studys_figures_stale_whatever_came_after(
    imported: Any, outputs: None
) -> None:
    """The newest rating stays, so that neither it nor how many there are says anything."""
    first = imported(HEAD + b"A,B,1,ann,,,left\n", VOTES)
    imported(HEAD + b"A,B,2,ben,,,left\n", VOTES)
    study = Study.objects.get()
    take_snapshot(study=study)
    assert not is_stale(study)
    batches.undo_import(actor=BACKGROUND, batch=first)
    assert is_stale(study)
    assert stale_studies() == [study]
    take_snapshot(study=study)
    assert not is_stale(study)


HELP = {
    "slug": "help", "name": "Help", "question": "Does it help?", "kind": "likert", "level": "ordinal", "direction": "higher",
    "labels": [{"value": n, "label": str(n)} for n in (1, 2, 3)],
}  # fmt: skip


def marks(column: str, **more: Any) -> dict[str, Any]:
    """Ratings of one output from this column."""
    fields = {
        "system": {"column": "model"},
        "example": {"column": "id"},
        "rater": {"column": "who"},
        "value": {"column": column},
    }
    entry = {"kind": "ratings", "study": "Marks", "criterion": "help", **more}
    return {**entry, "fields": {**fields, **more.get("fields", {})}}


def test_an_answer_given_twice_in_two_columns_is_rejected_by_the_check(imported: Any, outputs: None) -> None:
    """Two passes of one person, each in a column of its own; the anonymous are never the same person."""
    content = b"model,id,who,first,second\nA,1,ann,2,3\nB,1,ben,1,\nA,2,,1,2\n"
    twice = imported(content, marks("first"), marks("second", skip_empty=True), criteria=[HELP])
    assert list(twice.rejections.values_list("line", "column", "reason")) == [
        (2, "who", "ann answered help about 1 more than once")
    ]


def test_what_only_the_database_refuses_fails_the_import_with_its_rule(imported: Any, outputs: None) -> None:
    """The criterion by its slug and by its name: the check takes them for two questions."""
    content = b"model,id,who,first,second,q1,q2\nA,1,ann,2,3,help,Help\n"
    entries = [marks(c, fields={"criterion": {"column": q}}) for c, q in (("first", "q1"), ("second", "q2"))]
    for entry in entries:
        del entry["criterion"]
    with pytest.raises(Conflict, match="rating_one_current") as caught:
        imported(content, *entries, criteria=[HELP])
    assert caught.value.code == "import_conflict"
    batch = ImportBatch.objects.latest("pk")
    assert (batch.state, "rating_one_current" in batch.error) == ("failed", True)
    assert not Rating.objects.exists()


def test_a_study_of_another_dataset_takes_no_ratings(imported: Any, outputs: None) -> None:
    imported(b"model,id,who,mark\nA,1,ann,2\n", marks("mark"), criteria=[HELP])
    other = {**OUTPUTS, "fields": {**OUTPUTS["fields"], "text": {"column": "text"}}}
    content = b"model,id,text,who,mark\nA,x,an answer,ann,1\n"
    batch = imported(content, other, marks("mark"), criteria=[HELP], dataset="Else")
    assert list(batch.rejections.values_list("column", "reason")) == [
        ("study", "the study Marks is about Prompts v1; say so, or name another study")
    ]
    imported(b"model,id,who,mark\nA,2,ann,1\n", marks("mark"), criteria=[HELP])
    assert set(Rating.objects.values_list("unit__example__version__dataset__name", flat=True)) == {"Prompts"}


def test_ratings_name_the_version_of_a_system(imported: Any) -> None:
    fields = {
        "system": {"column": "model"},
        "system_version": {"column": "v"},
        "example": {"column": "id"},
        "text": {"column": "v"},
    }
    rated = marks("mark", fields={"system_version": {"column": "v"}})
    content = b"model,v,id,who,mark\nA,2.0,1,ann,1\nA,2.1,1,ann,3\n"
    imported(content, {"kind": "outputs", "fields": fields}, rated, criteria=[HELP])
    assert dict(Rating.objects.values_list("unit__output__text", "value")) == {"2.0": 1, "2.1": 3}


def test_names_that_a_table_with_gaps_wrote_as_fractions_find_what_they_name(
    imported: Any, outputs: None
) -> None:
    imported(b"model,id,who,mark\nA,1.0,7.0,2.0\n A ,2.00,7,3\n", marks("mark"), criteria=[HELP])
    found = Rating.objects.order_by("unit__example__key")
    assert list(found.values_list("unit__example__key", "rater__name", "value")) == [
        ("1", "7", 2.0),
        ("2", "7", 3.0),
    ]


def test_a_studys_own_export_comes_back_as_it_went(imported: Any, outputs: None, workspace: Any) -> None:
    """Pairs shown either way round, and what could not be judged; a row that was superseded stays behind."""
    imported(HEAD + b"B,A,1,ann,4,,left\nA,B,1,ben,,,left\nA,B,1,dan,,,right\nA,B,2,cem,,,?\n", VOTES)
    study = Study.objects.get()
    Rating.objects.filter(rater__name="ben").update(current=False)
    rows = [list(EXPORT), *exported_ratings(study)]
    content = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows).encode()
    file = store_upload(actor=BACKGROUND, workspace=workspace, source=content, name="again.csv")
    batch = batches.create_import(actor=BACKGROUND, workspace=workspace, file=file)
    mapping = propose(batch)
    assert mapping["dataset"] == "Prompts"
    assert batches.set_mapping(actor=BACKGROUND, batch=batch, mapping=mapping) == []
    batches.check(batch_id=batches.start_check(actor=BACKGROUND, batch=batch).pk)
    batches.write(batch_id=batches.start_write(actor=BACKGROUND, batch=batch).pk)
    columns = (
        "unit__example__key", "unit__output_id", "unit__other_output_id", "rater__name", "value", "reason", "seconds",
    )  # fmt: skip
    before, after = (
        list(Rating.objects.filter(study__name=name, current=True).order_by("id").values_list(*columns))
        for name in ("Votes", "again")
    )
    assert len(before) == 3
    assert before == after


def test_a_later_line_may_correct_an_earlier_one(imported: Any, outputs: None) -> None:
    content = b"model,id,who,mark\nA,1,ann,1\nA,1,ben,2\nA,1,ann,2\nA,2,,1\nA,2,,1\nA,1,ann,3\n"
    assert len(reasons(imported(content, marks("mark"), criteria=[HELP]))) == 2
    batch = imported(content, marks("mark", duplicates="last"), criteria=[HELP])
    assert batch.written == {"ratings": 6}
    found = Rating.objects.filter(rater__name="ann").order_by("id")
    assert list(found.values_list("value", "current", "supersedes__value")) == [
        (1, False, None), (2, False, 1), (3, True, 2),
    ]  # fmt: skip
    assert Unit.objects.get(example__key="1").given == 2, "what was corrected does not count"
    assert Rating.objects.filter(rater=None, current=True).count() == 2, "the anonymous correct nobody"
    batches.undo_import(actor=BACKGROUND, batch=batch)
    assert not Rating.objects.exists()
