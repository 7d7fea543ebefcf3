"""Imports from end to end: what is written, what is rejected and why, and that it is all or nothing."""

import json
import time

import pytest

from annotation.models import Rating, Study, Unit
from concord.catalog.models import Criterion, Dataset, DatasetVersion, Example, ImportBatch, Output, System
from concord.catalog.services.datasets import freeze, refresh_version
from concord.catalog.services.importing import batches, staging
from concord.catalog.states import ImportState
from concord.core.actors import BACKGROUND
from concord.core.errors import Conflict, Invalid
from concord.core.models import Job

pytestmark = pytest.mark.django_db

FULL = {
    "kind": "outputs",
    "fields": {"system": {"column": "model"}, "example": {"column": "id"}, "text": {"column": "answer"}},
}
NOBODY = {**FULL, "fields": {**FULL["fields"], "system": {"column": "nobody"}}}
LONG = b"""model,id,answer,who,rating
a,1,yes,ann,3
a,1,yes,ben,2
b,1,no,ann,1
b,2,perhaps,ann,3
"""


def test_a_long_table_repeats_outputs_and_gives_each_once(written, ratings_mapping):
    batch = written(LONG, ratings_mapping)
    assert batch.written == {"outputs": 3, "ratings": 4}
    assert (System.objects.count(), Example.objects.count(), Unit.objects.count()) == (2, 2, 3)
    assert dict(
        Rating.objects.values_list("unit__output__text", "value").order_by("rater__name", "id")[3:]
    ) == {"yes": 2.0}
    assert batch.state == ImportState.DONE


def test_two_answers_to_one_example_are_rejected_unless_they_are_epochs(
    checked, written, outputs_mapping, reasons
):
    content = b"model,id,answer\na,1,yes\na,1,no\na,2,yes\n"
    assert reasons(checked(content, outputs_mapping)) == [
        (
            3,
            "answer",
            "a gave another answer to example 1 on an earlier line; map an epoch, or let repeated answers be epochs",
        )
    ]
    outputs_mapping["records"] = [{**outputs_mapping["records"][0], "duplicates": "epochs"}]
    written(content, outputs_mapping)
    found = Output.objects.filter(example__key="1").order_by("epoch").values_list("epoch", "text")
    assert list(found) == [(1, "yes"), (2, "no")]


def test_names_that_lead_nowhere_are_rejected_before_anything_is_written(checked, ratings_mapping, reasons):
    ratings_mapping["records"] = ratings_mapping["records"][1:]
    batch = checked(LONG, ratings_mapping)
    assert batch.rejected == 4
    assert reasons(batch)[0] == (2, "model", "there is no output of a for example 1")
    assert not Study.objects.exists()
    assert not Dataset.objects.exists()
    assert not Criterion.objects.exists()


def test_values_that_are_no_labels_are_rejected_with_line_and_column(checked, ratings_mapping, reasons):
    content = LONG.replace(b"ben,2", b"ben,7").replace(b"b,1,no,ann,1", b"b,1,no,ann,good")
    batch = checked(content, ratings_mapping)
    assert reasons(batch) == [
        (3, "rating", "7 is none of the labels of clarity"),
        (4, "rating", "'good' is not a number"),
    ]
    assert batch.rejected == 2


def test_rejections_block_the_write_until_the_designer_says_otherwise(checked, ratings_mapping):
    batch = checked(LONG.replace(b"ben,2", b"ben,7"), ratings_mapping)
    with pytest.raises(Conflict) as caught:
        batches.start_write(actor=BACKGROUND, batch=batch)
    assert caught.value.code == "rejected_rows"
    batches.start_write(actor=BACKGROUND, batch=batch, keep_good_rows=True)
    batches.write(batch_id=batch.pk)
    assert Rating.objects.count() == 3
    assert Output.objects.count() == 3, "a rejected rating does not take the output of its line along"


def test_what_a_rejected_line_would_have_brought_is_missed_by_those_that_need_it(
    checked, ratings_mapping, reasons
):
    """Line 5 is the only one with b's answer to 2; without a text there is no output that could be rated."""
    outputs, ratings = ratings_mapping["records"]
    epoch = {"column": "who", "map": {"ann": 1, "ben": 1}}
    outputs = {**outputs, "fields": {**outputs["fields"], "epoch": epoch}}
    mapping = {**ratings_mapping, "records": [outputs, ratings]}
    batch = checked(LONG.replace(b"perhaps,ann", b"perhaps,zoe"), mapping)
    assert [(line, column) for line, column, _ in reasons(batch)] == [(5, "who"), (5, "model")]


def test_an_example_means_one_thing(checked, written, reasons):
    fields = {
        "example": {"column": "id"},
        "prompt": {"column": "prompt"},
        "slices": {"topic": {"column": "topic"}},
    }
    mapping = {"dataset": "Small", "records": [{"kind": "examples", "fields": fields}]}
    batch = checked(b"id,prompt,topic\n1,Why?,a\n1,Why?,a\n1,How?,a\n1,Why?,b\n", mapping)
    assert [line for line, _, _ in reasons(batch)] == [4, 5]
    written(b"id,prompt,topic\n1,Why?,a\n2,Who?,\n", mapping, "first.csv")
    later = checked(b"id,prompt,topic\n1,When?,a\n2,Who?,\n3,What?,c\n", mapping, "second.csv")
    assert [(line, "already in this dataset version" in reason) for line, _, reason in reasons(later)] == [
        (2, True)
    ]


def test_a_frozen_version_takes_no_new_example(written, checked, outputs_mapping, reasons):
    written(b"model,id,answer\na,1,yes\n", outputs_mapping)
    freeze(actor=BACKGROUND, version=DatasetVersion.objects.get())
    batch = checked(b"model,id,answer\nb,1,no\nb,2,no\n", outputs_mapping, "later.csv")
    assert reasons(batch) == [(3, "id", "the dataset version is frozen and has no example 2")]


def test_ratings_hang_on_the_newest_output(written, ratings_mapping, outputs_mapping):
    written(b"model,id,answer\na,1,old\n", outputs_mapping, "old.csv")
    written(b"model,id,answer\na,1,new\n", outputs_mapping, "new.csv")
    only_ratings = {**ratings_mapping, "records": ratings_mapping["records"][1:]}
    written(b"model,id,who,rating\na,1,ann,3\n", only_ratings, "ratings.csv")
    assert Rating.objects.get().unit.output.text == "new"


def test_pairs_bring_both_outputs_from_one_line(written):
    content = b"left,right,id,out_l,out_r,winner\na,b,1,yes,no,left\nb,a,1,no,yes,tie\n"
    sides = {side: {"column": side} for side in ("left", "right")}
    mapping = {
        "dataset": "Small",
        "criteria": [{"template": "preference", "slug": "better", "name": "Better", "question": "Which is better?"}],
        "records": [
            *(
                {"kind": "outputs", "fields": {
                    "system": sides[side], "example": {"column": "id"}, "text": {"column": f"out_{side[0]}"}}}
                for side in sides
            ),
            {"kind": "ratings", "study": "Pairs", "criterion": "better", "fields": {
                "left_system": sides["left"], "right_system": sides["right"], "example": {"column": "id"},
                "value": {"column": "winner", "map": {"left": 1, "tie": 2, "right": 3}}}},
        ],
    }  # fmt: skip
    batch = written(content, mapping)
    assert batch.written == {"outputs": 2, "ratings": 2}
    assert Unit.objects.count() == 1
    assert Rating.objects.filter(rater=None).count() == 2, "a line without a rater is anonymous"


def test_direction_is_declared_never_guessed(upload, ratings_mapping):
    criterion = {**ratings_mapping["criteria"][0], "direction": None}
    batch = upload(LONG, {**ratings_mapping, "criteria": [criterion]})
    assert "Say which end is good" in batches.problems_of(batch)[0]
    with pytest.raises(Invalid):
        batches.start_check(actor=BACKGROUND, batch=batch)


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ([], "a list"),
        ({"records": []}, "a list"),
        ({"records": [{"kind": "poems"}]}, '"kind" is one of'),
        ({"records": [{"kind": "outputs", "fields": {"system": {"column": "model"}}}], "dataset": "x"}, "outputs need example"),
        ({"dataset": "x", "records": [NOBODY]}, "no column 'nobody'"),
        ({"records": [FULL]}, "Say which dataset"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_used_says_why(mapping, says):
    from concord.catalog.importing.check import mapping_problems

    assert any(says in problem for problem in mapping_problems(mapping, ["model", "id", "answer"]))


def test_undo_takes_back_everything_and_the_file_can_be_imported_again(written, ratings_mapping):
    batch = written(LONG, ratings_mapping)
    batches.undo_import(actor=BACKGROUND, batch=batch)
    for model in (System, Dataset, DatasetVersion, Example, Output, Criterion, Study, Unit, Rating):
        assert not model.objects.exists(), model
    assert written(LONG, ratings_mapping).written == {"outputs": 3, "ratings": 4}


def test_undo_refuses_while_later_work_stands_on_it_and_changes_nothing(
    written, ratings_mapping, outputs_mapping
):
    first = written(b"model,id,answer\na,1,yes\nb,1,no\n", outputs_mapping, "outputs.csv")
    ratings = {**ratings_mapping, "records": ratings_mapping["records"][1:]}
    second = written(b"model,id,who,rating\na,1,ann,3\n", ratings, "ratings.csv")
    with pytest.raises(Conflict) as caught:
        batches.undo_import(actor=BACKGROUND, batch=first)
    assert caught.value.code == "import_in_use"
    assert "1 units made later" in caught.value.message
    first.refresh_from_db()
    assert first.state == ImportState.DONE
    assert Output.objects.count() == 2
    batches.undo_import(actor=BACKGROUND, batch=second)
    batches.undo_import(actor=BACKGROUND, batch=ImportBatch.objects.get(pk=first.pk))
    assert not Output.objects.exists()


def test_undo_keeps_what_others_use_by_now(written, outputs_mapping):
    first = written(b"model,id,answer\na,1,yes\n", outputs_mapping, "first.csv")
    written(b"model,id,answer\na,2,no\n", outputs_mapping, "second.csv")
    batches.undo_import(actor=BACKGROUND, batch=first)
    assert list(Output.objects.values_list("example__key", flat=True)) == ["2"]
    assert System.objects.get().batch is None, "the system stays, for the second file uses it"
    version = DatasetVersion.objects.get()
    assert version.examples_count == 1


def test_the_same_file_is_not_imported_twice(written, upload, outputs_mapping):
    written(b"model,id,answer\na,1,yes\n", outputs_mapping)
    again = batches.start_check(
        actor=BACKGROUND, batch=upload(b"model,id,answer\na,1,yes\n", outputs_mapping, "renamed.csv")
    )
    with pytest.raises(Conflict) as caught:
        batches.check(batch_id=again.pk)
    assert caught.value.code == "imported_before"


def test_the_same_file_checked_twice_before_either_is_written_is_written_once(checked, ratings_mapping):
    first, second = checked(LONG, ratings_mapping), checked(LONG, ratings_mapping, "renamed.csv")
    for batch in (first, second):
        batches.start_write(actor=BACKGROUND, batch=batch)
    batches.write(batch_id=first.pk)
    with pytest.raises(Conflict) as caught:
        batches.write(batch_id=second.pk)
    assert caught.value.code == "imported_before"
    assert Rating.objects.count() == 4
    second.refresh_from_db()
    assert second.state == ImportState.FAILED


def test_a_check_that_runs_twice_never_fails_an_import_that_has_gone_on(upload, ratings_mapping):
    """Two workers check; the second ends when the import is being written already, and the write goes on."""
    batch = batches.start_check(actor=BACKGROUND, batch=upload(LONG, ratings_mapping))
    overtaken = lambda *_: ImportBatch.objects.filter(pk=batch.pk).update(state=ImportState.WRITING)  # noqa: E731
    batches.check(batch_id=batch.pk, progress=overtaken)
    batch.refresh_from_db()
    assert (batch.state, batch.error) == (ImportState.WRITING, "")


def test_a_check_of_a_mapping_that_was_changed_meanwhile_is_not_kept(
    upload, ratings_mapping, outputs_mapping
):
    batch = batches.start_check(actor=BACKGROUND, batch=upload(LONG, ratings_mapping))
    changed = lambda *_: ImportBatch.objects.filter(pk=batch.pk).update(mapping=outputs_mapping)  # noqa: E731
    batches.check(batch_id=batch.pk, progress=changed)
    batch.refresh_from_db()
    assert (batch.state, batch.written) == (ImportState.CHECKING, {})


def test_a_write_that_runs_twice_writes_once(checked, ratings_mapping):
    batch = batches.start_write(actor=BACKGROUND, batch=checked(LONG, ratings_mapping))
    batches.write(batch_id=batch.pk)
    batches.write(batch_id=batch.pk)
    assert Rating.objects.count() == 4


def test_a_write_that_dies_leaves_nothing_and_can_run_again(checked, ratings_mapping, monkeypatch):
    batch = batches.start_write(actor=BACKGROUND, batch=checked(LONG, ratings_mapping))
    from annotation.services.importing import RatingsWriter

    with monkeypatch.context() as patch:
        patch.setattr(RatingsWriter, "write", lambda self, stage: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            batches.write(batch_id=batch.pk)
    assert not Output.objects.exists()
    batch.refresh_from_db()
    assert batch.state == ImportState.WRITING
    batches.write(batch_id=batch.pk)
    assert Rating.objects.count() == 4


def test_an_import_whose_job_gave_up_can_be_started_again(upload, outputs_mapping):
    batch = batches.start_check(
        actor=BACKGROUND, batch=upload(b"model,id,answer\na,1,yes\n", outputs_mapping)
    )
    with pytest.raises(Conflict):
        batches.start_check(actor=BACKGROUND, batch=batch)
    Job.objects.filter(pk=batch.job_id).update(state=Job.State.FAILED)
    again = batches.start_check(actor=BACKGROUND, batch=ImportBatch.objects.get(pk=batch.pk))
    assert again.state == ImportState.CHECKING


def test_what_changed_between_check_and_write_is_seen(checked, written, ratings_mapping, outputs_mapping):
    """The outputs that the ratings name were undone after the check: nothing is written, and the import says why."""
    outputs = written(b"model,id,answer\na,1,yes\n", outputs_mapping, "outputs.csv")
    ratings = {**ratings_mapping, "records": ratings_mapping["records"][1:]}
    batch = batches.start_write(
        actor=BACKGROUND, batch=checked(b"model,id,who,rating\na,1,ann,3\n", ratings, "ratings.csv")
    )
    batches.undo_import(actor=BACKGROUND, batch=outputs)
    with pytest.raises(Conflict):
        batches.write(batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.state == ImportState.FAILED
    assert not Study.objects.exists()


def test_progress_is_in_bytes_of_the_file_and_ends_at_its_size(upload, outputs_mapping):
    content = b"model,id,answer\n" + b"".join(b"a,%d,yes\n" % n for n in range(12_000))
    batch = batches.start_check(actor=BACKGROUND, batch=upload(content, outputs_mapping))
    seen: list[tuple[int, int, str]] = []
    batches.check(batch_id=batch.pk, progress=lambda *state: seen.append(state))
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
    assert seen[-1][0] == seen[-1][1] == len(content)
    assert seen[0][2] == "5,000 lines read"


def test_a_job_takes_the_import_through(upload, outputs_mapping, run_jobs):
    batch = batches.start_check(
        actor=BACKGROUND, batch=upload(b"model,id,answer\na,1,yes\n", outputs_mapping)
    )
    run_jobs()
    batch.refresh_from_db()
    assert batch.state == ImportState.CHECKED
    assert batch.written == {"outputs": 1}
    batches.start_write(actor=BACKGROUND, batch=batch)
    run_jobs()
    batch.refresh_from_db()
    assert batch.state == ImportState.DONE


def test_the_digest_of_a_version_is_that_of_its_examples_in_any_order(written, outputs_mapping):
    written(b"model,id,answer\na,1,yes\na,2,no\n", outputs_mapping, "one.csv")
    first = DatasetVersion.objects.get()
    assert first.examples_count == 2
    other = {**outputs_mapping, "dataset": "Reversed"}
    written(b"model,id,answer\na,2,no\na,1,yes\n", other, "two.csv")
    second = DatasetVersion.objects.get(dataset__name="Reversed")
    assert second.digest == first.digest
    Example.objects.filter(version=second, key="1").update(slices={"topic": "x"})
    assert refresh_version(version=second).digest != first.digest


def test_temporary_tables_are_gone_afterwards(checked, outputs_mapping):
    from django.db import connection

    checked(b"model,id,answer\na,1,yes\n", outputs_mapping)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relname LIKE 'import\\_%' AND relpersistence = 't'"
        )
        assert cursor.fetchone()[0] == 0


def test_hostile_cells_stay_text(written, outputs_mapping):
    nasty = "'); DROP TABLE catalog_output; -- {table} %s \\. \t"
    content = f'model,id,answer\n"{{system}}","%s","{nasty}"\n'.encode()
    written(content, outputs_mapping)
    output = Output.objects.get()
    assert (output.text, output.system.name, output.example.key) == (nasty, "{system}", "%s")


def test_conversations_and_blocks_are_checked(checked, reasons):
    fields = {"example": {"column": "id"}, "messages": {"column": "messages"}}
    mapping = {"dataset": "Chats", "records": [{"kind": "examples", "fields": fields}]}
    rows = [
        {"id": 1, "messages": [{"role": "user", "content": "Hi"}]},
        {"id": 2, "messages": [{"role": "robot", "content": "Hi"}]},
        {"id": 3, "messages": "[]"},
    ]
    batch = checked("\n".join(map(json.dumps, rows)).encode(), mapping, "chats.jsonl")
    assert [line for line, _, _ in reasons(batch)] == [2, 3]


def test_twenty_thousand_lines_take_seconds(checked, outputs_mapping):
    """A guard against a plan that is quadratic in the lines; the real measure is bench/importing.py."""
    content = b"model,id,answer\n" + b"".join(b"m%d,%d,answer\n" % (n % 10, n // 10) for n in range(20_000))
    started = time.monotonic()
    batch = checked(content, outputs_mapping)
    assert batch.written == {"outputs": 20_000}
    assert time.monotonic() - started < 30
    assert staging.CHUNK_ROWS < 20_000


def test_the_check_counts_the_examples_that_the_write_writes(written):
    fields = {"example": {"column": "id"}, "prompt": {"column": "prompt"}}
    mapping = {"dataset": "Small", "records": [{"kind": "examples", "fields": fields}]}
    batch = written(b"id,prompt\n1,Why?\n1,Why?\n2,How?\n", mapping)
    assert (batch.written, Example.objects.count()) == ({"examples": 2}, 2)
    assert batch.rejected == 0


def test_a_checked_file_of_repeated_examples_counts_each_once(checked):
    fields = {"example": {"column": "id"}, "prompt": {"column": "prompt"}}
    mapping = {"dataset": "Small", "records": [{"kind": "examples", "fields": fields}]}
    assert checked(b"id,prompt\n1,Why?\n1,Why?\n2,How?\n", mapping).written == {"examples": 2}


def test_a_dataset_is_the_same_with_blanks_around_its_name(written, outputs_mapping):
    written(b"model,id,answer\na,1,yes\n", outputs_mapping, "one.csv")
    written(b"model,id,answer\na,2,yes\n", {**outputs_mapping, "dataset": " Small "}, "two.csv")
    assert DatasetVersion.objects.get().examples_count == 2


@pytest.mark.parametrize(
    ("setting", "most", "words"),
    [
        ("IMPORT_MAX_LINES", 3, "more than 3 lines"),
        ("IMPORT_MAX_CHARACTERS", 30, "MB of text when it is unpacked"),
    ],
)
def test_what_holds_more_than_an_import_may_is_refused_whole(
    checked, ratings_mapping, settings, setting, most, words
):
    setattr(settings, setting, most)
    with pytest.raises(Invalid, match=words) as refused:
        checked(LONG, ratings_mapping)
    assert refused.value.code == "too_much"
    assert (ImportBatch.objects.get().state, Output.objects.count()) == (ImportState.FAILED, 0)
    setattr(settings, setting, most * 100)
    assert checked(LONG, ratings_mapping).state == ImportState.CHECKED
