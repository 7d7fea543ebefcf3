"""Every public function of the nine rooms as a call on three columns (u, r, v), with every option tried somewhere."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from concord.stats import (
    aggregation,
    agreement,
    calibration,
    comparison,
    fairness,
    joint,
    planning,
    ranking,
    tails,
)
from tests.concord.stats.roles import (
    AGES,
    CHANCES,
    ENDS,
    FIRST_R,
    FIRST_U,
    FIRST_V,
    GOLD,
    HALF,
    HALF_U,
    JUDGED,
    LEANING,
    LEFT,
    LEVELS,
    MOVED,
    NAMES,
    OTHER,
    OUTCOME,
    PASSES,
    RIGHT,
    RNG,
    SHARE,
    SHARED,
    SHOWN,
    SOME,
    SOME_V,
    SOME_W,
    TOGETHER,
    TRIES,
    WEIGHTS,
    YES,
    Call,
    R,
    Role,
    U,
    V,
    fixed,
    plan,
    rated,
)

ROOMS = (aggregation, agreement, calibration, comparison, fairness, joint, planning, ranking, tails)


def _next_pairs(
    left: Any, right: Any, outcome: Any, *, n: Any, exploration: Any, allowed: Any, rng: Any
) -> Any:
    found = ranking.bradley_terry(left, right, outcome, n_systems=4)
    return ranking.next_pairs(found, n=n, exploration=exploration, allowed=allowed, rng=rng)


def _rank_ranges(estimates: Any, left: Any, right: Any, *, n_systems: Any, higher_is_better: Any) -> Any:
    family = comparison.simultaneous(estimates, [0.4, 0.4, 0.4])
    return comparison.rank_ranges(family, left, right, n_systems=n_systems, higher_is_better=higher_is_better)


def _mean_of(rows: np.ndarray) -> float:
    return float(rows.sum() / len(rows))


_a, _g, _c, _cal, _f, _j, _p, _r, _t = (
    agreement,
    aggregation,
    comparison,
    calibration,
    fairness,
    joint,
    planning,
    ranking,
    tails,
)
AGREEMENT = [
    *(rated(_a.krippendorff_alpha, level=level) for level in LEVELS),
    rated(_a.krippendorff_alpha, level="nominal", resample="units+raters", rng=RNG, confidence=0.9, **SOME),
    rated(_a.krippendorff_alpha, level=_a.distances.angular(24)),
    *(rated(_a.krippendorff_alpha, level=level, clusters=HALF_U, confidence=0.9) for level in LEVELS),
    rated(_a.alpha_by_slice, slices=R, level="nominal", rng=RNG, confidence=0.9, **SOME),
    rated(_a.alpha_by_slice, slices=HALF, level="interval"),
    rated(_a.alpha_difference, which=HALF, level="nominal", rng=RNG, confidence=0.9, **SOME),
    rated(_a.alpha_difference, which=HALF, level="ordinal"),
    rated(_a.alpha_without_each_rater, level="interval"),
    rated(_a.alpha_without_each_rater, level="nominal", **SOME),
    rated(_a.percent_agreement),
    rated(_a.percent_agreement, weighting="pairs", confidence=0.9),
    *(rated(f) for f in (_a.cohen_kappa, _a.conger_kappa, _a.fleiss_kappa, _a.gwet_ac)),
    *(
        rated(f, weights="quadratic", confidence=0.9, **SOME)
        for f in (_a.cohen_kappa, _a.conger_kappa, _a.fleiss_kappa, _a.gwet_ac)
    ),
    *(rated(_a.icc, form=f"ICC({k})", confidence=0.9) for k in ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k")),
    rated(_a.icc, interval="satterthwaite"),
    *(Call(_a.cohen_kappa, (U, HALF, V), {"weights": w}, ordered=True) for w in (None, "linear")),
    Call(_a.cohen_kappa, (U, HALF, V), {"clusters": U}, ordered=True),
    rated(_a.kendall_w),
    *(plan(_a.correlation, V, AGES, coefficient=name) for name in ("pearson", "spearman", "kendall")),
    plan(_a.correlation, V, AGES, coefficient="kendall", clusters=U, confidence=0.9),
    plan(_a.raters_needed, FIRST_V, target=FIRST_R),
    plan(_a.raters_needed, 0.4, target=FIRST_V),
    plan(_a.reliability_of_means, FIRST_V, raters=FIRST_U),
    *(
        Call(_a.span_agreement, (U, R, AGES, ENDS), {"mode": mode, "labels": HALF, "rng": RNG, "confidence": 0.9})
        for mode in ("exact", "overlap", "character")
    ),
]  # fmt: skip
AGGREGATION = [
    rated(_g.majority_vote),
    rated(_g.majority_vote, weights=WEIGHTS, **SOME),
    *(rated(f, max_iterations=200) for f in (_g.dawid_skene, _g.one_coin, _g.glad)),
    rated(_g.dawid_skene, smoothing=0.5, tolerance=1e-6, start=None, **GOLD, **SOME),
    rated(_g.one_coin, smoothing=0.5, tolerance=1e-6, **GOLD, **SOME),
    rated(_g.mace, n_restarts=2, max_iterations=200),
    rated(_g.mace, n_restarts=2, max_iterations=200, prevalence="uniform"),
    rated(_g.mace, n_restarts=2, smoothing=0.5, tolerance=1e-6, rng=RNG, **GOLD, **SOME),
    rated(_g.glad, max_iterations=20, tolerance=1e-4, **GOLD, **SOME),
    rated(_g.rater_cards),
    rated(_g.rater_cards, smoothing=1.0, confidence=0.9, **GOLD, **SOME),
    rated(_g.rater_bias),
    rated(_g.rater_bias, confidence=0.9, max_iterations=50, tolerance=1e-5),
]
CALIBRATION = [
    plan(_cal.brier, SHARE, YES),
    plan(_cal.brier, SHARE, YES, n_bins="distinct"),
    plan(_cal.brier, V, YES, n_bins=4, confidence=0.9),
    plan(_cal.ece, SHARE, YES),
    plan(_cal.ece, SHARE, YES, n_bins=4, bins="mass", debiased=True, confidence=0.9, rng=RNG),
    plan(_cal.reliability_bins, SHARE, YES),
    plan(_cal.reliability_bins, V, V, n_bins=4, bins="mass", confidence=0.9),
    plan(_cal.platt, V, YES),
    plan(_cal.platt, U, V),
    plan(_cal.isotonic, V, YES),
    plan(_cal.isotonic, U, V),
]
COMPARISON = [
    *(fixed(f, SHARE, alpha=0.1, ordered=True) for f in (_c.holm, _c.benjamini_hochberg, _c.benjamini_yekutieli)),
    *(fixed(f, V, ordered=True) for f in (_c.holm, _c.benjamini_hochberg, _c.benjamini_yekutieli)),
    Call(_c.simultaneous, (SOME_V, SOME_W), {"influence": MOVED, "df": SOME_W, "rng": RNG, "confidence": 0.9}, ordered=True),
    Call(_c.simultaneous, (SOME_V, SOME_W), {"df": FIRST_R}, ordered=True),
    Call(
        _c.simultaneous, (SOME_V, SOME_W),
        {"correlation": TOGETHER, "correlation_df": FIRST_V, "names": NAMES}, ordered=True,
    ),
    Call(_rank_ranges, (SOME_V, [0, 0, 1], [1, 2, 2]), {"n_systems": 4, "higher_is_better": False}, ordered=True),
    Call(_c.multiple_comparisons_with_best, (SOME_V, SOME_W, [0, 0, 1], [1, 2, 2]), {"n_systems": 4}, ordered=True),
    Call(
        _c.multiple_comparisons_with_best, (SOME_V, SOME_W, [0, 0, 1], [1, 2, 2]),
        {
            "n_systems": 3, "higher_is_better": False, "df": FIRST_R, "correlation": np.eye(3), "influence": None,
            "correlation_df": FIRST_V, "rng": RNG, "confidence": 0.9,
        },
        ordered=True,
    ),
    plan(_c.mean, V),
    plan(_c.mean, V, weights=V),
    plan(_c.mean, V, clusters=U, clusters2=R, weights=WEIGHTS, null=0.5, confidence=0.9),
    plan(_c.mean, V, clusters2=R),
    plan(_c.mean, V, null=FIRST_V),
    plan(_c.mean, V, clusters=U, weights=WEIGHTS, method="skewed"),
    plan(_c.clustered_proportion, V),
    plan(_c.clustered_proportion, SHARE, clusters=U, clusters2=R, weights=WEIGHTS, confidence=0.9),
    plan(_c.paired_difference, V, U),
    plan(_c.paired_difference, V, SHARE, clusters=U, clusters2=R, confidence=0.9),
    plan(_c.paired_difference, V, U, method="skewed"),
    fixed(_c.difference, V, U),
    fixed(_c.difference, YES, HALF, method="score", null=0.1),
    fixed(_c.difference, YES, HALF, clusters_a=U, clusters_b=R, confidence=0.9),
    fixed(_c.difference, V, SHARE, clusters_a=U, clusters_b=R, shared_clusters=False, null=FIRST_V, method="t"),
    plan(_c.equivalence, V, U, margin=1.0),
    plan(_c.equivalence, V, SHARE, margin=FIRST_V, clusters=U, clusters2=R, alpha=0.1),
    plan(_c.non_inferiority, V, U, margin=1.0),
    plan(_c.non_inferiority, V, SHARE, margin=FIRST_V, clusters=U, clusters2=R, alpha=0.1),
    *(plan(_c.mcnemar, YES, HALF, method, confidence=0.9) for method in ("exact", "mid-p", "asymptotic")),
    plan(_c.mcnemar, V, U),
    fixed(_c.mcnemar, Role(lambda u, r, v: [v[:2], v[2:4]]), ordered=True),
    plan(_c.wilcoxon, V),
    *(plan(_c.wilcoxon, V, R, method=method, confidence=0.9) for method in ("auto", "exact", "normal")),
    plan(_c.permutation_test, V, U, rng=RNG, alternative="less"),
    plan(_c.permutation_test, V, SHARE, clusters=U),
    plan(_c.permutation_test, V, U, paired=False, alternative="greater"),
    plan(_c.bootstrap, V),
    plan(_c.bootstrap, V, _mean_of, clusters=U, method="percentile", widened=True, confidence=0.9, rng=RNG),
    plan(_c.bootstrap, V, np.var, clusters=R),
    plan(_c.probability_better, V, U),
    plan(_c.probability_better, V, SHARE, clusters=U, margin=FIRST_V, confidence=0.9),
    plan(_c.probability_better, V, U, paired=False),
    plan(_c.probability_better, YES, HALF, paired=False, margin=0.1),
    plan(_c.variance_components, V, examples=U),
    plan(_c.variance_components, V, examples=U, raters=R),
    plan(_c.crossed_effects, V, systems=HALF_U, examples=U, raters=R),
    plan(_c.crossed_effects, V, systems=HALF, examples=HALF_U, raters=R, influence=True, confidence=0.9),
    plan(_c.crossed_effects, V, systems=HALF, examples=U, raters=HALF_U, raters_as="fixed"),
    plan(_c.proportion, FIRST_V, FIRST_U),
    *(plan(_c.proportion, FIRST_R, 9, method, confidence=0.9) for method in ("wilson", "clopper-pearson", "jeffreys")),
    *(fixed(f, TRIES, PASSES, 2, clusters=R, confidence=0.9) for f in (_c.pass_at_k, _c.pass_hat_k)),
    *(fixed(f, U, V, FIRST_R) for f in (_c.pass_at_k, _c.pass_hat_k)),
    *(fixed(f, TRIES, PASSES, 3, method=m) for f in (_c.pass_at_k, _c.pass_hat_k) for m in ("t", "skewed")),
    Call(_c.irt_2pl, (U, R, YES), coded=True),
    Call(_c.irt_2pl, (U, R, V), {"n_nodes": 11, "confidence": 0.9}, coded=True),
    Call(_c.confidence_sequence, (SHARE,), {"confidence": 0.9}, ordered=True),
    Call(_c.confidence_sequence, (V,), {"lower": -5.0, "upper": FIRST_V}, ordered=True),
    Call(_c.e_value, (SHARE,), {"null": 0.3}, ordered=True),
    Call(_c.e_value, (V,), {"null": FIRST_V, "lower": -5.0, "upper": 5.0}, ordered=True),
]  # fmt: skip
FAIRNESS = [
    plan(_f.bbq_bias, YES, ambiguous=True),
    plan(_f.bbq_bias, YES, ambiguous=False, clusters=R, confidence=0.9),
    plan(_f.bbq_bias, V, ambiguous=False),
    plan(_f.bbq_bias, LEANING, ambiguous=True),
    plan(_f.bbq_bias, LEANING, ambiguous=False, clusters=U, confidence=0.9),
    plan(_f.bbq_bias, V, ambiguous=False),
    plan(_f.equalised_odds, YES, HALF, R, minimum=1, confidence=0.9),
    plan(_f.equalised_odds, YES, HALF, R, clusters=U, minimum=1),
    plan(_f.equalised_odds, HALF, YES, R, clusters=V, minimum=2),
    plan(_f.equalised_odds, V, U, R),
    plan(_f.gap, V, HALF, of=1, versus=0),
    plan(_f.gap, V, HALF, of=1, versus=0, raters=R, examples=U, minimum=1, rng=RNG, confidence=0.9),
    plan(_f.gap, AGES, HALF, of=1, versus=0, examples=U, minimum=1, measure="ratio"),
    plan(_f.group_estimates, V, HALF),
    plan(_f.group_estimates, V, R, raters=R, examples=U, minimum=1, confidence=0.9),
    rated(_f.in_group_agreement, rater_codes=[0, 1, 2, 3], rater_groups=[0, 0, 1, 1], n_permutations=20, minimum=2),
    rated(
        _f.in_group_agreement, rater_codes=[0, 1, 2, 3], rater_groups=[0, 0, 1, 1], level="interval",
        rng=RNG, n_permutations=20,
    ),
    plan(_f.intersections, V, U),
    plan(_f.intersections, V, HALF, clusters=U, minimum=2, confidence=0.9),
    plan(_f.logistic_dif, YES, HALF, SHARE, confidence=0.9),
    plan(_f.logistic_dif, YES, HALF, SHARE, clusters=U),
    plan(_f.logistic_dif, V, U, R),
    plan(_f.mantel_haenszel_dif, YES, HALF, R, confidence=0.9),
    plan(_f.mantel_haenszel_dif, YES, HALF, U, continuity=False),
    plan(_f.mantel_haenszel_dif, YES, HALF, R, clusters=U),
    plan(_f.mantel_haenszel_dif, V, U, R),
]  # fmt: skip
POOL: dict[str, Any] = {
    "clusters": U,
    "unlabelled_clusters": U,
    "propensities": CHANCES,
    "lam": 0.5,
    "confidence": 0.9,
}
JOINT = [
    plan(_j.joint_level, JUDGED),
    plan(_j.joint_level, V),
    plan(
        _j.joint_level, SHARED, raters="sample", bounds=(0, 1), lam=0.5, null=FIRST_V, chosen="unknown", false_alarm=0.05,
        confidence=0.9,
    ),
    plan(_j.joint_difference, SHARED, OTHER),
    plan(_j.joint_difference, V, JUDGED),
    plan(
        _j.joint_difference, SHARED, OTHER, raters="sample", bounds=(0, 1), lam=0.5, null=0.1, chosen="unknown", false_alarm=0.05,
        confidence=0.9,
    ),
    fixed(_j.rated_like_rest, V, SHARE),
    plan(_j.rated_like_rest, V, U, clusters=R, unlabelled_clusters=U, false_alarm=0.05),
    fixed(_j.rated_like_rest, V, U, propensities=CHANCES),
    fixed(_j.choice_propensities, V, YES),
    fixed(_j.choice_propensities, U, HALF),
    rated(_j.alternative_annotator_test, machine_units=[0, 1, 2], machine_values=[0, 1, 0], minimum_units=1),
    rated(
        _j.alternative_annotator_test,
        machine_units=[0, 1, 2],
        machine_values=[0, 1, 2],
        epsilon=0.1,
        score="rmse",
        alpha=0.1,
    ),
    fixed(_j.best_next_labels, SHARE, n=1, exploration=0.2, rng=RNG, ordered=True),
    fixed(_j.best_next_labels, V, n=FIRST_U, ordered=True),
    plan(_j.budget, total=FIRST_V, label_cost=2.0, prediction_cost=0.1, correlation=0.5, sd=2.0),
    plan(_j.budget, total=100.0, label_cost=FIRST_U, prediction_cost=FIRST_R, correlation=FIRST_V),
    plan(_j.length_bias, SHARE, U, YES, clusters=R, confidence=0.9),
    plan(_j.length_bias, V, U, R),
    plan(_j.position_bias, OUTCOME, HALF, clusters=U, confidence=0.9),
    plan(_j.position_bias, V, U),
    plan(_j.self_preference, OUTCOME, YES, HALF, clusters=U, confidence=0.9),
    plan(_j.self_preference, V, U, R),
    plan(_j.prediction_powered_mean, V, U, R),
    plan(_j.prediction_powered_mean, V, SHARE, U, small_sample=False, null=0.5),
    plan(_j.prediction_powered_mean, V, SHARE, U, **POOL),
    plan(_j.prediction_powered_difference, V, SHARE, U, R, U, R),
    plan(_j.prediction_powered_difference, V, SHARE, U, R, U, R, **POOL),
    plan(_j.prediction_powered_win_rate, OUTCOME, SHARE, SHARE),
    plan(_j.prediction_powered_win_rate, OUTCOME, SHARE, SHARE, **POOL),
    plan(_j.prediction_powered_stratified, V, U, HALF, SHARE, HALF, lam=0.5, confidence=0.9),
    plan(_j.prediction_powered_stratified, V, U, HALF, SHARE, HALF, shares={0: 0.5, 1: 0.5}),
    plan(_j.prediction_powered_stratified, V, U, HALF, SHARE, HALF, clusters=R, unlabelled_clusters=U),
    plan(_j.prediction_powered_stratified, V, U, HALF, SHARE, HALF, clusters=R, propensities=CHANCES),
    plan(_j.prediction_powered_bradley_terry, LEFT, RIGHT, OUTCOME, SHARE, LEFT, RIGHT, SHARE, n_systems=4),
    plan(
        _j.prediction_powered_bradley_terry, LEFT, RIGHT, OUTCOME, SHARE, LEFT, RIGHT, SHARE, n_systems=4,
        clusters=R, unlabelled_clusters=R, lam=0.5, confidence=0.9,
    ),
    plan(
        _j.prediction_powered_bradley_terry, LEFT, RIGHT, OUTCOME, SHARE, LEFT, RIGHT, SHARE, n_systems=4,
        propensities=CHANCES,
    ),
    plan(
        _j.prediction_powered_bradley_terry, LEFT, RIGHT, OUTCOME, SHARE, LEFT, RIGHT, SHARE, n_systems=4,
        weights=WEIGHTS, lam=0.5,
    ),
    plan(_j.rogan_gladen, FIRST_U, 9, sensitivity=(8, 10), specificity=(9, 10), confidence=0.9),
    plan(_j.rogan_gladen, 3, FIRST_V, sensitivity=(FIRST_V, 10), specificity=(9, 10)),
]  # fmt: skip
DESIGN: dict[str, Any] = {"icc": 0.1, "cluster_size": 4.0, "distribution": "t"}
PAIRS: dict[str, Any] = {
    "correlation": 0.3,
    "paired": False,
    "noise_sd": 0.2,
    "repeats": 2,
    "power": 0.9,
    "alpha": 0.1,
}
PLANNING = [
    plan(_p.design_effect, FIRST_V, FIRST_U),
    plan(_p.minimum_detectable_effect, n=FIRST_U, sd=FIRST_V),
    plan(_p.minimum_detectable_effect, n=50, sd=FIRST_V, **PAIRS, **DESIGN),
    plan(_p.n_for_difference, effect=FIRST_V, sd=1.0),
    plan(_p.n_for_difference, effect=0.5, sd=FIRST_V, **PAIRS, **DESIGN),
    plan(_p.n_for_mean, half_width=FIRST_V, sd=FIRST_U),
    plan(_p.n_for_mean, half_width=0.1, sd=FIRST_V, confidence=0.9, **DESIGN),
    plan(_p.n_for_proportion, half_width=FIRST_V),
    plan(_p.n_for_proportion, half_width=0.1, p=FIRST_V, confidence=0.9, icc=0.1, cluster_size=3.0),
    plan(_p.n_for_proportion, p=FIRST_V, null=0.4, power=0.9, alpha=0.1),
    plan(_p.n_for_proportion_difference, first=FIRST_V, second=0.5),
    plan(_p.n_for_proportion_difference, first=0.6, second=0.5, discordance=FIRST_V, power=0.9, alpha=0.1),
    plan(_p.n_for_proportion_difference, first=0.6, second=0.5, correlation=FIRST_V, icc=0.1, cluster_size=3.0),
    *(plan(_p.n_for_proportion_difference, first=0.6, second=FIRST_V, method=m) for m in ("exact", "mid-p")),
    *(
        plan(_p.n_for_proportion_difference, first=0.6, second=FIRST_V, paired=False, method=m)
        for m in ("score", "continuity", "arcsine")
    ),
    plan(_p.minimum_detectable_proportion_difference, n=FIRST_U, first=FIRST_V),
    plan(
        _p.minimum_detectable_proportion_difference, n=90, first=0.4, correlation=FIRST_V, power=0.9, alpha=0.1,
        icc=0.1, cluster_size=3.0,
    ),
    plan(_p.minimum_detectable_proportion_difference, n=90, first=0.4, discordance=FIRST_V),
    plan(_p.minimum_detectable_proportion_difference, n=90, first=FIRST_V, paired=False, method="arcsine"),
    plan(_p.n_for_raters, half_width=FIRST_V, rater_sd=1.0),
    plan(
        _p.n_for_raters, half_width=0.3, rater_sd=FIRST_V, repeat_sd=FIRST_V, example_sd=0.2, examples=90, repeats=2,
        design="nested", confidence=0.9, distribution="t",
    ),
    plan(_p.n_for_win_rate, win_rate=FIRST_V),
    plan(_p.n_for_win_rate, win_rate=0.6, tie_rate=FIRST_V, power=0.9, alpha=0.1, **DESIGN),
    plan(_p.n_for_alpha, alpha=FIRST_V, raters=3, prevalence=[0.5, 0.5], half_width=0.1, confidence=0.9),
    plan(_p.n_for_alpha, alpha=0.7, raters=FIRST_U, prevalence=SHARE, null=0.5, power=0.9, level=0.1),
    plan(_p.ratings_per_example, example_sd=FIRST_V, rating_sd=1.0, example_cost=1.0, rating_cost=2.0, budget=90.0),
]  # fmt: skip
RANKING = [
    *(plan(_r.bradley_terry, LEFT, RIGHT, OUTCOME, n_systems=4, ties=t) for t in ("half", "davidson", "rao-kupper")),
    plan(_r.bradley_terry, LEFT, RIGHT, OUTCOME, n_systems=4, weights=WEIGHTS, clusters=R, covariates=SHARE, confidence=0.9),
    plan(_r.bradley_terry, LEFT, RIGHT, OUTCOME, n_systems=4, clusters=R, clusters2=U),
    plan(_r.bradley_terry, LEFT, RIGHT, OUTCOME, n_systems=4, n_resamples=5, rng=RNG),
    plan(_r.bradley_terry, U, R, V, n_systems=4),
    plan(_r.win_rates, LEFT, RIGHT, OUTCOME, n_systems=4),
    plan(_r.win_rates, LEFT, RIGHT, OUTCOME, n_systems=4, average="opponents", weights=WEIGHTS, clusters=R, confidence=0.9),
    plan(_r.win_rates, U, R, V, n_systems=4),
    Call(_r.elo, (LEFT, RIGHT, OUTCOME), {"n_systems": 4, "k": 16.0, "start": 0.0, "scale": 1.0}, ordered=True),
    Call(_r.elo, (U, R, V), {"n_systems": 4}, ordered=True),
    fixed(_r.plackett_luce, SHOWN, n_systems=4),
    fixed(_r.plackett_luce, SHOWN, n_systems=4, weights=WEIGHTS, clusters=R, confidence=0.9),
    fixed(_r.best_worst, SHOWN, LEFT, RIGHT, n_systems=4, clusters=R, confidence=0.9),
    fixed(_r.best_worst, U, R, V, n_systems=4),
    Call(_next_pairs, (LEFT, RIGHT, OUTCOME), {"n": 3, "exploration": 0.5, "allowed": None, "rng": RNG}),
]  # fmt: skip
TAILS = [
    plan(_t.percentile, V, 0.5),
    plan(_t.percentile, V, FIRST_V, confidence=0.9),
    plan(_t.percentile, V, 0.9, minimum=2),
    plan(_t.percentile, V, 0.5, clusters=U, minimum=2),
    plan(_t.upper_bound, V, 0.9),
    plan(_t.upper_bound, V, 0.5, confidence=0.9, rule="exact"),
    plan(_t.queries_needed, FIRST_V),
    plan(_t.queries_needed, 0.9, FIRST_R, confidence=0.9),
    plan(_t.goodput, AGES, limit=1.0, duration=10.0, confidence=0.9),
    plan(_t.goodput, V, limit=FIRST_V, duration=FIRST_U),
]
CALLS = [
    *AGREEMENT,
    *AGGREGATION,
    *CALIBRATION,
    *COMPARISON,
    *FAIRNESS,
    *JOINT,
    *PLANNING,
    *RANKING,
    *TAILS,
]
BY_NAME = {f"{i:03d} {call.name}": call for i, call in enumerate(CALLS)}


def public_functions(room: ModuleType) -> dict[str, Callable[..., Any]]:
    return {n: getattr(room, n) for n in room.__all__ if inspect.isfunction(getattr(room, n))}


def parameters_tried(function: Callable[..., Any]) -> set[str]:
    """Return the parameters of a function that some call gives."""
    through = {ranking.next_pairs: {_next_pairs}, comparison.rank_ranges: {_rank_ranges}}
    made = {ranking.next_pairs: {"result"}, comparison.rank_ranges: {"family"}}  # of another's result
    tried = set().union(*(call.tried for call in CALLS if call.function in through.get(function, {function})))
    return tried | {"n_resamples"} | made.get(function, set())
