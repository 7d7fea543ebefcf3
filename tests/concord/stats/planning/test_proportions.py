"""Sample sizes for two proportions: R, published tables, and exact power."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats import proportion as peers
from statsmodels.stats.power import NormalIndPower

from concord.stats import planning
from concord.stats._arrays import InputError
from concord.stats.comparison import mcnemar

# R 4: p1, p2, power, sig.level, power.prop.test(...)$n, pwr.2p.test(ES.h(p1, p2), ...)$n
R_UNPAIRED = [
    (0.5, 0.75, 0.9, 0.05, 76.706930, 76.652941),
    (0.05, 0.1, 0.8, 0.05, 434.432023, 423.731863),
    (0.9, 0.85, 0.8, 0.05, 685.596858, 680.352662),
    (0.3, 0.35, 0.95, 0.01, 3122.913125, 3122.167639),
    (0.02, 0.01, 0.8, 0.05, 2318.164677, 2253.655220),
    (0.6, 0.2, 0.8, 0.05, 22.330135, 21.992171),
    (0.999, 0.99, 0.9, 0.05, 1417.007610, 1118.370837),
]


@pytest.mark.parametrize(("p1", "p2", "power", "alpha", "score", "arcsine"), R_UNPAIRED)
def test_unpaired_plans_are_those_of_r(
    p1: float, p2: float, power: float, alpha: float, score: float, arcsine: float
) -> None:
    def plan(method: str) -> planning.Plan:
        return planning.n_for_proportion_difference(
            first=p1, second=p2, paired=False, power=power, alpha=alpha, method=method
        )

    assert plan("score").n == math.ceil(score)
    assert plan("arcsine").n == math.ceil(arcsine)
    # Fleiss, Tytun & Ury (1980) on top of the number without correction.
    corrected = score / 4 * (1 + math.sqrt(1 + 4 / (score * abs(p1 - p2)))) ** 2
    assert plan("continuity").n == math.ceil(corrected)
    assert power <= plan("score").achieved < power + 0.03


def test_the_difference_found_is_that_of_power_prop_test() -> None:
    # R: power.prop.test(n = 200, p1 = .3, power = .8)$p2 - .3
    found = planning.minimum_detectable_proportion_difference(n=200, first=0.3, paired=False)
    assert found.achieved == pytest.approx(0.1346572064, abs=1e-5)


@pytest.mark.parametrize(
    ("first", "second", "discordance"), [(0.85, 0.8, 0.15), (0.5, 0.6, 0.3), (0.7, 0.4, 0.5), (0.9, 0.8, 0.1)]
)
def test_paired_plans_reach_the_exact_power_of_mcnemar(
    first: float, second: float, discordance: float
) -> None:
    plan = planning.n_for_proportion_difference(first=first, second=second, discordance=discordance)
    assert plan.n is not None
    m = np.arange(1, plan.n + 1)
    weight = stats.binom.pmf(m, plan.n, discordance)
    towards = (discordance + abs(first - second)) / 2 / discordance
    # McNemar's test without correction rejects where |b - c| > 1.96 sqrt(b + c).
    limit = np.floor((m - stats.norm.isf(0.025) * np.sqrt(m)) / 2)
    power = weight @ (stats.binom.cdf(limit, m, 1 - towards) + stats.binom.cdf(limit, m, towards))
    assert power == pytest.approx(0.8, abs=0.035)


def test_a_correlation_is_a_discordance() -> None:
    both = 0.8 * 0.7 + 0.5 * math.sqrt(0.8 * 0.2 * 0.7 * 0.3)
    by = {"first": 0.8, "second": 0.7}
    a = planning.n_for_proportion_difference(**by, correlation=0.5)
    assert a.n == planning.n_for_proportion_difference(**by, discordance=1.5 - 2 * both).n
    assert a.assumptions["discordance"] == pytest.approx(1.5 - 2 * both)
    # Without correlation pairing gains nothing but what the pooled variance differs.
    alone = planning.n_for_proportion_difference(**by)
    apart = planning.n_for_proportion_difference(**by, paired=False)
    assert alone.n == pytest.approx(apart.n, rel=0.02)
    assert a.n is not None
    assert alone.n is not None
    assert a.n < 0.6 * alone.n


def test_the_smallest_difference_and_the_number_belong_together() -> None:
    for options in (
        {"paired": False},
        {"paired": False, "method": "continuity"},
        {"correlation": 0.4},
        {"discordance": 0.3},
        {"icc": 0.2, "cluster_size": 5},
    ):
        found = planning.minimum_detectable_proportion_difference(n=300, first=0.6, **options)
        again = planning.n_for_proportion_difference(first=0.6, second=0.6 + found.achieved, **options)
        assert again.n == pytest.approx(300, abs=1), options


def test_clusters_multiply_the_number() -> None:
    asked = {"first": 0.7, "second": 0.6, "paired": False}
    alone = planning.n_for_proportion_difference(**asked)
    plan = planning.n_for_proportion_difference(**asked, icc=0.1, cluster_size=11)
    assert plan.design_effect == 2
    assert plan.n == pytest.approx(2 * alone.n, abs=2)
    assert plan.clusters == math.ceil(plan.n / 11)


def test_what_shares_rule_out_is_refused() -> None:
    plan = planning.n_for_proportion_difference
    for bad in (
        {"first": 0.9, "second": 0.5, "discordance": 0.3},
        {"first": 0.9, "second": 0.95, "discordance": 0.3},
        {"first": 0.9, "second": 0.5, "correlation": 0.9},
        {"first": 0.9, "second": 0.5, "method": "arcsine"},
        {"first": 1.1, "second": 0.5},
        {"first": True, "second": 0.5},
        {"first": 0.4, "second": 0.5, "discordance": math.nan},
    ):
        with pytest.raises(InputError):
            plan(**bad)
    assert plan(first=0.5, second=0.5).undefined
    with pytest.raises(InputError, match="half_width or null"):
        planning.n_for_proportion()


def test_extreme_shares_have_plans() -> None:
    assert planning.n_for_proportion_difference(first=1.0, second=0.0, paired=False).n == 2
    assert planning.n_for_proportion_difference(first=1.0, second=0.9).n == 56  # all that differ favour one
    assert planning.minimum_detectable_proportion_difference(n=10, first=0.99).undefined
    assert planning.minimum_detectable_proportion_difference(n=10, first=1.0).undefined


def test_a_plan_for_the_exact_test_reaches_its_power(rng: np.random.Generator) -> None:
    """The default of `mcnemar`: with the plan for chi-square it finds .72 of what it should find .8 of."""
    design = {"first": 0.99, "second": 0.95, "correlation": 0.0}
    plans = [
        planning.n_for_proportion_difference(**design, method=method)
        for method in ("score", "mid-p", "exact")
    ]
    assert [plan.n for plan in plans] == [257, 264, 301]
    s = plans[2].assumptions["discordance"]
    drawn = rng.multinomial(plans[2].n, [(s + 0.04) / 2, (s - 0.04) / 2, 1 - s], size=2000)
    found = [mcnemar([[0, int(b)], [int(a), int(rest)]]).p_value < 0.05 for a, b, rest in drawn]
    assert np.mean(found) == pytest.approx(0.8, abs=0.03)
    assert "exact" in plans[2].method
    with pytest.raises(InputError, match="method 'exact' is for paired proportions"):
        planning.n_for_proportion_difference(first=0.5, second=0.6, paired=False, method="exact")
    back = planning.minimum_detectable_proportion_difference(
        n=301, first=0.95, correlation=0.0, method="exact"
    )
    assert back.achieved == pytest.approx(0.04, abs=2e-4)
    # Beyond 20,000 discordant examples it is chi-square with half a step off: no leap in the power there.
    for method in ("exact", "mid-p"):
        large = [
            planning.n_for_proportion_difference(first=0.5, second=0.5 + gap, discordance=0.2, method=method)
            for gap in (0.004, 0.00396)
        ]
        assert large[0].n is not None
        assert large[1].n is not None
        assert large[0].n * 0.2 < 20_000 < large[1].n * 0.2
        assert large[1].n / large[0].n == pytest.approx((0.004 / 0.00396) ** 2, abs=1e-3)
    certain = planning.minimum_detectable_proportion_difference(
        n=112, first=0.85, correlation=0.3, method="exact"
    )
    assert certain.achieved == pytest.approx(
        0.1, abs=2e-3
    )  # up to a share of 1, which leaves one side no chance


@pytest.mark.parametrize(
    ("first", "second", "power", "n"),
    [(0.05, 0.10, 0.8, 474), (0.10, 0.20, 0.8, 219), (0.60, 0.70, 0.8, 376), (0.50, 0.60, 0.9, 538)],
)
def test_sizes_with_continuity_against_fleiss_table(
    first: float, second: float, power: float, n: int
) -> None:
    """Fleiss (1981), "Statistical methods for rates and proportions", table A.3, level .05."""
    plan = planning.n_for_proportion_difference(
        first=first, second=second, paired=False, power=power, method="continuity"
    )
    assert plan.n == n


@pytest.mark.parametrize(
    "plan",
    [
        lambda **given: planning.n_for_proportion_difference(first=0.8, second=0.7, **given),
        lambda **given: planning.minimum_detectable_proportion_difference(n=200, first=0.8, **given),
    ],
)
def test_what_would_be_passed_over_is_refused(plan: Any) -> None:
    """The correlation was dropped where a discordance stood beside it, and both where shares are unpaired."""
    with pytest.raises(InputError, match="correlation or discordance, got both"):
        plan(correlation=0.0, discordance=0.3)
    for given in ({"correlation": 0.2}, {"discordance": 0.3}):
        with pytest.raises(InputError, match="is for paired proportions"):
            plan(paired=False, **given)
    assert plan().n == plan(correlation=0.0).n


def test_ten_events_are_enough_and_nine_are_noted() -> None:
    """Of 50 examples 10 differ where a fifth does; unpaired, 10 of 50 right answers at .1 on both sides together."""

    def notes(n: int, **given: Any) -> bool:
        plan = planning.minimum_detectable_proportion_difference(n=n, power=0.3, **given)
        assert plan.n == n
        return bool(plan.notes)

    paired = {"first": 0.5, "discordance": 0.2}
    assert (notes(50, **paired), notes(49, **paired)) == (False, True)
    assert notes(50, icc=0.1, cluster_size=2, **paired)  # as good as 45
    assert not notes(49, method="exact", **paired)  # a count's own distribution is no approximation
    for first, second, n in (
        (0.05, 0.15, 141),
        (0.85, 0.95, 141),
    ):  # .2 n right, or wrong, answers: far more than ten
        plan = planning.n_for_proportion_difference(first=first, second=second, paired=False)
        assert (plan.n, plan.notes) == (n, ())
    rare = planning.n_for_proportion_difference(first=0.0, second=0.3, paired=False)
    assert rare.n is not None
    assert bool(rare.notes) == (0.3 * rare.n < 10)


def test_the_ends_of_what_can_be_are_accepted() -> None:
    """All examples may differ, shares may be correlated by 1 or -1: that is no contradiction where the shares are alike."""
    plan = planning.n_for_proportion_difference
    assert plan(first=0.6, second=0.4, discordance=1.0).n == plan(first=0.6, second=0.4, correlation=-1.0).n
    assert plan(first=0.5, second=0.5, correlation=1.0).undefined
    for given in ({"discordance": 0.0}, {"discordance": 1.001}):
        with pytest.raises(InputError, match="discordance must lie above 0 and up to 1"):
            plan(first=0.6, second=0.4, **given)
    for given in ({"correlation": 1.001}, {"correlation": -1.001}):
        with pytest.raises(InputError, match="correlation must lie between -1 and 1"):
            plan(first=0.6, second=0.4, **given)
    with pytest.raises(InputError, match=r"shares of 0.9 and 0.5 rule out a discordance of 0.3"):
        plan(first=0.9, second=0.5, discordance=0.3)
    with pytest.raises(InputError, match=r"shares of 0.9 and 0.5 rule out a correlation of 0.9"):
        plan(first=0.9, second=0.5, correlation=0.9)


def test_a_rise_no_larger_than_the_discordance_allows() -> None:
    """From .3 with a discordance of .8 both may only be right in .3 + .3 + d <= 1.2: the rise lies from .2 to .6."""
    found = planning.minimum_detectable_proportion_difference(n=400, first=0.3, discordance=0.8)
    again = planning.n_for_proportion_difference(first=0.3, second=0.3 + found.achieved, discordance=0.8)
    assert found.achieved == pytest.approx(0.2, abs=1e-6)  # n = 400 would find less: no less can be
    assert again.n is not None
    assert again.n < 400
    few = planning.minimum_detectable_proportion_difference(n=8, first=0.3, discordance=0.8)
    assert few.undefined


def _exact_power(n: int, gap: float, discordance: float, mid_p: bool) -> float:
    """Return the power of McNemar's test of counts, each count of both kinds taken by itself."""
    one, two = (discordance + gap) / 2, (discordance - gap) / 2
    total = 0.0
    for b in range(n + 1):
        for c in range(n + 1 - b):
            tail = stats.binom.cdf(min(b, c), b + c, 0.5) - mid_p * stats.binom.pmf(min(b, c), b + c, 0.5) / 2
            if min(1.0, 2 * tail) <= 0.05:
                total += float(stats.multinomial.pmf([b, c, n - b - c], n, [one, two, 1 - one - two]))
    return total


@pytest.mark.parametrize(("method", "n"), [("exact", 9), ("mid-p", 8), ("exact", 14), ("mid-p", 13)])
def test_the_power_of_few_discordant_examples_is_summed_over_all_counts(method: str, n: int) -> None:
    """Five discordant examples or fewer never reject: their chance must not count towards the power."""
    for discordance in (0.6, 0.9):
        gap = discordance - 0.05
        power = _exact_power(n, gap, discordance, method == "mid-p")
        given = {"first": 0.05, "discordance": discordance, "method": method}
        # The power given, the difference comes back: the rise from .05 may be at most .95 - (discordance - gap).
        found = planning.minimum_detectable_proportion_difference(n=n, power=power, **given)
        assert found.achieved == pytest.approx(gap, abs=1e-9)
        assert found.notes == ()
        with_it = planning.n_for_proportion_difference(second=0.05 + gap, power=power - 1e-9, **given)
        assert with_it.n == n
        assert with_it.achieved == pytest.approx(power, abs=1e-12)


@pytest.mark.parametrize(("first", "second", "n"), [(0.3, 0.5, 60), (0.9, 0.7, 41), (0.02, 0.2, 35)])
def test_unpaired_powers_are_those_of_statsmodels(first: float, second: float, n: int) -> None:
    """The plan of the power that so many examples have is so many, and says that power."""
    chi_square = peers.power_proportions_2indep(first - second, second, n, return_results=True)
    score = stats.norm.cdf(
        (abs(first - second) * math.sqrt(n) - stats.norm.isf(0.025) * chi_square.std_null)
        / chi_square.std_alt
    )
    by_arcsine = NormalIndPower().power(peers.proportion_effectsize(first, second), n, 0.05)
    for method, power in (("score", score), ("arcsine", by_arcsine)):
        plan = planning.n_for_proportion_difference(
            first=first, second=second, paired=False, power=float(power) - 1e-6, method=method
        )
        assert plan.n == n
        assert plan.achieved == pytest.approx(power, abs=1e-9)


def test_clusters_divide_what_an_arcsine_or_corrected_plan_counts() -> None:
    """With a design effect of 2 twice as many are as good, whatever the test; whole numbers are halves then."""
    for method in ("arcsine", "continuity"):
        common = {"first": 0.7, "second": 0.6, "paired": False, "method": method}
        alone = planning.n_for_proportion_difference(**common)
        plan = planning.n_for_proportion_difference(**common, icc=0.1, cluster_size=11)
        assert plan.n in (2 * alone.n - 1, 2 * alone.n)
        assert plan.clusters == math.ceil(plan.n / 11)
