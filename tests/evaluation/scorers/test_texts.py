"""Texts compared: what each normalisation removes and leaves, what counts as a reference, what a verdict keeps."""

import pytest

from evaluation.scorers import Answer, Task
from evaluation.scorers.base import NO_REFERENCE, accepted_texts
from evaluation.scorers.contains import Contains
from evaluation.scorers.exact_match import ExactMatch
from evaluation.scorers.normalise import squad, tidy
from evaluation.scorers.token_f1 import TokenF1, token_f1

NOTHING = {"case": False, "punctuation": False, "articles": False, "spaces": False}


@pytest.mark.parametrize(
    ("removed", "text", "left"),
    [
        ("case", "ÄÖ The Straße", "äö the strasse"),
        ("punctuation", "«yes», he said – 50 %, 3 + 4!", "yes he said  50  3 + 4"),
        ("articles", "a cat an owl the dog athens", "  cat   owl   dog athens"),
        ("articles", "The A", "The A"),
        ("spaces", "\t one\n\n two \u00a0", "one two"),
    ],
)
def test_each_step_removes_its_own_difference_and_no_other(removed: str, text: str, left: str) -> None:
    assert tidy(text, **{**NOTHING, removed: True}) == left
    assert tidy(text, **NOTHING) == text


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert tidy("Cafe\u0301", **NOTHING) == "Caf\u00e9"
    assert ExactMatch().score(Answer(text="Cafe\u0301"), Task(reference="CAF\u00c9")).value == 1


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("The quick, brown fox!", "quick brown fox"),
        ("an  A the", ""),
        ("over the hill", "over hill"),
        ("it's", "its"),
        ("well-known", "wellknown"),
        ("«x»", "«x»"),  # only ASCII punctuation, as in the script of 2016
        ("theatre another", "theatre another"),
    ],
)
def test_squad_normalisation_against_its_script(text: str, left: str) -> None:
    assert squad(text) == left


@pytest.mark.parametrize(
    ("reference", "texts"),
    [
        (None, []),
        ("x", ["x"]),
        ("", [""]),
        (7, ["7"]),
        (7.0, ["7"]),
        (7.25, ["7.25"]),
        (True, ["yes"]),
        (False, ["no"]),
        (["x", None, ["y", 2.0]], ["x", "y", "2"]),
        ([], []),
        ({"answers": ["x", "y"], "answer": "z"}, ["x", "y"]),
        ({"answer": "z", "text": "t"}, ["z"]),
        ({"text": "t"}, ["t"]),
        ({"note": "n"}, []),
    ],
)
def test_what_a_reference_accepts(reference: object, texts: list[str]) -> None:
    assert accepted_texts(reference) == texts


def test_an_exact_match_keeps_what_it_compared() -> None:
    verdict = ExactMatch(ignore_punctuation=True).score(Answer(text=" PARIS!\n"), Task(reference="paris"))
    assert (verdict.value, verdict.raw) == (1, "paris")
    assert ExactMatch().score(Answer(text=""), Task(reference="")).value == 1
    assert ExactMatch().score(Answer(text="x"), Task(reference=[])) == NO_REFERENCE


@pytest.mark.parametrize("name", ["ignore_case", "ignore_punctuation", "ignore_articles", "ignore_spaces"])
def test_each_parameter_of_an_exact_match_decides_one_pair(name: str) -> None:
    strict = {
        "ignore_case": False,
        "ignore_punctuation": False,
        "ignore_articles": False,
        "ignore_spaces": False,
    }
    pairs = {
        "ignore_case": ("Paris", "paris"),
        "ignore_punctuation": ("paris?", "paris"),
        "ignore_articles": ("x the paris", "x   paris"),
        "ignore_spaces": ("paris ", "paris"),
    }
    for pair, (given, wanted) in pairs.items():
        answer, task = Answer(text=given), Task(reference=wanted)
        assert ExactMatch(**{**strict, name: True}).score(answer, task).value == (pair == name)


@pytest.mark.parametrize(
    ("text", "reference", "found"),
    [
        ("between Rome and Paris", ["Lyon", "Paris", "Rome"], "paris"),
        ("Romeo", "Rome", ""),
        ("un-Rome-like", "Rome", "rome"),
        ("Rome_1", "Rome", ""),
        ("New\n York", "new york", "new york"),
        ("f(x) = 3", "f(x)", "f(x)"),
        ("fax = 3", "f.x", ""),
        ("Paris", ["", "Paris"], "paris"),
    ],
)
def test_the_first_accepted_text_that_occurs_is_named(text: str, reference: object, found: str) -> None:
    verdict = Contains().score(Answer(text=text), Task(reference=reference))
    assert (verdict.value, verdict.raw) == (float(found != ""), found)


def test_an_empty_reference_occurs_nowhere_and_is_none() -> None:
    for reference in (None, "", ["", " "], []):
        assert Contains().score(Answer(text="anything"), Task(reference=reference)) == NO_REFERENCE


@pytest.mark.parametrize(
    ("given", "wanted", "f1"),
    [
        ("a b c d", "a b c d", 1),  # "a" is an article
        ("b c d", "c d e f", 4 / 7),
        ("b", "c", 0),
        ("b b b", "b b", 4 / 5),
        ("b c", "c b", 1),
        ("", "", 1),
        ("", "b", 0),
        ("b", "the", 0),
    ],
)
def test_f1_is_twice_what_is_shared_over_all_words(given: str, wanted: str, f1: float) -> None:
    assert token_f1(given, wanted) == pytest.approx(f1)
    assert token_f1(wanted, given) == pytest.approx(f1)


def test_f1_takes_the_best_of_the_accepted_texts() -> None:
    assert TokenF1().score(Answer(text="big red dog"), Task(reference=["dog", "red dog", "cat"])).value == (
        pytest.approx(4 / 5)
    )
    assert TokenF1().score(Answer(text="dog"), Task()) == NO_REFERENCE
