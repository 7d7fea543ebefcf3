"""The level of one system: value, interval, n, for whom it holds."""

import numpy as np
import pytest
from scipy import stats

from concord.estimates.enums import Estimand, Kind, Scope
from concord.estimates.figure import Figure
from concord.estimates.levels import level, machine_level, share_of
from concord.estimates.observations import observe
from concord.estimates.question import Question
from concord.stats import comparison
from tests.concord.estimates.answers import mean, preference, rate, ratings, scores, votes

THESE, OTHERS = Scope.THESE_RATERS, Scope.OTHER_RATERS


def of_people(rows: list[tuple[int, int, int, float]], question: Question, scope: Scope = THESE) -> Figure:
    return level(observe(ratings(rows), question).readable().of(1), question, scope=scope)


def of_machine(rows: list[tuple[int, int, float]], question: Question) -> Figure:
    return machine_level(observe(scores(rows), question).of(1), question)


def test_a_share_with_one_answer_an_example_is_exact_against_the_binomial_distribution() -> None:
    found = of_people([(1, e, 7, 1.0 if e < 45 else 2.0) for e in range(50)], rate())
    exact = stats.binomtest(45, 50).proportion_ci(method="exact")
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    assert (found.value, found.n, found.estimator) == (0.9, 50, "comparison.proportion")


def test_people_and_a_machine_get_the_same_figure_of_the_same_answers() -> None:
    answers = [(e, 1.0 if e % 9 else 2.0) for e in range(50)]
    people = of_people([(1, e, 0, value) for e, value in answers], rate())
    machine = of_machine([(1, e, value) for e, value in answers], rate())
    assert (people.value, people.low, people.high, people.n) == (
        machine.value,
        machine.low,
        machine.high,
        machine.n,
    )


def test_examples_asked_twice_with_the_same_answer_tell_no_more_than_asked_once() -> None:
    once, twice = (
        of_people([(1, e, k, 1.0 if e < 45 else 2.0) for e in range(50) for k in range(asked)], rate())
        for asked in (1, 2)
    )
    assert (once.low, once.high, once.n) == (twice.low, twice.high, twice.n)


def test_examples_that_answer_now_so_now_so_are_clusters() -> None:
    """38 of 50 right twice, 12 once: shares of examples, whose spread is less than that of yes and no."""
    rows = [(1, e, k, 1.0 if e < 38 or k else 2.0) for e in range(50) for k in (0, 1)]
    found = of_people(rows, rate())
    t = comparison.mean([1.0] * 38 + [0.5] * 12)
    assert (found.value, found.n) == (0.88, 50)
    assert found.low < t.low
    assert found.high - found.low == pytest.approx(t.high - t.low, rel=0.1)


@pytest.mark.parametrize(("value", "label"), [(0.0, 2.0), (1.0, 1.0)])
@pytest.mark.parametrize("repeats", [1, 3])
def test_all_or_none_still_has_an_interval_within_0_and_1(value: float, label: float, repeats: int) -> None:
    found = of_people([(1, e, r, label) for e in range(40) for r in range(repeats)], rate())
    assert found.value == value
    assert 0 <= found.low < found.high <= 1
    assert found.high - found.low > 0.05


def test_a_score_between_0_and_1_never_leaves_them() -> None:
    question = Question(name="overlap", kind=Kind.NUMERIC, minimum=0.0, maximum=1.0)
    nearly = of_machine([(1, e, 1.0 if e else 0.9) for e in range(20)], question)
    perfect = of_machine([(1, e, 1.0) for e in range(20)], question)
    assert nearly.high == pytest.approx(1.0, abs=0.01)
    assert nearly.high <= 1.0
    assert (perfect.value, perfect.high) == (1.0, 1.0)
    assert 0.7 < perfect.low < 0.95


def test_a_mean_over_examples_is_the_t_interval_of_the_examples_means() -> None:
    rng = np.random.default_rng(4)
    values = rng.integers(1, 6, (30, 3)).astype(float)
    found = of_people([(1, e, r, values[e, r]) for e in range(30) for r in range(3)], mean())
    per_example = values.mean(axis=1)
    low, high = stats.t.interval(0.95, 29, per_example.mean(), stats.sem(per_example))
    assert (found.value, found.low, found.high) == pytest.approx((per_example.mean(), low, high))
    assert found.n == 30


def test_every_example_counts_the_same_however_many_judged_it() -> None:
    found = of_people([(1, 1, r, 5.0) for r in range(9)] + [(1, 2, 0, 1.0)], mean())
    assert found.value == pytest.approx(3.0)
    assert (found.n, found.more["answers"], found.more["outputs"]) == (2, 10, 2)


def test_raters_are_a_sample_only_where_that_is_asked_for() -> None:
    rng = np.random.default_rng(3)
    taste = dict(enumerate(rng.normal(0, 1, 8)))
    rows = [(1, e, r, 3 + taste[r] + rng.normal(0, 0.3)) for e in range(30) for r in range(8)]
    question = mean(label_names={})
    here, others = (of_people(rows, question, scope) for scope in (THESE, OTHERS))
    assert here.value == pytest.approx(others.value)
    assert others.high - others.low > 3 * (here.high - here.low)
    assert here.population.words == "for these 8 raters"
    assert others.population.words == "for raters like these 8"


@pytest.mark.parametrize(
    ("raters", "words"),
    [
        ((4,), "for this one rater"),
        ((4, 5), "for these 2 raters"),
        ((-1,), "for the people who answered here, who are not known apart"),
        ((-1, 4, 5), "for these 2 raters and 12 anonymous answers"),
    ],
)
def test_a_figure_says_for_whom_it_holds(raters: tuple[int, ...], words: str) -> None:
    rows = [(1, e, r, 4.0 - e % 2) for e in range(12) for r in raters]
    assert of_people(rows, mean()).population.words == words


def test_a_machines_figure_holds_for_examples() -> None:
    found = of_machine([(1, e, 4.0 - e % 2) for e in range(12)], mean())
    assert found.population.words == "for examples like these"


def test_a_mean_never_has_an_interval_beyond_the_scale() -> None:
    assert of_people([(1, e, 0, 5.0 if e else 4.0) for e in range(10)], mean()).high == 5.0


def test_nobody_is_a_reason_and_not_a_zero() -> None:
    found = of_people([(2, 1, 0, 3.0)], mean())
    assert np.isnan(found.value)
    assert found.undefined == "nobody judged an output of this system"


def test_unreadable_answers_stay_in_n_and_have_no_label() -> None:
    given = [(1, e, 1.0 if e < 6 else 2.0 if e < 8 else np.nan) for e in range(10)]
    found = of_machine(given, rate())
    assert (found.value, found.n, dict(found.omitted)) == (0.6, 10, {"unparsed": 2})
    assert found.more["if_unparsed"] == {"none_named": 0.6, "all_named": 0.8, "left_out": 0.75}
    assert [note.code for note in found.notes] == ["unparsed"]


def test_unreadable_answers_are_left_out_of_a_mean() -> None:
    found = of_machine([(1, 1, 2.0), (1, 2, 4.0), (1, 3, np.nan)], mean())
    assert (found.value, found.n, dict(found.omitted)) == (3.0, 2, {"unparsed": 1})
    assert of_machine([(1, 1, np.nan)], mean()).undefined == "none of the machine’s answers could be read"


def test_a_win_counts_for_one_and_against_the_other_and_a_tie_half() -> None:
    cast = votes([(1, 2, 1, 0, 1.0), (2, 1, 2, 0, 1.0), (1, 2, 3, 0, 2.0), (1, 2, 4, 0, 1.0)])
    observed = observe(cast, preference())
    one, two = (level(observed.of(s), preference(), scope=THESE) for s in (1, 2))
    assert (one.value, two.value, one.n) == (0.625, 0.375, 4)


def test_n_of_a_win_rate_counts_pairs_and_not_both_sides_or_votes() -> None:
    cast = votes([(1, 2, e, r, 1.0) for e in range(6) for r in range(5)])
    found = level(observe(cast, preference()).of(1), preference(), scope=THESE)
    assert (found.n, found.more["answers"]) == (6, 30)


def test_rows_in_any_order_give_the_same_bits() -> None:
    rng = np.random.default_rng(8)
    rows = [(1, e, r, float(v)) for e in range(37) for r, v in enumerate(rng.normal(3, 1, 5))]
    question = mean(label_names={})
    for scope in (THESE, OTHERS):
        first = of_people(rows, question, scope).as_dict()
        for _ in range(5):
            assert (
                of_people([rows[i] for i in rng.permutation(len(rows))], question, scope).as_dict() == first
            )


def test_what_is_asked_decides_what_is_averaged() -> None:
    question = rate(estimand=Estimand.RATE, labels=(1.0, 2.0))
    assert of_people([(1, e, 0, 1.0 + e % 3) for e in range(9)], question).value == pytest.approx(2 / 3)


def test_methods_say_how_a_level_was_made() -> None:
    rows = [(1, e, r, 1.0 + (e + r) % 2) for e in range(20) for r in range(3)]
    cast = observe(
        votes([(1, 2, e % 7, r, 1.0 if (e + r) % 3 else 3.0) for e in range(20) for r in range(3)]),
        preference(),
    )
    made = [
        of_people(rows, mean()),
        of_people(rows, rate()),
        of_people([row for row in rows if row[2] == 0], rate()),
        of_people(rows, mean(), OTHERS),
        of_people(rows, rate(), OTHERS),
        level(cast.of(1), preference(), scope=THESE),
        level(cast.of(1), preference(), scope=OTHERS),
    ]
    assert [(one.method, one.estimator.removeprefix("comparison.")) for one in made] == [
        ("mean over examples, t interval", "mean"),
        ("share over examples, Wilson’s interval at the effective n", "clustered_proportion"),
        ("share over examples, exact interval (Clopper–Pearson)", "proportion"),
        ("mean over examples, clustered by example and rater", "mean"),
        ("share over examples, clustered by example and rater", "clustered_proportion"),
        (
            "win rate over votes, clustered by example, Wilson’s interval at the effective n",
            "clustered_proportion",
        ),
        ("win rate over votes, clustered by example and rater", "clustered_proportion"),
    ]


def test_where_all_answer_alike_other_raters_are_not_guessed_at() -> None:
    found = of_people([(1, e, r, 1.0) for e in range(20) for r in range(3)], rate(), OTHERS)
    assert [note.code for note in found.notes] == ["unanimous"]
    assert (found.value, found.estimator) == (1.0, "comparison.proportion")
    assert found.low == pytest.approx(0.025 ** (1 / 20))
    assert "unanimous" not in [
        note.code for note in of_people([(1, e, 0, 1.0) for e in range(20)], rate()).notes
    ]


def test_a_win_rate_of_one_vote_a_pair_is_exact_and_of_several_is_not() -> None:
    one = observe(votes([(1, 2, e, 0, 1.0 if e < 9 else 3.0) for e in range(12)]), preference()).of(1)
    exact = stats.binomtest(9, 12).proportion_ci(method="exact")
    found = level(one, preference(), scope=THESE)
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    assert (found.more["answers"], found.more["outputs"], found.more["examples"]) == (12, 12, 12)


@pytest.mark.parametrize(
    ("unreadable", "verb"), [(1, "1 answer of the machine is no"), (2, "2 answers of the machine are no")]
)
def test_unreadable_answers_are_told_in_number(unreadable: int, verb: str) -> None:
    found = of_machine([(1, e, np.nan if e < unreadable else 1.0) for e in range(9)], rate())
    assert found.notes[-1].text.startswith(verb)
    assert found.more["if_unparsed"] == {
        "none_named": pytest.approx((9 - unreadable) / 9),
        "all_named": pytest.approx(1.0),
        "left_out": pytest.approx(1.0),
    }


def test_without_unreadable_answers_nothing_is_said_of_them() -> None:
    found = of_machine([(1, e, 1.0 + e % 2) for e in range(9)], rate())
    assert found.notes == ()
    assert "if_unparsed" not in found.more
    assert found.omitted == {}
    assert "if_unparsed" not in of_machine([(1, 1, 2.0), (1, 2, 4.0), (1, 3, np.nan)], mean()).more
    assert of_machine([(2, 1, 1.0)], rate()).undefined == "the machine scored no output of this system"
    every = of_machine([(1, e, np.nan) for e in range(4)], rate())
    assert every.more["if_unparsed"] == {"none_named": 0.0, "all_named": 1.0, "left_out": None}


def test_agreement_is_a_share_clustered_by_example_where_one_has_several_items() -> None:
    same, examples = np.array([1.0, 1, 0, 1, 1, 1, 0, 1]), np.arange(8)
    alone = share_of(same, examples, confidence=0.9)
    exact = stats.binomtest(6, 8).proportion_ci(0.9, method="exact")
    assert (alone.low, alone.high) == pytest.approx((exact.low, exact.high))
    assert (alone.value, alone.n, alone.confidence) == (0.75, 8, 0.9)
    assert alone.method == "share, exact interval (Clopper–Pearson)"
    together = share_of(same, examples // 2, confidence=0.9)
    assert (together.value, together.n, together.method) == (0.75, 8, "share, clustered by example")
    reference = comparison.clustered_proportion(same, clusters=examples // 2, confidence=0.9)
    assert (together.low, together.high) == pytest.approx((reference.low, reference.high))
