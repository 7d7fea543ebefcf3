"""Joint figures of systems: several raters and judges, examples shared or not, and whether the figure may lead."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError, joint
from concord.stats.comparison import difference, mean
from concord.stats.joint import Judged, joint_difference, joint_level


def answers(rng: np.random.Generator, *, items: int = 300, rated: int = 40, level: float = 3.0) -> Judged:
    """One rater's numbers of the first items; a machine that is off by half as much as items differ."""
    quality = rng.normal(level, 1, items)
    return Judged(
        predictions=quality + rng.normal(0, 0.5, items),
        ratings=quality[:rated],
        rated=np.arange(rated),
        raters=np.zeros(rated, dtype=int),
        examples=np.arange(items),
    )


def moved(system: Judged, **parts: object) -> Judged:
    return Judged(**{**vars(system), **parts})  # type: ignore[arg-type]


def test_by_people_alone_they_are_students_and_welchs_intervals(rng: np.random.Generator) -> None:
    a, b = answers(rng), moved(answers(rng, rated=25, level=2.5), examples=1000 + np.arange(300))
    one, two = joint_level(a, lam=0.0, null=2.8), joint_difference(a, b, lam=0.0)
    level = stats.ttest_1samp(a.ratings, 2.8)
    assert one.p_value == pytest.approx(level.pvalue)
    assert (one.low, one.high) == pytest.approx(tuple(level.confidence_interval()))
    welch = stats.ttest_ind(a.ratings, b.ratings, equal_var=False)
    assert two.p_value == pytest.approx(welch.pvalue)
    assert (two.low, two.high) == pytest.approx(tuple(welch.confidence_interval()))
    assert two.df == pytest.approx(welch.df)


def test_on_the_same_examples_the_difference_is_that_of_pairs(rng: np.random.Generator) -> None:
    a, b = answers(rng), answers(rng)
    found = joint_difference(a, b, lam=0.0)
    paired = stats.ttest_rel(a.ratings, b.ratings)
    assert found.p_value == pytest.approx(paired.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(paired.confidence_interval()))
    tuned = joint_difference(a, b)
    columns = joint.prediction_powered_difference(
        a.ratings, b.ratings, a.predictions[:40], b.predictions[:40], a.predictions[40:], b.predictions[40:]
    )
    for name in ("value", "low", "high", "p_value", "df", "lam"):
        assert getattr(tuned, name) == pytest.approx(getattr(columns, name)), name


def test_partly_shared_examples_are_those_of_a_difference_of_two_samples(rng: np.random.Generator) -> None:
    a, b = answers(rng), moved(answers(rng), rated=np.arange(20, 60))
    found = joint_difference(a, b, lam=0.0)
    two = difference(a.ratings, b.ratings, clusters_a=np.arange(40), clusters_b=np.arange(20, 60), method="t")
    assert (found.value, found.low, found.high, found.df) == pytest.approx(
        (two.value, two.low, two.high, two.df)
    )


def test_a_level_is_the_prediction_powered_mean_of_mean_ratings(rng: np.random.Generator) -> None:
    system, seen = answers(rng), rng.permutation(np.repeat(np.arange(40), [1, 2, 3, 4] * 10))
    ratings = np.asarray(system.ratings)[seen] + rng.normal(0, 0.3, len(seen))
    found = joint_level(moved(system, ratings=ratings, rated=seen, raters=None))
    labels = np.bincount(seen, ratings) / np.bincount(seen)
    f = np.asarray(system.predictions)
    columns = joint.prediction_powered_mean(labels, f[:40], f[40:])
    for name in ("value", "low", "high", "p_value", "df", "lam", "rectifier", "machine_only"):
        assert getattr(found, name) == pytest.approx(getattr(columns, name)), name
    assert (found.n, found.n_labelled, found.n_unlabelled) == (40, 40, 260)


def test_bounds_only_name_the_scale(rng: np.random.Generator) -> None:
    """The same answers from 0 to 1 and from 1 to 5: one figure on two scales, within both."""
    right = (rng.random(200) < 0.9).astype(float)
    f = np.where(rng.random(200) < 0.9, right, 1 - right)
    unit = Judged(predictions=f, ratings=right[:30], rated=range(30))
    wide = Judged(predictions=1 + 4 * f, ratings=1 + 4 * right[:30], rated=range(30))
    one, five = joint_level(unit, bounds=(0, 1), null=0.7), joint_level(wide, bounds=(1, 5), null=3.8)
    for name in ("value", "low", "high"):
        assert getattr(five, name) == pytest.approx(1 + 4 * getattr(one, name)), name
    for name in ("p_value", "lam", "effective_n", "statistic"):
        assert getattr(five, name) == pytest.approx(getattr(one, name)), name
    assert five.standard_error == pytest.approx(4 * one.standard_error)
    assert five.influence == pytest.approx(4 * one.influence)
    with pytest.raises(InputError, match="must lie between 0 and 1"):
        joint_level(wide, bounds=(0, 1))
    with pytest.raises(InputError, match="bounds must be two numbers that rise"):
        joint_level(wide, bounds=(5, 1))


@pytest.mark.parametrize("bounds", [None, (-20.0, 20.0)])
def test_the_interval_holds_exactly_what_is_not_rejected(
    rng: np.random.Generator, bounds: tuple[float, float] | None
) -> None:
    a, b = answers(rng, rated=12), moved(answers(rng, rated=15), examples=400 + np.arange(300))
    for call in (
        lambda **o: joint_level(a, bounds=bounds, **o),
        lambda **o: joint_difference(a, b, bounds=bounds, **o),
    ):
        for confidence in (0.8, 0.95, 0.999):
            found = call(confidence=confidence)
            for end, inside in ((found.low, 1e-6), (found.high, -1e-6)):
                assert call(null=end + inside).p_value > 1 - confidence
                assert call(null=end - inside).p_value < 1 - confidence


def test_influences_give_the_covariance_of_two_differences_against_simulation() -> None:
    """Two systems against the same third: their differences go together as their influences say."""
    rng = np.random.default_rng(4)
    values, products = [], []
    for _ in range(300):
        hardness = rng.normal(0, 1, 150)
        three = []
        for first in (0, 10, 20):
            label = hardness + rng.normal(0, 0.7, 150)
            rated = np.arange(first, first + 40)
            f = label + rng.normal(0, 0.5, 150)
            three.append(Judged(predictions=f, ratings=label[rated], rated=rated, examples=np.arange(150)))
        one, two = (joint_difference(each, three[2]) for each in three[:2])
        _, at, other = np.intersect1d(one.clusters, two.clusters, return_indices=True)
        values.append((one.value, two.value))
        products.append(one.influence[at] @ two.influence[other])
        assert one.influence @ one.influence == pytest.approx(one.standard_error**2)
    covariance = np.cov(np.array(values).T)[0, 1]
    assert np.mean(products) == pytest.approx(covariance, rel=0.25)
    assert covariance > 0.005


def test_a_sample_of_raters_adds_what_two_way_clustering_adds(rng: np.random.Generator) -> None:
    """Without the machine, against `comparison.mean` clustered by example and rater."""
    example, rater = np.divmod(np.arange(240), 6)
    value = rng.normal(size=40)[example] + rng.normal(0, 0.8, 6)[rater] + rng.normal(0, 0.5, 240)
    system = Judged(
        predictions=rng.normal(size=100), ratings=value, rated=example, raters=rater, examples=np.arange(100)
    )
    found, fixed = joint_level(system, raters="sample", lam=0.0), joint_level(system, lam=0.0)
    two_way = mean(value, clusters=example, clusters2=rater)
    assert found.standard_error == pytest.approx(two_way.standard_error, rel=0.01)
    assert fixed.standard_error == pytest.approx(mean(value, clusters=example).standard_error, rel=0.01)
    assert two_way.df < found.df < fixed.df
    by_rater = found.rater_influence @ found.rater_influence
    assert by_rater == pytest.approx(mean(value, clusters=rater).standard_error ** 2, rel=0.01)
    assert (found.n_raters, found.scope, fixed.scope) == (6, "sample", "fixed")
    assert "by example and rater" in found.method


def test_one_rater_says_nothing_of_others(rng: np.random.Generator) -> None:
    found = joint_level(answers(rng), raters="sample")
    assert np.isnan([found.low, found.p_value]).all()
    assert not found.leads
    assert [reason.code for reason in found.why_not] == ["no_interval"]
    assert "one rater gave all ratings" in found.notes[-1]
    with pytest.raises(InputError, match=r"needs system\.raters"):
        joint_level(moved(answers(rng), raters=None), raters="sample")
    anonymous = joint_level(moved(answers(rng), raters=np.full(40, -1)), raters="sample")
    assert anonymous.n_raters == 40
    assert np.isfinite(anonymous.low)


def test_what_may_lead_and_why_not(rng: np.random.Generator) -> None:
    system = answers(rng)
    found = joint_level(system)
    assert found.leads
    assert found.high - found.low < found.human_only.high - found.human_only.low
    assert (found.why_not, found.people_notes) == ((), ())

    def codes(judged: Judged, **options: object) -> list[str]:
        return [reason.code for reason in joint_level(judged, **options).why_not]  # type: ignore[arg-type]

    every = moved(system, predictions=np.asarray(system.predictions)[:40], examples=np.arange(40))
    assert codes(every) == ["nothing_unrated"]
    assert codes(moved(system, predictions=np.ones(300))) == ["machine_unused"]
    noise = rng.normal(size=300)
    noise[:40] *= 3
    assert "wider_than_people" in codes(moved(system, predictions=noise), lam=1.0)
    low = np.argsort(system.predictions)[:40]
    chosen = joint_level(moved(system, rated=low, ratings=np.asarray(system.predictions)[low]))
    assert not chosen.leads
    assert [reason.code for reason in chosen.people_notes] == ["rated_unlike_rest"]
    nobody = joint_level(moved(system, ratings=[], rated=[], raters=None))
    assert nobody.undefined
    assert [reason.code for reason in nobody.why_not] == ["no_ratings"]


def test_a_few_labels_that_stand_for_most_items_do_not_lead(rng: np.random.Generator) -> None:
    system, chance = answers(rng), np.full(300, 0.5)
    even = joint_level(moved(system, propensities=chance))
    chance[:3] = 0.01
    found = joint_level(moved(system, propensities=chance))
    assert "uneven_chances" in [reason.code for reason in found.why_not]
    assert "uneven_chances" not in [reason.code for reason in even.why_not]


def test_either_system_chosen_by_score_keeps_the_difference_from_leading(rng: np.random.Generator) -> None:
    a, b = answers(rng), answers(rng)
    low = np.argsort(b.predictions)[:40]
    b = moved(b, rated=low, ratings=np.asarray(b.predictions)[low])
    found = joint_difference(a, b)
    assert [check.holds for check in found.checks] == [True, False]
    assert found.why_not[0].code == "rated_unlike_rest"
    assert {check.false_alarm for check in found.checks} == {0.005}


def test_several_judges_are_weighed_by_what_they_know(rng: np.random.Generator) -> None:
    quality = rng.normal(size=2000)
    judges = np.stack([quality + s * rng.normal(size=2000) for s in (0.5, 2.0)] + [rng.normal(size=2000)], 1)
    system = Judged(predictions=judges, ratings=quality[:300], rated=range(300))
    found, best = joint_level(system), joint_level(moved(system, predictions=judges[:, 0]))
    design = np.column_stack([np.ones(300), judges[:300]])
    slopes = np.linalg.lstsq(design, quality[:300], rcond=None)[0][1:]
    assert found.weights[:2] == pytest.approx(slopes[:2] / (1 + 300 / 1700), abs=0.02)
    assert found.weights[2] < 0.1
    assert found.standard_error < best.standard_error
    assert found.lam == pytest.approx(found.weights.sum())
    with pytest.raises(InputError, match="same judges"):
        joint_difference(system, moved(system, predictions=judges[:, 0]))


def test_malformed_systems_get_a_clear_sentence(rng: np.random.Generator) -> None:
    system = answers(rng)
    with pytest.raises(InputError, match="rated must be positions of 300 items, got 300"):
        joint_level(moved(system, rated=np.arange(261, 301)))
    with pytest.raises(InputError, match="system must be a Judged"):
        joint_level([1, 2, 3])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="must be one of fixed, sample"):
        joint_level(system, raters="random")
    gaps = np.asarray(system.predictions).copy()
    gaps[[0, 299]] = np.nan
    ratings = np.asarray(system.ratings).copy()
    ratings[1] = np.nan
    found = joint_level(moved(system, predictions=gaps, ratings=ratings))
    assert found.omitted == {
        "items without a prediction": 2,
        "missing ratings": 1,
        "ratings of items without a prediction": 1,
    }
    assert (found.n_labelled, found.n_unlabelled) == (38, 260)


def test_one_rater_and_forty_other_examples_of_each_system_are_told_apart_by_one_test() -> None:
    """-1.17 [-1.42, -.91] was said with p = .125, and "cannot tell"."""
    rng = np.random.default_rng(3)
    a, b = answers(rng, level=2.5), moved(answers(rng, level=3.6), examples=1000 + np.arange(300))
    found = joint_difference(a, b)
    assert found.high < 0
    assert found.p_value < 1e-6
    assert found.statistic == pytest.approx(found.value / found.standard_error)
