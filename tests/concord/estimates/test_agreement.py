"""How far people agree."""

import numpy as np
import pytest

from concord.estimates.agreement import among_people, shares_alike
from concord.estimates.enums import Level, Scope
from concord.stats import agreement
from tests.concord.estimates.answers import ratings


def rows(raters: int, examples: int = 20) -> list[tuple[int, int, int, float]]:
    rng = np.random.default_rng(1)
    quality = rng.integers(1, 6, examples)
    return [
        (1, e, r, float(np.clip(quality[e] + rng.integers(-1, 2), 1, 5)))
        for e in range(examples)
        for r in range(raters)
    ]


def test_alpha_is_krippendorffs_of_the_same_ratings() -> None:
    given = ratings(rows(3))
    found = among_people(given, level=Level.ORDINAL, scope=Scope.THESE_RATERS).alpha
    direct = agreement.krippendorff_alpha(given.units, given.raters, given.values, level="ordinal")
    assert found.value == pytest.approx(direct.value)
    assert found.population.words == "for these 3 raters"


def test_alpha_for_other_raters_counts_them_as_a_sample() -> None:
    given = ratings(rows(5))
    here, others = (
        among_people(given, level=Level.INTERVAL, scope=scope).alpha
        for scope in (Scope.THESE_RATERS, Scope.OTHER_RATERS)
    )
    assert here.value == pytest.approx(others.value)
    assert others.population.words == "for raters like these 5"
    assert others.method != here.method


def test_the_order_of_ratings_changes_no_bit() -> None:
    rng = np.random.default_rng(2)
    given = rows(4)
    first = among_people(ratings(given), level=Level.INTERVAL, scope=Scope.THESE_RATERS)
    again = among_people(
        ratings([given[i] for i in rng.permutation(len(given))]),
        level=Level.INTERVAL,
        scope=Scope.THESE_RATERS,
    )
    assert first.alpha.as_dict() == again.alpha.as_dict()
    assert first.percent.as_dict() == again.percent.as_dict()


def test_one_rater_agrees_with_nobody() -> None:
    found = among_people(
        ratings([(1, 1, 0, 3.0), (1, 2, 0, 4.0)]), level="interval", scope=Scope.THESE_RATERS
    )
    assert found.alpha.undefined
    assert not len(found.parts)


def test_few_examples_with_several_outputs_say_little_and_the_note_says_so() -> None:
    few = [(s, e, r, float((s + e + r) % 3)) for s in range(1, 6) for e in range(3) for r in range(3)]
    found = among_people(ratings(few), level="interval", scope=Scope.THESE_RATERS).alpha
    assert "few_examples" in [note.code for note in found.notes]


def test_agreement_with_others_by_hand() -> None:
    same = shares_alike(np.array([1, 1, 1, 2, 2, 3]), np.array([5.0, 5, 4, 1, 1, 2]))
    assert same[:5].tolist() == [0.5, 0.5, 0.0, 1.0, 1.0]
    assert np.isnan(same[5])
    assert len(shares_alike(np.array([], dtype=np.int64), np.array([]))) == 0
