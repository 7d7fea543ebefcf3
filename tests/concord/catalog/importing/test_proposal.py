"""Proposed mappings: columns as people really name them."""

from typing import Any

import pytest

from concord.catalog.importing.proposal import dataset_among, mapping_from
from concord.catalog.importing.roles import guess_roles
from concord.catalog.importing.sample import Sample
from concord.catalog.selectors.importing import Holding


def sample(text: str) -> Sample:
    header, *rows = [line.split(",") for line in text.strip().splitlines()]
    return Sample(header, rows)


ARENA = (
    "id,prompt,model_x,model_y,worker,winner,left,right\n"
    "0,8,97,98,58,tie,Air,Weaver\n0,8,97,98,83,left,Air,Weaver\n1,9,98,97,83,right,Weaver,Air"
)
WIDE = (
    "model,id,type,prompt,completion,annotation_1,annotation_2,gpt4_label\n"
    "gpt4,v2-1,homonyms,How can I kill a Python process?,There are several ways to do it,ok,ok,ok\n"
    "gpt4,v2-2,homonyms,How do I terminate a C program?,You can call exit with a number,no,ok,Sorry I cannot"
)
TIMED = (
    "name,model,prompt,result,duration\nAlpaca,29,8,Here is a haiku,4573\nClaude,83,8,Here is another,2350"
)


def test_sides_of_a_vote_are_understood():
    mapping = mapping_from(guess_roles(sample(ARENA)), sample(ARENA), name="Votes")
    (record,) = mapping["records"]
    assert record["kind"] == "ratings"
    assert record["fields"]["value"]["map"] == {"tie": 2, "left": 1, "right": 3}


def test_a_machines_answers_become_scores_and_unreadable_ones_stay_unparsed():
    mapping = mapping_from(guess_roles(sample(WIDE)), sample(WIDE), name="Refusals")
    kinds = [record["kind"] for record in mapping["records"]]
    assert kinds == ["outputs", "ratings", "ratings", "scores"]
    assert mapping["records"][3]["fields"]["value"]["unmapped"] == "unparsed"
    assert mapping["records"][3]["fields"]["scorer"] == {"value": "gpt4_label"}
    raters = [record["fields"]["rater"]["value"] for record in mapping["records"][1:3]]
    assert raters == ["annotation_1", "annotation_2"]


def test_which_end_is_good_is_left_open():
    mapping = mapping_from(guess_roles(sample(WIDE)), sample(WIDE), name="Refusals")
    assert [criterion["direction"] for criterion in mapping["criteria"]] == [None]


def test_short_durations_are_taken_for_seconds():
    seconds = TIMED.replace("4573", "4.5").replace("2350", "2.3")
    mapping = mapping_from(guess_roles(sample(seconds)), sample(seconds), name="x")
    assert mapping["records"][1]["fields"]["duration_ms"] == {"column": "duration", "scale": 1000}
    mapping = mapping_from(guess_roles(sample(TIMED)), sample(TIMED), name="x")
    assert mapping["records"][1]["fields"]["duration_ms"] == {"column": "duration"}


MARKED = "who,item,which model,helpfulness\na,p1,Orca,2\nb,p1,Orca,5\nc,p1,Orca,4\nd,p1,Orca,very good"
MARKED_ROLES = {"who": "rater", "item": "example", "which model": "system", "helpfulness": "rating"}
SCALE = [{"value": n, "label": word} for n, word in enumerate(["useless", "poor", "ok", "good", "top"], 1)]


def test_a_stray_word_does_not_turn_a_scale_into_labels_with_other_numbers():
    mapping = mapping_from(MARKED_ROLES, sample(MARKED), name="x")
    assert mapping["records"][0]["fields"]["value"] == {"column": "helpfulness"}
    assert [label["value"] for label in mapping["criteria"][0]["labels"]] == [1, 2, 3, 4, 5]


def test_values_of_a_criterion_that_exists_mean_what_its_labels_say():
    mapping = mapping_from(MARKED_ROLES, sample(MARKED), name="x", taken={"helpfulness": SCALE})
    assert "criteria" not in mapping
    assert mapping["records"][0]["fields"]["value"] == {"column": "helpfulness"}
    words = sample(MARKED.replace(",very good", ",Top").replace("Orca,4", "Orca,poor"))
    mapping = mapping_from(MARKED_ROLES, words, name="x", taken={"helpfulness": SCALE})
    assert mapping["records"][0]["fields"]["value"]["map"] == {"2": 2, "5": 5, "poor": 2, "Top": 5}


def propose(text: str, name: str = "x", **more: Any) -> dict[str, Any]:
    return mapping_from(guess_roles(sample(text)), sample(text), name=name, **more)


def records(text: str) -> dict[str, Any]:
    """The fields of each kind of record."""
    return {entry["kind"]: entry["fields"] for entry in propose(text)["records"]}


def test_a_table_of_outputs() -> None:
    fields = records(
        "id,model,prompt,answer,reference,topic,epoch\n1,A,Why?,So,Yes,geo,2\n2,A,How?,Thus,No,bio,1"
    )["outputs"]
    assert {name: binding["column"] for name, binding in fields.items() if name != "slices"} == {
        "system": "model", "example": "id", "epoch": "epoch", "prompt": "prompt", "reference": "reference", "text": "answer",
    }  # fmt: skip
    assert fields["slices"] == {"topic": {"column": "topic"}}


def test_without_a_name_the_prompt_names_the_example_by_its_hash() -> None:
    fields = records("model,prompt,answer\nA,Why?,So\nB,Why?,Thus")["outputs"]
    assert fields["example"] == {"column": "prompt", "hash": True}


def test_outputs_of_nobody_are_a_systems_that_is_to_be_named() -> None:
    assert records("id,output\n1,So\n2,Thus")["outputs"]["system"] == {"value": "System"}


def test_examples_alone() -> None:
    mapping = propose("id,prompt,topic\n1,Why?,geo\n2,How?,bio")
    assert mapping["records"] == [
        {
            "kind": "examples",
            "fields": {
                "example": {"column": "id"},
                "prompt": {"column": "prompt"},
                "slices": {"topic": {"column": "topic"}},
            },
        }
    ]
    assert "criteria" not in mapping
    assert (mapping["name"], mapping["dataset"]) == ("x", "x")
    only_prompts = propose("prompt,colour\nWhy?,red\nHow?,red")
    assert only_prompts["records"][0]["fields"]["example"] == {"column": "prompt", "hash": True}


def test_pairs_bring_both_outputs() -> None:
    text = "id,model_a,model_b,response_a,response_b,winner\n1,A,B,yes,no,model_a\n2,B,A,no,yes,tie"
    outputs = [entry["fields"] for entry in propose(text)["records"] if entry["kind"] == "outputs"]
    assert [(fields["system"]["column"], fields["text"]["column"]) for fields in outputs] == [
        ("model_a", "response_a"), ("model_b", "response_b"),
    ]  # fmt: skip
    rating = records(text)["ratings"]
    assert rating["value"] == {"column": "winner", "map": {"model_a": 1, "tie": 2}}
    assert rating["criterion"] == {"value": "preference"}
    assert "system" not in rating
    assert propose(text)["criteria"][0]["template"] == "preference"


@pytest.mark.parametrize(
    ("word", "side"),
    [
        ("left", 1), ("Model A", 1), ("A", 1), ("tie", 2), ("both good", 2), ("model_b", 3), ("B", 3), ("tie (bothbad)", 4),
        ("both bad", 4), ("?", None),
    ],
)  # fmt: skip
def test_words_for_sides(word: str, side: int | None) -> None:
    text = f"id,model_a,model_b,winner\n1,Oak,Elm,{word}\n2,Oak,Elm,left"
    assert records(text)["ratings"]["value"]["map"].get(word) == side


def test_a_winner_told_by_name() -> None:
    text = "id,model_a,model_b,winner\n1,Oak,Elm,Oak\n2,Elm,Oak,Elm\n3,Elm,Oak,tie"
    assert records(text)["ratings"]["value"] == {
        "column": "winner",
        "same_as": {"left": "model_a", "right": "model_b"},
        "map": {"left": 1, "right": 3, "tie": 2},
    }
    odd = "id,model_a,model_b,winner\n1,a,b,a\n2,b,a,a"
    assert records(odd)["ratings"]["value"]["map"] == {"left": 1, "right": 3}, "a is a system here, no side"


def test_only_the_first_words_become_sides() -> None:
    rows = "".join(f"{n},Oak,Elm,w{n}\n" for n in range(11)) + "98,Oak,Elm,left\n"
    roles = {"id": "example", "model_a": "left_system", "model_b": "right_system", "winner": "rating"}
    head = "id,model_a,model_b,winner\n"
    for more, known in (("", {"left": 1}), ("99,Oak,Elm,right\n", {"left": 1})):
        table = sample(head + rows + more)
        (entry,) = mapping_from(roles, table, name="x")["records"]
        assert entry["fields"]["value"]["map"] == known


def test_a_judge_who_is_no_machine_is_asked_about() -> None:
    text = "id,model,judge,rating\n1,A,Ann,2\n2,A,Ben,3"
    (entry,) = propose(text)["records"]
    assert (entry["kind"], entry["scorer_kind"]) == ("scores", None)
    assert entry["fields"]["scorer"] == {"column": "judge"}
    (known,) = propose(text.replace("Ann", "gpt-4").replace("Ben", "gpt-4"))["records"]
    assert (known["kind"], known["scorer_kind"]) == ("scores", "judge")
    (person,) = propose(text.replace("judge,", "rater,"))["records"]
    assert (person["kind"], person["study"]) == ("ratings", "x")
    assert person["fields"]["rater"] == {"column": "rater"}


def test_one_unnamed_rater_is_anonymous_and_a_score_goes_by_its_column() -> None:
    text = "id,model,rating,bleu\n1,A,2,0.5\n2,A,3,0.25"
    mapping = propose(text)
    assert [entry["kind"] for entry in mapping["records"]] == ["ratings", "scores"]
    assert "rater" not in mapping["records"][0]["fields"]
    assert mapping["records"][1]["scorer_kind"] == "metric"
    assert mapping["records"][1]["fields"]["scorer"] == {"value": "bleu"}


def test_a_criterion_per_line_is_defined_for_each_that_is_named() -> None:
    text = "id,model,rater,dimension,rating\n1,A,ann,fluency,2\n1,A,ann,truth,1"
    mapping = propose(text)
    assert [criterion["slug"] for criterion in mapping["criteria"]] == ["fluency", "truth"]
    assert mapping["records"][0]["fields"]["criterion"] == {"column": "dimension"}
    kept = propose(text, taken={"truth": []})
    assert [criterion["slug"] for criterion in kept["criteria"]] == ["fluency"]


def criterion(*cells: str, column: str = "rating") -> dict[str, Any]:
    lines = "\n".join(f"{n},A,{cell}" for n, cell in enumerate(cells))
    table = sample(f"id,model,{column}\n{lines}")
    roles = {"id": "example", "model": "system", column: "rating"}
    return dict(mapping_from(roles, table, name="x")["criteria"][0])


@pytest.mark.parametrize(
    ("cells", "kind", "labels"),
    [
        (("2", "4"), "likert", [1, 2, 3, 4, 5]),
        (("1", "7"), "likert", [1, 2, 3, 4, 5, 6, 7]),
        (("1", "3"), "likert", [1, 2, 3, 4, 5]),
        (("0", "3"), "likert", [0, 1, 2, 3]),
        (("-1", "1"), "likert", [-1, 0, 1]),
        (("1", "2.5"), "numeric", []),
        (tuple(str(n) for n in range(1, 13)), "likert", list(range(1, 13))),
        (tuple(str(n) for n in range(1, 14)), "numeric", []),
        (("yes", "no", "yes"), "choice", [1, 2]),
    ],
)
def test_a_scale_is_told_by_its_values(cells: tuple[str, ...], kind: str, labels: list[int]) -> None:
    found = criterion(*cells)
    assert (found["kind"], [label["value"] for label in found["labels"]]) == (kind, labels)
    assert found["level"] == {"likert": "ordinal", "numeric": "interval", "choice": "nominal"}[kind]
    assert found["direction"] is None


def test_labels_are_the_words_in_their_order_and_at_most_twelve() -> None:
    assert [label["label"] for label in criterion("no", "yes", "maybe")["labels"]] == ["maybe", "no", "yes"]
    words = [f"w{n:02}" for n in range(14)]
    assert [label["label"] for label in criterion(*words)["labels"]] == words[:12]
    assert criterion("x" * 130, "y")["labels"][0]["label"] == "x" * 120


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("1", "2", "3", "word"), "likert"),
        (("1", "2", "word", "word"), "choice"),
        (("1", "2", "1", "word"), "choice"),
        (("1", "2", "3", "a", "b", "c"), "choice"),
        (("1", "2", "3", "1", "a", "b", "c"), "likert"),
    ],
)
def test_numbers_with_some_stray_words_are_a_scale(cells: tuple[str, ...], kind: str) -> None:
    assert criterion(*cells)["kind"] == kind


def test_a_name_of_a_criterion_comes_from_its_column() -> None:
    found = criterion("1", "2", column="How good_is it?")
    assert (found["slug"], found["name"], found["question"]) == (
        "how-good-is-it",
        "How good is it",
        "How good is it?",
    )
    assert criterion("1", "2", column="???")["slug"] == "rating"


def test_machines_answers_that_are_no_numbers_stay_unparsed() -> None:
    table = sample("id,model,auto\n1,A,1\n2,A,2\n3,A,3\n4,A,sorry")
    roles = {"id": "example", "model": "system", "auto": "score"}
    assert mapping_from(roles, table, name="x")["records"][0]["fields"]["value"] == {
        "column": "auto",
        "unmapped": "unparsed",
    }
    clean = sample("id,model,auto\n1,A,1\n2,A,2\n3,A,3")
    assert mapping_from(roles, clean, name="x")["records"][0]["fields"]["value"] == {"column": "auto"}


def test_known_labels_do_not_touch_pairs_or_other_questions() -> None:
    known = {"preference": [{"value": 1, "label": "left"}], "other": SCALE}
    mapping = propose(ARENA, taken=known)
    assert mapping["records"][0]["fields"]["value"]["map"] == {"tie": 2, "left": 1, "right": 3}
    assert "criteria" not in mapping
    assert mapping_from(MARKED_ROLES, sample(MARKED), name="x", taken={"other": SCALE})["criteria"]
    fraction = sample(MARKED.replace(",very good", ",poor").replace("Orca,4", "Orca,9"))
    found = mapping_from(MARKED_ROLES, fraction, name="x", taken={"helpfulness": SCALE})
    assert found["records"][0]["fields"]["value"]["map"] == {"2": 2, "5": 5, "poor": 2}, "9 is no label of it"


@pytest.mark.parametrize(
    ("column", "cells", "scale"),
    [
        ("duration", ("99", "99", "99"), 1000),
        ("duration", ("99", "100", "101"), None),
        ("duration", ("1", "100", "200"), None),
        ("duration", ("1", "2", "900"), 1000),
        ("latency_ms", ("1", "2", "3"), None),
        ("latency", ("", "5", "6"), 1000),
    ],
)
def test_short_times_are_seconds_unless_the_column_says_otherwise(
    column: str, cells: tuple[str, ...], scale: int | None
) -> None:
    lines = "\n".join(f"{n},A,{cell},7,8,0.5" for n, cell in enumerate(cells))
    fields = records(f"id,model,{column},input_tokens,output_tokens,cost\n{lines}")["timings"]
    assert fields["duration_ms"].get("scale") == scale
    assert {name: fields[name]["column"] for name in ("input_tokens", "output_tokens", "cost")} == {
        "input_tokens": "input_tokens", "output_tokens": "output_tokens", "cost": "cost",
    }  # fmt: skip


RIVERS, TOWNS = Holding("rivers", 4, 4), Holding("towns", 4, 9)


@pytest.mark.parametrize(
    ("found", "asked", "name"),
    [
        ([], 4, None),
        ([TOWNS], 4, "towns"),
        ([TOWNS], 8, "towns"),
        ([TOWNS], 9, ""),
        ([RIVERS, TOWNS], 4, "rivers"),
        ([RIVERS, TOWNS], 5, ""),
        ([RIVERS, Holding("lakes", 4, 4)], 4, ""),
        ([TOWNS, Holding("lakes", 3, 3)], 4, ""),
        ([RIVERS, TOWNS, Holding("lakes", 2, 4)], 4, "rivers"),
    ],
)
def test_a_dataset_is_taken_only_where_no_other_could_be_meant(
    found: list[Holding], asked: int, name: str | None
) -> None:
    assert dataset_among(found, asked=asked, lines=199) == name


def test_of_a_file_that_goes_on_nobody_knows_that_it_has_exactly_those_examples() -> None:
    assert dataset_among([RIVERS, TOWNS], asked=4, lines=200) == ""
    assert dataset_among([RIVERS], asked=4, lines=200) == "rivers"


@pytest.mark.parametrize("side", ["left_system", "right_system"])
def test_one_side_alone_is_no_pair(side: str) -> None:
    roles = {"who": "rater", "item": "example", "which model": side, "helpfulness": "rating"}
    (record,) = mapping_from(roles, sample(MARKED), name="x")["records"]
    assert set(record["fields"]) == {"example", "rater", "value", "criterion"}
    assert record["fields"]["criterion"] == {"value": "helpfulness"}
