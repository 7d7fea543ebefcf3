"""How far people agree."""

import numpy as np
import pytest

from concord.estimates.agreement import among_people, shares_alike
from concord.estimates.enums import Level, Scope
from concord.stats import agreement, comparison
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


def test_percent_agreement_is_over_units_and_its_interval_over_examples() -> None:
    """Units of one example are alike: answered together they are one observation, and the interval is wider."""
    rng = np.random.default_rng(4)
    alike = rng.random(30) < 0.7
    rows = [(s, e, r, 1.0 + (r and not alike[e])) for e in range(30) for s in range(1, 6) for r in (0, 1)]
    together = among_people(ratings(rows), level="nominal", scope=Scope.OTHER_RATERS).percent
    apart = among_people(
        ratings([(1, 100 * s + e, r, v) for s, e, r, v in rows]), level="nominal", scope=Scope.OTHER_RATERS
    ).percent
    assert together.value == pytest.approx(alike.mean())
    assert apart.value == pytest.approx(alike.mean())
    assert together.n == apart.n
    assert (together.estimator, apart.estimator) == (
        "comparison.clustered_proportion",
        "agreement.percent_agreement",
    )
    assert together.high - together.low > 1.8 * (apart.high - apart.low)
    reference = comparison.clustered_proportion(
        alike.repeat(5).astype(float), clusters=np.arange(30).repeat(5)
    )
    assert (together.low, together.high) == pytest.approx((reference.low, reference.high))
    assert together.population.words == "for these 2 raters", "what they said, whoever is asked next"


def test_a_unit_judged_once_has_no_part_in_percent_agreement() -> None:
    rows = [(s, e, r, float((s * e) % 2)) for e in range(8) for s in (1, 2) for r in (0, 1)]
    more = [*rows, (3, 0, 0, 1.0), (3, 1, 1, 0.0)]
    first, second = (
        among_people(ratings(one), level="nominal", scope=Scope.THESE_RATERS).percent for one in (rows, more)
    )
    assert first.value == second.value == 1.0
    assert (first.low, first.high) == pytest.approx((second.low, second.high))


@pytest.mark.parametrize(("examples", "noted"), [(4, "4 examples"), (5, None), (1, "1 example:")])
def test_fewer_than_five_examples_are_noted(examples: int, noted: str | None) -> None:
    rows = [(s, e, r, float((s + e + r) % 3)) for s in range(1, 6) for e in range(examples) for r in range(3)]
    found = among_people(ratings(rows), level="interval", scope=Scope.THESE_RATERS).alpha
    notes = [note for note in found.notes if note.code == "few_examples"]
    assert (noted in notes[0].text) if noted else not notes


def test_examples_with_one_unit_each_are_never_noted_as_few() -> None:
    rows = [(1, e, r, float((e + r) % 3)) for e in range(3) for r in range(3)]
    found = among_people(ratings(rows), level="interval", scope=Scope.THESE_RATERS, confidence=0.9)
    assert "few_examples" not in [note.code for note in found.alpha.notes]
    assert found.alpha.confidence == found.percent.confidence == 0.9
    assert found.unit_codes.tolist() == [1000, 1001, 1002]
    assert found.parts.sum() == pytest.approx(1 - found.alpha.value)
    assert 1 - found.alpha.more["observed"] / found.alpha.more["expected"] == pytest.approx(found.alpha.value)
