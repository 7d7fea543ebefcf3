"""What intervals are clustered by, on the study's page and on a scorecard alike."""

import numpy as np
import pytest

from annotation.selectors.clustering import clusters, equal_weights, named_apart, votes_clustered_by


def crossed(raters: int, examples: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Every rater answers about every example."""
    return np.repeat(np.arange(examples), raters), np.tile(np.arange(raters), examples)


def test_few_raters_are_no_sample_of_raters_and_the_note_says_so() -> None:
    examples, alike, notes = clusters(*crossed(4))
    assert examples is not None
    assert alike is None
    assert "these 4 raters" in notes[0]


def test_five_raters_are_clusters() -> None:
    examples, raters = crossed(5)
    by_example, by_rater, notes = clusters(examples, raters)
    assert by_example is examples
    assert by_rater is not None
    assert by_rater.tolist() == raters.tolist()
    assert notes == ()


def test_one_answer_an_example_has_no_clusters() -> None:
    assert clusters(np.arange(9), np.arange(9)) == (None, None, ())


def test_anonymous_answers_are_never_taken_for_one_persons() -> None:
    codes = named_apart(np.array([3, -1, 3, -1, 5]))
    assert len(np.unique(codes)) == 4
    assert codes[0] == codes[2] == 3


@pytest.mark.parametrize(("raters", "by"), [(5, "rater"), (4, "example")])
def test_votes_are_clustered_by_raters_where_there_are_enough(raters: int, by: str) -> None:
    assert votes_clustered_by(*crossed(raters))[0] == by


def test_equal_weights_make_each_item_count_one() -> None:
    items = np.array([7, 7, 7, 8, 9, 9])
    weights = equal_weights(items)
    assert [weights[items == item].sum() for item in (7, 8, 9)] == pytest.approx([1, 1, 1])
