"""Scorers against cases worked out by hand."""

import pytest

from concord.core.errors import Invalid
from evaluation import scorers
from evaluation.scorers import Answer, Task
from evaluation.scorers.numeric_answer import final_number


def value(
    method: str,
    text: str,
    reference: object,
    *,
    choices: tuple[str, ...] = (),
    picked: int | None = None,
    **parameters: object,
) -> float | None:
    scorer = scorers.create(method, parameters)
    return scorer.score(Answer(text=text, choice=picked), Task(reference=reference, choices=choices)).value


@pytest.mark.parametrize(
    ("text", "reference", "parameters", "expected"),
    [
        ("Paris", "paris", {}, 1),
        ("Paris", "paris", {"ignore_case": False}, 0),
        (" Paris \n", "Paris", {}, 1),
        ("Paris ", "Paris", {"ignore_spaces": False}, 0),
        ("Paris.", "Paris", {}, 0),
        ("Paris.", "Paris", {"ignore_punctuation": True}, 1),
        ("the Eiffel Tower", "Eiffel tower", {"ignore_articles": True}, 1),
        ("Lutetia", ["Paris", "Lutetia"], {}, 1),
        ("Straße", "STRASSE", {}, 1),
        ("7", 7, {}, 1),
        ("", "Paris", {}, 0),
        ("Paris", None, {}, None),
    ],
)
def test_exact_match_by_hand(
    text: str, reference: object, parameters: dict[str, object], expected: float | None
) -> None:
    assert value("exact_match", text, reference, **parameters) == expected


@pytest.mark.parametrize(
    ("text", "reference", "parameters", "expected"),
    [
        ("It is Paris, of course.", "Paris", {}, 1),
        ("It is Parisian.", "Paris", {}, 0),
        ("It is Parisian.", "Paris", {"whole_words": False}, 1),
        ("paris", "Paris", {"ignore_case": False}, 0),
        ("costs $5 (five).", "$5", {}, 1),
        ("anything", "", {}, None),
    ],
)
def test_contains_by_hand(
    text: str, reference: object, parameters: dict[str, object], expected: float | None
) -> None:
    assert value("contains", text, reference, **parameters) == expected


CITIES = ("Rome", "Paris", "New York")


@pytest.mark.parametrize(
    ("text", "reference", "picked", "expected"),
    [
        ("B", 1, None, 1),
        ("b)", "B", None, 1),
        ("(B) Paris", "Paris", None, 1),
        ("The answer is (C).", 2, None, 1),
        ("Answer: C", 1, None, 0),
        ("First I thought the answer is A, but the answer is B.", 1, None, 1),
        ("A city on the Seine is Paris", 1, None, 1),
        ("paris.", 1, None, 1),
        ("Rome or Paris", 1, None, 0),
        ("", 0, None, 0),
        ("Z", 0, None, 0),
        ("ignored", 2, 2, 1),
        ("ignored", 2, 0, 0),
        ("B", None, None, None),
        ("B", 9, None, None),
    ],
)
def test_choice_by_hand(text: str, reference: object, picked: int | None, expected: float | None) -> None:
    assert value("choice", text, reference, choices=CITIES, picked=picked) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("so 3 + 4 = 7\n#### 7", "7"),
        ("#### 1,234", "1234"),
        ("#### -12.50", "-12.50"),
        ("#### $1,000", "1000"),
        ("first #### 3 then #### 4", "4"),
        ("It costs $18.", "18"),
        ("between 3 and 1,250.5 metres", "1250.5"),
        ("about 70000", "70000"),
        ("5 - 3 = 2.", "2"),
        ("no number here", None),
    ],
)
def test_final_number_by_hand(text: str, expected: str | None) -> None:
    found = final_number(text)
    assert (None if found is None else str(found)) == expected


def test_numeric_answer_by_hand() -> None:
    assert value("numeric_answer", "The total is 1,234.00", "#### 1234") == 1
    assert value("numeric_answer", "the total is 1,235", "#### 1234") == 0
    assert value("numeric_answer", "about 3.14", "3.14159", tolerance=0.01) == 1
    assert value("numeric_answer", "I do not know", "3") == 0
    assert value("numeric_answer", "it is 3", "3", marked_only=True) == 0
    assert value("numeric_answer", "it is 3", "three") is None


def test_token_f1_by_hand() -> None:
    # {cat, sat} against {cat, sat, down}: precision 2/2, recall 2/3, F1 = 4/5.
    assert value("token_f1", "The cat sat.", "a cat sat down") == pytest.approx(0.8)
    # Repeated words count as often as they occur in both: 1 shared of 2 and 1 words.
    assert value("token_f1", "cat cat", "cat") == pytest.approx(2 / 3)
    assert value("token_f1", "dog", ["cat", "big dog"]) == pytest.approx(2 / 3)
    assert value("token_f1", "the", "an") == 1
    assert value("token_f1", "dog", "the") == 0


def test_unknown_scorers_and_parameters_are_refused_by_name() -> None:
    with pytest.raises(Invalid, match="no scorer called 'bleurt'"):
        scorers.create("bleurt")
    with pytest.raises(Invalid, match="no parameter 'tolerence'"):
        scorers.create("numeric_answer", {"tolerence": 1})
    with pytest.raises(Invalid, match="tolerance cannot be 'much'"):
        scorers.create("numeric_answer", {"tolerance": "much"})
    with pytest.raises(Invalid, match="ignore_case cannot be 1"):
        scorers.create("exact_match", {"ignore_case": 1})
