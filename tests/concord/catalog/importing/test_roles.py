"""Roles of columns: as people really name them."""

from typing import Any

import pytest

from concord.catalog.importing.roles import guess_roles
from concord.catalog.importing.sample import Sample


def sample(text: str) -> Sample:
    header, *rows = [line.split(",") for line in text.strip().splitlines()]
    return Sample(header, rows)


def of(*columns: str, **cells: list[Any]) -> dict[str, str]:
    """The roles of columns with these cells; those not told have different words in each line."""
    rows = max((len(found) for found in cells.values()), default=3)
    table = [cells.get(name, [f"w{n}" for n in range(rows)]) for name in columns]
    return guess_roles(Sample(list(columns), [list(row) for row in zip(*table, strict=True)]))


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


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        (ARENA, {"left": "left_system", "right": "right_system", "prompt": "example", "worker": "rater", "winner": "rating"}),
        (WIDE, {
            "model": "system", "id": "example", "type": "slice", "prompt": "prompt", "completion": "output",
            "annotation_1": "rating", "annotation_2": "rating", "gpt4_label": "score"}),
        (TIMED, {"name": "system", "prompt": "example", "result": "output", "duration": "duration"}),
    ],
)  # fmt: skip
def test_columns_are_told_by_their_names_and_by_what_they_hold(text, roles):
    assert guess_roles(sample(text)) == roles


def test_a_word_within_a_longer_name_tells_a_column():
    odd = "Modell-Name,q#,Frage an die KI,final answer,topic area,took (s),answer id\n"
    odd += "Orca,p1,What is the capital of Australia?,Canberra.,geo,0.7,x1\n"
    odd += "Zebra,p1,What is the capital of Australia?,Sydney,geo,0.4,x2"
    assert guess_roles(sample(odd)) == {
        "Modell-Name": "system", "q#": "example", "Frage an die KI": "prompt", "final answer": "output",
        "topic area": "slice", "took (s)": "duration",
    }  # fmt: skip
    asked = "who,item,which model,helpfulness (1-5)\nann,p1,Orca,4\nben,p1,Orca,5"
    assert set(guess_roles(sample(asked)).items()) == {
        ("who", "rater"), ("item", "example"), ("which model", "system"), ("helpfulness (1-5)", "rating"),
    }  # fmt: skip


def test_where_only_the_answers_are_untold_the_one_text_left_is_them():
    told = "model,q#,question,Was sie sagte,note\n"
    told += "Orca,p1,What is the capital of Australia?,Canberra,a\nZebra,p1,What is the capital of Australia?,Sydney,a"
    assert guess_roles(sample(told))["Was sie sagte"] == "output"
    assert "output" not in guess_roles(sample(told.replace("Sydney,a", "Sydney,b"))).values(), "two could be"


LONG = ["Tell me how the sun burns", "Tell me how the moon shines", "Tell me how the sea moves"]


def test_a_prompt_is_one_whatever_its_length_and_an_id_is_the_name() -> None:
    assert of("id", "model", "prompt", "answer", prompt=["2+2?", "3+3?", "2+2?"], answer=["4", "6", "5"]) == {
        "id": "example", "model": "system", "prompt": "prompt", "answer": "output",
    }  # fmt: skip
    assert of("prompt", "model", prompt=["8", "9", "8"])["prompt"] == "example", (
        "the number of a prompt is its name"
    )
    assert "example" not in of("prompt", "model", "output").values(), "then a hash of the prompt names it"
    assert of("question_id", "question", "model", "response")["question"] == "prompt"


def test_a_number_is_what_a_system_answered_where_no_people_are() -> None:
    assert of("id", "model", "output", output=["1", "2", "3"])["output"] == "output"
    assert "answer" not in of("id", "model", "worker", "answer", answer=["1", "2", "3"])
    assert "result" not in of("id", "model", "result", result=["1", "2", "3"]), "a result may be a measure"


@pytest.mark.parametrize(
    ("judges", "role"),
    [
        (["gpt-4", "claude-3", "GPT-4"], "scorer"),
        (["expert 1", "expert 2", "expert 1"], "judge"),
        (["gpt-4", "Ann", "gpt-4"], "judge"),
        (["Sophia", "Mia", "Bert-Jan"], "judge"),
        (["llama3", "o3-mini", "mixtral-8x7b"], "scorer"),
        (["my-judge", "auto", "reward model"], "scorer"),
        (["Talbot", "Algpta", "Abllm"], "judge"),
    ],
)
def test_judges_are_machines_only_by_a_machines_name(judges: list[str], role: str) -> None:
    assert of("id", "model", "judge", judge=judges)["judge"] == role
    assert of("id", "model", "scorer", scorer=judges)["scorer"] == "scorer", (
        "a column that says so is believed"
    )


def test_what_a_crowd_answered_is_no_output() -> None:
    crowd = of(
        "HITId",
        "WorkerId",
        "Input.sentence",
        "Answer.polarity",
        **{"Answer.polarity": ["good", "bad", "good"]},
    )
    assert crowd == {"HITId": "example", "WorkerId": "rater", "Answer.polarity": "rating"}
    free = {"Answer.comment": [f"words {n}" for n in range(13)]}
    assert "Answer.comment" not in of("HITId", "WorkerId", "Answer.comment", **free)
    few = {"Answer.comment": [f"words {n}" for n in range(12)]}
    assert of("HITId", "WorkerId", "Answer.comment", **few)["Answer.comment"] == "rating"


@pytest.mark.parametrize(
    ("column", "cells", "role"),
    [
        ("duration_ms", ["1", "2.5", "3"], "duration"),
        ("duration_ms", ["fast", "slow", "3"], None),
        ("epoch", ["1", "2", "3"], "epoch"),
        ("epoch", ["a", "b", "c"], None),
        ("model", ["1", "2", "3"], None),
        ("model", LONG, None),
        ("model_name", ["a", "b", "c"], "system"),
        ("item", LONG, None),
        ("doc_id", LONG, "example"),
        ("rating", [str(n) for n in range(12)], "rating"),
        ("rating", [str(n) for n in range(13)], None),
        ("gold_answer", LONG, "reference"),
        ("response_a", ["1", "2", "3"], None),
        ("response_a", ["x", "y", "z"], "left_output"),
        ("topic", ["a", "b", "a"], "slice"),
        ("topic", LONG, None),
        ("topic", [str(n) for n in range(40)], "slice"),
        ("topic", [str(n) for n in range(41)], None),
        ("my topic", ["a", "b", "a"], "slice"),
        ("my topic", LONG, None),
        ("my topic", [str(n) for n in range(40)], "slice"),
        ("my topic", [str(n) for n in range(41)], None),
        ("topic id", ["a", "b", "a"], None),
        ("rouge_l", ["0.1", "0.2", "0.3"], "score"),
        ("my_bleu", ["0.1", "0.2", "0.3"], "score"),
        ("bleuet", ["0.1", "0.2", "0.3"], None),
        ("auto_note", LONG, None),
        ("annotator_2_label", ["a", "b", "a"], "rating"),
        ("annotator_2_label", [str(n) for n in range(12)], "rating"),
        ("human_2_label", [str(n) for n in range(13)], None),
        ("the prompt", LONG, "prompt"),
        ("the prompt", ["a", "b", "c"], None),
        ("colour", ["a", "b", "c"], None),
        ("answer text", ["a", "b", "c"], "output"),
        ("which prompts", ["a", "b", "c"], None),
    ],
)
def test_the_role_of_one_column(column: str, cells: list[str], role: str | None) -> None:
    assert of(column, **{column: cells}) == ({} if role is None else {column: role})


def test_each_role_is_given_to_the_likeliest_column_only() -> None:
    assert of("name", "model", "engine") == {"model": "system"}
    assert of("item", "example_id") == {"example_id": "example"}
    assert of(" Model ", "MODEL-NAME")["MODEL-NAME"] == "system"
    assert of("model", "which model") == {"model": "system"}
    assert of("score", "metric", score=["1", "2", "3"])["score"] == "score"


def test_one_text_left_is_the_answers_only_if_it_says_something_new_in_most_lines() -> None:
    told = ("model", "the prompt", "what it said")
    prompts = {"the prompt": LONG + LONG[:1]}
    assert of(*told, **prompts, **{"what it said": ["a", "b", "c", "a"]})["what it said"] == "output"
    assert "what it said" not in of(*told, **prompts, **{"what it said": ["a", "b", "a", "b"]})
    assert "what it said" not in of(*told, **prompts, **{"what it said": ["1", "2", "3", "4"]})
    assert "what it said" not in of(
        *told, "output", **prompts, output=["x"] * 4, **{"what it said": list("abcd")}
    )
    assert "what it said" not in of("model", "what it said"), "without prompts it could be anything"
