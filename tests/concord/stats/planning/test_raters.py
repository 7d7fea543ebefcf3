"""How many raters speak for others."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from concord.stats import InputError, planning
from concord.stats.planning import n_for_raters


def test_one_example_tells_nothing_of_others_like_it() -> None:
    found = n_for_raters(half_width=0.5, rater_sd=0.5, example_sd=0.1, examples=1, distribution="t")
    assert "so few examples" in str(found.undefined)


def test_raters_are_a_sample_too() -> None:
    plan = planning.n_for_raters(half_width=0.2, rater_sd=0.5, repeat_sd=1.0, examples=100)
    assert plan.n == math.ceil(3.841459 * (0.25 + 0.01) / 0.04)
    assert plan.assumptions["ratings"] == 2500
    assert plan.achieved <= 0.2
    # Raters cannot make up for examples.
    floor = planning.n_for_raters(half_width=0.2, rater_sd=0.5, example_sd=2.0, examples=100)
    assert "examples" in str(floor.undefined)
    nested = planning.n_for_raters(half_width=0.25, rater_sd=0.5, repeat_sd=1, examples=10, design="nested")
    assert nested.n == math.ceil(3.841459 * 1.25 / 10 / 0.0625)
    assert planning.n_for_raters(half_width=1.0, rater_sd=0.5).n == 1
    with_t = planning.n_for_raters(half_width=0.5, rater_sd=0.5, distribution="t").n
    assert with_t is not None
    assert stats.t.isf(0.025, with_t - 1) * 0.5 / math.sqrt(with_t) <= 0.5
    assert stats.t.isf(0.025, with_t - 2) * 0.5 / math.sqrt(with_t - 1) > 0.5


def test_raters_and_examples_are_samples_at_once() -> None:
    """The half-width, put together by hand: variances of a mean two ways, and Satterthwaite's degrees of freedom of them."""
    given = {"rater_sd": 0.8, "repeat_sd": 1.2, "example_sd": 0.9, "examples": 20, "repeats": 2}
    plan = n_for_raters(half_width=0.5, distribution="t", **given)
    r, e, k = plan.n, 20, 2
    assert r is not None
    noise = 1.44 / (e * k)
    value = 0.81 / e + 0.64 / r + noise / r
    by_rater, by_example = (0.64 + noise) / r, 0.81 / e + noise / r
    satterthwaite = value**2 / (by_rater**2 / (r - 1) + by_example**2 / (e - 1))
    fewer = min(r, e) - 1
    part = 1 / (2 * fewer - 1)
    df = 1 / (part / fewer + (1 - part) / max(satterthwaite, fewer))
    assert plan.achieved == pytest.approx(stats.t.isf(0.025, df) * math.sqrt(value), rel=1e-9)
    assert plan.assumptions["ratings"] == r * e * k
    assert plan.notes == ()
    assert n_for_raters(
        half_width=0.5, **given
    ).notes  # normal quantiles, with fewer than 50 degrees of freedom


def test_nested_raters_are_as_many_as_examples() -> None:
    """Each example has raters of its own: its mean is one value, and the examples less one are the degrees of freedom."""
    plan = n_for_raters(
        half_width=0.4,
        rater_sd=0.5,
        repeat_sd=0.7,
        example_sd=0.6,
        examples=12,
        design="nested",
        distribution="t",
    )
    assert plan.n is not None
    value = (0.36 + (0.25 + 0.49) / plan.n) / 12
    assert plan.achieved == pytest.approx(stats.t.isf(0.025, 11) * math.sqrt(value), rel=1e-9)
    assert plan.clusters == 12 * plan.n
    fixed = n_for_raters(
        half_width=0.2, rater_sd=0.5, repeat_sd=0.7, examples=12, design="nested", distribution="t"
    )
    assert fixed.achieved == pytest.approx(stats.t.isf(0.025, 11) * math.sqrt(0.74 / 12 / fixed.n), rel=1e-9)
    alone = n_for_raters(half_width=0.5, rater_sd=0.5, design="nested", distribution="t")
    assert alone.achieved == pytest.approx(
        stats.t.isf(0.025, alone.n - 1) * 0.5 / math.sqrt(alone.n), rel=1e-9
    )


def test_one_rater_is_enough_where_raters_do_not_differ() -> None:
    plan = n_for_raters(half_width=0.2, rater_sd=0.0, repeat_sd=1.0, examples=100)
    assert (plan.n, plan.clusters, plan.achieved) == (1, 1, pytest.approx(0.196, abs=1e-4))
    for bad in (
        {"rater_sd": -0.1},
        {"repeat_sd": -0.1},
        {"example_sd": -0.1},
        {"examples": 0},
        {"repeats": 0},
    ):
        with pytest.raises(InputError):
            n_for_raters(**({"half_width": 0.2, "rater_sd": 0.5} | bad))


def test_fewer_than_51_raters_of_one_example_are_noted() -> None:
    """Normal quantiles stand for those of t with one degree of freedom less than there are raters."""
    z = stats.norm.isf(0.025)
    for n in (50, 51, 52):
        plan = n_for_raters(half_width=z * 0.5 / math.sqrt(n - 0.5), rater_sd=0.5)
        assert (plan.n, plan.clusters, plan.design_effect) == (n, n, 1.0)
        assert bool(plan.notes) == (n < 51)


def test_a_width_that_only_endless_raters_would_give_is_undefined() -> None:
    """With an interval of examples alone as wide as is wanted, no number of raters leaves room for their own part."""
    floor = stats.norm.isf(0.05) * 2.0 / math.sqrt(25)
    common = {"rater_sd": 0.5, "repeat_sd": 0.3, "example_sd": 2.0, "examples": 25, "confidence": 0.9}
    none = n_for_raters(half_width=floor * 0.999, **common)
    assert (none.n, none.clusters) == (None, None)
    assert none.assumptions == {
        "rater_sd": 0.5, "repeat_sd": 0.3, "example_sd": 2.0, "examples": 25, "confidence": 0.9
    }  # fmt: skip
    some = n_for_raters(half_width=floor * 1.01, **common)
    assert some.n is not None
    part = floor**2 * (1.01**2 - 1) / stats.norm.isf(0.05) ** 2
    assert some.n == math.ceil((0.25 + 0.09 / 25) / part)
    exact = n_for_raters(half_width=stats.t.isf(0.05, 24) * 0.4 * 0.999, distribution="t", **common)
    assert exact.n is None


def test_one_rater_of_each_example_may_do() -> None:
    """Nested raters of one example: one less than there are, so one alone has no t interval, and two have."""
    alone = n_for_raters(half_width=50.0, rater_sd=0.5, design="nested", distribution="t")
    assert (alone.n, alone.achieved) == (2, pytest.approx(stats.t.isf(0.025, 1) * 0.5 / math.sqrt(2)))
    many = n_for_raters(
        half_width=1.0, rater_sd=0.5, repeat_sd=0.5, examples=9, repeats=4, design="nested", distribution="t"
    )
    assert (many.n, many.clusters, many.assumptions["ratings"]) == (1, 9, 36)
    assert many.achieved == pytest.approx(stats.t.isf(0.025, 8) * math.sqrt((0.25 + 0.25 / 4) / 9))
    assert many.method == "half-width of a mean over raters, nested"
