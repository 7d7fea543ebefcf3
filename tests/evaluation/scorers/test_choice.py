"""Reading a choice out of an answer: each sentence with the option that a person would read in it."""

import pytest

from evaluation.scorers import Answer, Task
from evaluation.scorers.choice import Choice, read_choice, reference_index

CITIES = ("Rome", "Paris", "New York")
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
TEN = tuple(f"option number {word}" for word in NUMBERS)


@pytest.mark.parametrize(
    ("text", "picked"),
    [
        ("A", 0),
        ("c", 2),
        ("D", None),
        ("B.", 1),
        ("B)", 1),
        ("(B)", 1),
        ("[B]", 1),
        ('"B"', 1),
        ("**B**", 1),
        ("B: Paris", 1),
        ("B, because it lies on the Seine", 1),
        ("B because it lies on the Seine", 1),
        ("A because it lies on the Tiber", 0),
        ("B\nIt lies on the Seine.", 1),
        ("  B  ", 1),
        ("BA", None),
        ("Bonn", None),
        ("", None),
        ("   ", None),
    ],
)
def test_a_letter_at_the_start_or_alone(text: str, picked: int | None) -> None:
    assert read_choice(text, CITIES) == picked


@pytest.mark.parametrize(
    ("text", "picked"),
    [
        ("The answer is B", 1),
        ("the answer is b.", 1),
        ("Answer: B", 1),
        ("ANSWER = C", 2),
        ("Answer is: (C)", 2),
        ("My choice: 'A'", 0),
        ("I take option C", 2),
        ('The answer is "**C**"', 2),
        ("The answer is A. No: the answer is C.", 2),
        ("Answer: A\nAnswer: D", 0),
        ("The answer is Bonn", None),
        ("The answer is B's", None),
        ("the answers B", None),
        ("Answer: Paris", 1),
        ("The answer is A, Paris is wrong", 0),
    ],
)
def test_a_letter_that_is_stated_counts_wherever_it_stands_and_the_last_one_wins(
    text: str, picked: int | None
) -> None:
    assert read_choice(text, CITIES) == picked


@pytest.mark.parametrize(
    ("text", "picked"),
    [
        ("The answer is a city on the Seine: Paris", 1),
        ("the answer is a because it lies on the Tiber", 0),
        ("the answer is a.", 0),
        ("A city on the Seine", None),
        ("A river? No, Paris.", 1),
    ],
)
def test_an_article_is_no_letter(text: str, picked: int | None) -> None:
    assert read_choice(text, CITIES) == picked


@pytest.mark.parametrize(
    ("text", "picked"),
    [
        ("I think option number two fits", 1),
        ("I do not know", None),
        ("Answer: I believe that it is option number three", 2),
        ("I", 8),
        ("I.", 8),
        ("The answer is I.", 8),
        ("The answer is I because of the rest", 8),
        ("The answer is J", 9),
        ("K", None),
    ],
)
def test_among_ten_options_the_pronoun_is_not_the_ninth(text: str, picked: int | None) -> None:
    assert read_choice(text, TEN) == picked


@pytest.mark.parametrize(
    ("text", "picked"),
    [
        ("Paris", 1),
        ("PARIS.", 1),
        ("new   york", 2),
        ("It is Paris, of course", 1),
        ("Not Rome but Paris", None),
        ("Paris, Paris and Paris", 1),
        ("Parisian", None),
        ("in NewYork", None),
        ("York", None),
    ],
)
def test_an_options_own_words_where_no_letter_is_given(text: str, picked: int | None) -> None:
    assert read_choice(text, CITIES) == picked


def test_words_with_signs_and_empty_options_are_read_as_they_are() -> None:
    assert read_choice("it is C++, I say", ("C", "C++")) == 1, "C stands inside C++ and is not named by it"
    assert read_choice("it is New York", ("York", "New York")) == 1
    assert read_choice("New York or York", ("York", "New York")) is None
    assert read_choice("surely 3.5 metres", ("3.5 metres", "")) == 0
    assert read_choice("surely 3x5 metres", ("3.5 metres", "")) is None
    assert read_choice("35 metres", ("3.5 metres", "35 metres")) == 1
    assert read_choice("nothing of the kind", ()) is None


@pytest.mark.parametrize(
    ("reference", "index"),
    [
        (0, 0),
        (2, 2),
        (3, None),
        (-1, None),
        (True, None),
        (None, None),
        ("A", 0),
        ("c", 2),
        (" b ", 1),
        ("D", None),
        ("paris", 1),
        ("New York.", 2),
        ("Berlin", None),
        ("", None),
    ],
)
def test_a_reference_is_an_index_a_letter_or_an_options_text(reference: object, index: int | None) -> None:
    assert reference_index(Task(reference=reference, choices=CITIES)) == index


def test_an_options_text_comes_before_its_letter() -> None:
    assert reference_index(Task(reference="B", choices=("B", "A"))) == 0
    assert read_choice("B", ("B", "A")) == 0
    assert reference_index(Task(reference=0, choices=())) is None


def test_a_verdict_says_what_was_read() -> None:
    task = Task(reference="Paris", choices=CITIES)
    verdicts = [
        Choice().score(Answer(text=text, choice=choice), task)
        for text, choice in (("A", 1), ("Rome", None), ("none of these", None), ("A", None))
    ]
    assert [(one.value, one.raw) for one in verdicts] == [(1, "B"), (0, "A"), (0, ""), (0, "A")]
    unknown = Choice().score(Answer(text="B"), Task(choices=CITIES))
    assert (unknown.value, unknown.raw) == (None, "the example has no reference answer")


def test_the_27th_option_has_the_first_letter_again() -> None:
    many = tuple(f"option {number}" for number in range(30))
    verdict = Choice().score(Answer(text="", choice=27), Task(reference=27, choices=many))
    assert (verdict.value, verdict.raw) == (1, "B")
