"""Rated items that may have been chosen by their quality: when a joint figure leads all the same."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from concord.stats import InputError, joint
from concord.stats.joint import JointFigure, Judged, joint_difference, joint_level


def chosen(rng: np.random.Generator, *, right: float, rated: int = 100, odds: float = 1.0) -> Judged:
    """400 items of which 6 in 10 are good; a judge is right with this chance, good ones are picked at these odds."""
    truth = rng.random(400) < 0.6
    said = np.where(rng.random(400) < right, truth, ~truth)
    weight = np.where(truth, odds, 1.0)
    some = rng.choice(400, rated, replace=False, p=weight / weight.sum())
    return Judged(predictions=said.astype(float), ratings=truth[some].astype(float), rated=some)


def test_by_a_choice_that_goes_by_quality_the_bound_holds_against_simulation() -> None:
    """Good ones at three to one: nine in ten bounds are at least the error that the choice makes."""
    rng, kept, errors = np.random.default_rng(1), [], []
    for _ in range(150):
        found = joint_level(chosen(rng, right=0.9, odds=3), bounds=(0, 1), chosen="unknown")
        errors.append(found.value - 0.6)
        kept.append(found.could_be_off)
    made = float(np.mean(errors))
    assert made > 0.06, "the machine takes back only a part of what the choice did"
    assert np.mean(np.array(kept) >= made) > 0.9
    assert np.median(kept) < 5 * made, "and a bound is worth something"


def test_it_leads_by_a_machine_that_hardly_errs_and_many_ratings_or_not_at_all() -> None:
    rng = np.random.default_rng(2)
    quality = rng.normal(0, 1, 80_000)
    rated = np.argsort(quality)[50::100]  # from the worst to the best
    near, far = (
        joint_level(
            Judged(predictions=quality + rng.normal(0, noise, 80_000), ratings=quality[rated], rated=rated),
            chosen="unknown",
        )
        for noise in (0.05, 0.5)
    )
    assert (near.leads, far.leads) == (True, False)
    assert near.could_be_off < 0.25 * (near.high - near.low) / 2
    assert [reason.code for reason in far.why_not] == ["choice_unknown"]
    margins = far.could_be_off / ((far.high - far.low) / 2)
    assert f"set the figure off by {margins:.1f} times its margin of error." in far.why_not[0].text


def test_drawn_at_random_is_the_default_and_changes_nothing_but_what_may_lead(
    rng: np.random.Generator,
) -> None:
    system = chosen(rng, right=0.9)
    plain, unknown = (joint_level(system, bounds=(0, 1), **given) for given in ({}, {"chosen": "unknown"}))
    assert (plain.leads, unknown.leads) == (True, False)
    assert (plain.chosen, unknown.chosen) == ("random", "unknown")
    assert np.isnan(plain.could_be_off)
    for name in ("value", "low", "high", "p_value"):
        assert getattr(plain, name) == getattr(unknown, name)
    with pytest.raises(InputError, match="chosen must be one of random, unknown; got 'by hand'"):
        joint_level(system, chosen="by hand")


def of(labels: list[float], scores: list[float], rest: list[float]) -> JointFigure:
    system = Judged(predictions=[*scores, *rest], ratings=labels, rated=range(len(labels)))
    return joint_level(system, bounds=(0, 1), chosen="unknown", lam=1.0)


def test_the_bound_by_hand() -> None:
    """Ten of twenty good, a judge who says so of nine of them and of one other; of 80 more it calls 40 good."""
    labels = [1.0] * 10 + [0.0] * 10
    scores = [1.0] * 9 + [0.0] * 10 + [1.0]
    found = of(labels, scores, [1.0, 0.0] * 40)
    t = stats.t.ppf(0.95, 18)
    gap_error = np.sqrt((5.0 / 400 + 20.0 / 6400) * 20 / 19)  # sums of squares over n^2, of both means
    # with half an item more at either end, scored as the other: 9 of 10.5 and 1.5 of 10.5
    slope = 7.5 / 10.5
    right, wrong = (
        0.25 * (1 - slope),
        0.25 * (1 + slope),
    )  # what an item adds: 18 are as the slope says, 2 and two halves are not
    added = 18 * right**2 + 2 * wrong**2 + 2 * (wrong / 2) ** 2
    n = 21**2 / (20 + 2 / 4)
    error = np.sqrt(added * n / (n - 2)) / (21 * 0.25)
    lowest = slope - t * error
    assert found.could_be_off == pytest.approx(t * gap_error * (1 - lowest) / lowest)


def test_a_machine_that_follows_nobody_bounds_nothing() -> None:
    found = of([1.0, 0.0] * 10, [1.0, 1.0, 0.0, 0.0] * 5, [1.0, 0.0] * 40)
    assert found.could_be_off == np.inf
    assert found.why_not[-1].text.endswith("could set the figure off by any amount.")
    alike = of([1.0] * 20, [1.0] * 19 + [0.0], [1.0, 0.0] * 40)
    assert alike.could_be_off == np.inf, "labels all alike tell nothing of how the machine follows people"


def test_the_bound_is_on_the_scale_of_the_labels_and_adds_up_over_systems(rng: np.random.Generator) -> None:
    a, b = chosen(rng, right=0.95), chosen(rng, right=0.9)
    wide = Judged(
        predictions=1 + 4 * np.asarray(a.predictions), ratings=1 + 4 * np.asarray(a.ratings), rated=a.rated
    )
    given = {"chosen": "unknown", "lam": 0.7}
    one, two = (joint_level(system, bounds=(0, 1), **given).could_be_off for system in (a, b))  # type: ignore[arg-type]
    assert joint_level(wide, bounds=(1, 5), **given).could_be_off == pytest.approx(4 * one)  # type: ignore[arg-type]
    both = joint_difference(a, b, bounds=(0, 1), **given)  # type: ignore[arg-type]
    assert both.could_be_off == pytest.approx(one + two)
    assert both.chosen == "unknown"


def test_answers_about_the_same_example_count_once() -> None:
    """Every item twice, as one example: the bound is that of the items once."""
    labels, scores = [1.0] * 10 + [0.0] * 10, [1.0] * 9 + [0.0] * 10 + [1.0]
    once = of(labels, scores, [1.0, 0.0] * 40)
    twice = joint.joint_level(
        Judged(
            predictions=np.repeat([*scores, *[1.0, 0.0] * 40], 2),
            ratings=np.repeat(labels, 2),
            rated=np.arange(40),
            examples=np.repeat(np.arange(100), 2),
        ),
        bounds=(0, 1),
        chosen="unknown",
        lam=1.0,
    )
    assert twice.could_be_off == pytest.approx(once.could_be_off, rel=0.15)
