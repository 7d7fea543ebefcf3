"""One call of every public estimator on so many rows, as users would make it, in a process of its own.

`bench/stats.py` prints it as a second table. The columns are five ratings of each unit by 500 raters, with answers, outcomes
and sides of pairs beside them. Planning is left out: nothing there grows with the rows.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

from bench.estimators.measuring import in_a_child

SLOW, LARGE = 1.0, 300.0  # seconds, MiB above imports and input
ROWLESS = {
    "reliability_of_means",
    "raters_needed",
    "next_pairs",
    "proportion",
    "budget",
    "rogan_gladen",
    "queries_needed",
}
Calls = Iterator[tuple[str, Callable[[], Any]]]


class Columns:
    """The rows: `unit`, `rater`, labels `label` (0 to 4), `number`, shares `chance`, answers `right`, sides `left`, `other`..."""

    def __init__(self, n: int) -> None:
        import numpy as np

        rng = np.random.default_rng(0)
        self.n, self.units, self.rng = n, n // 5, rng
        self.unit, self.place = np.repeat(np.arange(self.units), 5), np.tile(np.arange(5), self.units)
        self.rater = (np.repeat(rng.integers(0, 500, self.units), 5) + 7 * self.place) % 500
        self.truth = rng.choice(5, self.units)
        self.label = np.where(rng.random(n) < 0.6, self.truth[self.unit], rng.integers(0, 5, n))
        self.number = self.label + rng.normal(size=n)
        self.again = self.number + rng.normal(size=n)
        self.yes, self.yes_again = (self.number > 2).astype(float), (self.again > 2).astype(float)
        self.chance = rng.random(n)
        self.right = (rng.random(n) < self.chance).astype(int)
        self.left = rng.integers(0, 50, n)
        self.other = (self.left + rng.integers(1, 50, n)) % 50
        self.outcome = rng.choice([0, 0.5, 1], n)
        self.style = rng.normal(size=(n, 3))
        self.group = rng.integers(0, 4, n)
        self.shown = np.argsort(rng.random((self.units, 8)), axis=1)
        self.seconds = rng.lognormal(size=n)
        self.few = slice(0, 5000)


def agreement(d: Columns) -> Calls:
    from concord.stats import agreement as a

    rows, sliders = (d.unit, d.rater, d.label), (d.unit, d.rater, d.number)
    panel = (d.unit, d.place, d.number)
    spans = (d.unit, d.place, d.label * 10, d.label * 10 + 5)
    for level in ("nominal", "ordinal", "interval", "ratio"):
        yield f"krippendorff_alpha, {level}", partial(a.krippendorff_alpha, *rows, level=level)
    for level in ("ordinal", "interval"):
        call = partial(a.krippendorff_alpha, *sliders, level=level)
        yield f"krippendorff_alpha, sliders, {level}", call
        yield f"krippendorff_alpha, sliders, {level}, also raters", partial(call, resample="units+raters")
    yield (
        "krippendorff_alpha, also raters",
        lambda: a.krippendorff_alpha(*rows, level="ordinal", resample="units+raters"),
    )
    yield (
        "krippendorff_alpha, clusters",
        lambda: a.krippendorff_alpha(*rows, level="ordinal", clusters=d.unit // 4),
    )
    yield "alpha_by_slice", lambda: a.alpha_by_slice(*rows, d.unit % 20, level="ordinal")
    yield "alpha_difference", lambda: a.alpha_difference(*rows, d.unit % 2, level="ordinal")
    yield "alpha_without_each_rater", lambda: a.alpha_without_each_rater(*rows, level="ordinal")
    yield (
        "alpha_without_each_rater, sliders",
        lambda: a.alpha_without_each_rater(*sliders, level="interval"),
    )
    yield "percent_agreement", lambda: a.percent_agreement(*rows)
    yield (
        "cohen_kappa",
        lambda: a.cohen_kappa(d.unit[d.place < 2], d.place[d.place < 2], d.label[d.place < 2]),
    )
    yield "fleiss_kappa", lambda: a.fleiss_kappa(*rows)
    yield "conger_kappa", lambda: a.conger_kappa(*rows)
    yield "gwet_ac", lambda: a.gwet_ac(*rows, weights="quadratic")
    yield "icc, one way", lambda: a.icc(*sliders, form="ICC(1,1)")
    yield "icc, two ways, unbalanced", lambda: a.icc(*sliders, form="ICC(2,1)")
    yield "icc, two ways", lambda: a.icc(*panel, form="ICC(3,k)")
    yield "kendall_w", lambda: a.kendall_w(*panel)
    for name in ("pearson", "spearman", "kendall"):
        yield f"correlation, {name}", partial(a.correlation, sliders[2], d.label, coefficient=name)
    for mode in ("exact", "overlap", "character"):
        yield f"span_agreement, {mode}", partial(a.span_agreement, *spans, labels=d.label, mode=mode)


def aggregation(d: Columns) -> Calls:
    from concord.stats import aggregation as a

    for model in (a.majority_vote, a.dawid_skene, a.one_coin, a.mace, a.glad, a.rater_cards):
        yield model.__name__, partial(model, d.unit, d.rater, d.label)
    yield "rater_bias", lambda: a.rater_bias(d.unit, d.rater, d.number)


def ranking(d: Columns) -> Calls:
    from concord.stats import ranking as r

    def fit(**options: Any) -> Any:
        return r.bradley_terry(d.left, d.other, d.outcome, n_systems=50, **options)

    yield "bradley_terry", fit
    yield "bradley_terry, davidson", lambda: fit(ties="davidson")
    yield "bradley_terry, clusters, 100 resamples", lambda: fit(clusters=d.rater, n_resamples=100)
    yield "bradley_terry, rao-kupper, 100 resamples", lambda: fit(ties="rao-kupper", n_resamples=100)
    yield "bradley_terry, covariates", lambda: fit(covariates=d.style)
    yield "bradley_terry, covariates, 100 resamples", lambda: fit(covariates=d.style, n_resamples=100)
    yield (
        "win_rates",
        lambda: r.win_rates(d.left, d.other, d.outcome, n_systems=50, clusters=d.rater),
    )
    yield "elo", lambda: r.elo(d.left, d.other, d.outcome, n_systems=50)
    yield "plackett_luce, lists of 8", lambda: r.plackett_luce(d.shown, n_systems=8)
    yield (
        "best_worst",
        lambda: r.best_worst(d.shown[:, :4], d.shown[:, 0], d.shown[:, 1], n_systems=8),
    )


def comparison(d: Columns) -> Calls:
    import numpy as np

    from concord.stats import comparison as c

    yield "mean", lambda: c.mean(d.number, clusters=d.unit)
    yield "mean, two ways", lambda: c.mean(d.number, clusters=d.unit, clusters2=d.rater)
    yield "clustered_proportion", lambda: c.clustered_proportion(d.yes, clusters=d.unit, clusters2=d.rater)
    yield "paired_difference", lambda: c.paired_difference(d.number, d.again, clusters=d.unit)
    yield "difference", lambda: c.difference(d.number, d.again[: d.n // 2])
    yield "mcnemar", lambda: c.mcnemar(d.yes, d.yes_again)
    yield "permutation_test", lambda: c.permutation_test(d.number, d.again)
    yield "permutation_test, clusters", lambda: c.permutation_test(d.number, d.again, clusters=d.unit)
    yield (
        "permutation_test, unpaired",
        lambda: c.permutation_test(d.number, d.again[: d.n // 2], paired=False),
    )
    yield "wilcoxon", lambda: c.wilcoxon(d.number, d.again)
    yield "bootstrap", lambda: c.bootstrap(d.number)
    yield "bootstrap, clusters", lambda: c.bootstrap(d.number, clusters=d.unit)
    yield "holm", lambda: c.holm(d.chance)
    yield "benjamini_hochberg", lambda: c.benjamini_hochberg(d.chance)
    yield "benjamini_yekutieli", lambda: c.benjamini_yekutieli(d.chance)
    yield "probability_better", lambda: c.probability_better(d.yes, d.yes_again, clusters=d.unit)
    gaps, places = np.resize(d.number, 300), np.triu_indices(25, 1)
    family = c.simultaneous(gaps, np.ones(300), df=30)
    yield "simultaneous, 300 contrasts", lambda: c.simultaneous(gaps, np.ones(300), df=30)
    yield "rank_ranges", lambda: c.rank_ranges(family, *places, n_systems=25)
    yield (
        "multiple_comparisons_with_best",
        lambda: c.multiple_comparisons_with_best(gaps, np.ones(300), *places, n_systems=25, df=30),
    )
    yield "equivalence", lambda: c.equivalence(d.number, d.again, margin=0.1)
    yield "non_inferiority", lambda: c.non_inferiority(d.number, d.again, margin=0.1)
    yield "confidence_sequence", lambda: c.confidence_sequence(d.yes)
    yield "e_value", lambda: c.e_value(d.yes, null=0.4)
    yield "variance_components", lambda: c.variance_components(d.number, examples=d.unit, raters=d.rater)
    yield (
        "crossed_effects, 4 systems",
        lambda: c.crossed_effects(d.number, systems=d.unit % 4, examples=d.unit // 4, raters=d.rater),
    )
    yield "pass_at_k", lambda: c.pass_at_k([10] * d.n, d.label * 2, 3)
    yield "pass_hat_k", lambda: c.pass_hat_k([10] * d.n, d.label * 2, 3)
    yield "irt_2pl, 20 items", lambda: c.irt_2pl(d.unit // 4, d.unit % 4 * 5 + d.place, d.yes)


def joint(d: Columns) -> Calls:
    import numpy as np

    from concord.stats import joint as j

    some, guess = d.few, d.truth[d.unit].astype(float)
    rated = np.arange(min(1000, d.n // 2))
    one = j.Judged(predictions=guess, ratings=d.number[rated], rated=rated, examples=d.unit)
    two = j.Judged(predictions=guess, ratings=d.again[rated], rated=rated, examples=d.unit)
    yield "joint_level", lambda: j.joint_level(one)
    yield "joint_difference", lambda: j.joint_difference(one, two)
    yield "rated_like_rest", lambda: j.rated_like_rest(guess[rated], guess[len(rated) :])
    yield "choice_propensities", lambda: j.choice_propensities(d.style, d.yes)
    yield "prediction_powered_mean", lambda: j.prediction_powered_mean(d.number[some], guess[some], guess)
    yield (
        "prediction_powered_mean, clusters",
        lambda: j.prediction_powered_mean(
            d.number[some], guess[some], guess, clusters=d.unit[some], unlabelled_clusters=d.unit
        ),
    )
    yield (
        "prediction_powered_difference",
        lambda: j.prediction_powered_difference(
            d.number[some], d.again[some], guess[some], d.outcome[some], guess, d.outcome
        ),
    )
    yield (
        "prediction_powered_win_rate",
        lambda: j.prediction_powered_win_rate(d.outcome[some], d.outcome[some], d.outcome),
    )
    yield (
        "prediction_powered_stratified",
        lambda: j.prediction_powered_stratified(d.number[some], guess[some], d.group[some], guess, d.group),
    )
    yield (
        "prediction_powered_bradley_terry",
        lambda: j.prediction_powered_bradley_terry(
            d.left[some],
            d.other[some],
            d.outcome[some],
            d.outcome[some],
            d.left,
            d.other,
            d.outcome,
            n_systems=50,
        ),
    )
    yield (
        "alternative_annotator_test",
        lambda: j.alternative_annotator_test(d.unit, d.place, d.label, d.unit[::5], d.truth),
    )
    yield "length_bias", lambda: j.length_bias(d.outcome, d.number, d.outcome, clusters=d.unit)
    yield "position_bias", lambda: j.position_bias(d.outcome, 1 - d.outcome, clusters=d.unit)
    yield "self_preference", lambda: j.self_preference(d.yes, d.yes_again, d.group == 0, clusters=d.unit)
    yield "best_next_labels", lambda: j.best_next_labels(d.chance, n=100)


def fairness(d: Columns) -> Calls:
    from concord.stats import fairness as f

    def gap(group: Any, **clusters: Any) -> Any:
        return f.gap(d.number, group, of=1, versus=0, **clusters)

    yield "group_estimates", lambda: f.group_estimates(d.number, d.group, raters=d.rater, examples=d.unit)
    yield "gap, raters", lambda: gap(d.rater % 2, raters=d.rater)
    yield "gap, examples", lambda: gap(d.unit % 2, examples=d.unit)
    yield "gap, both", lambda: gap(d.rater % 2, raters=d.rater, examples=d.unit)
    yield "equalised_odds", lambda: f.equalised_odds(d.yes, d.yes_again, d.group)
    yield (
        "intersections",
        lambda: f.intersections(d.yes, list(zip(d.group, d.rater % 3, strict=True)), clusters=d.rater),
    )
    yield "bbq_bias", lambda: f.bbq_bias(d.label % 3 - 1, ambiguous=True, clusters=d.unit)
    yield "mantel_haenszel_dif", lambda: f.mantel_haenszel_dif(d.right, d.group % 2, d.label)
    yield "logistic_dif", lambda: f.logistic_dif(d.yes, d.group % 2, d.again)
    yield (
        "in_group_agreement",
        lambda: f.in_group_agreement(d.unit, d.rater, d.label, range(500), [0, 1] * 250),
    )


def calibration(d: Columns) -> Calls:
    from concord.stats import calibration as c

    yield "ece, equal mass, debiased", lambda: c.ece(d.chance, d.right, bins="mass", debiased=True)
    for measure in (c.brier, c.ece, c.reliability_bins, c.isotonic, c.platt):
        yield measure.__name__, partial(measure, d.chance, d.right)


def tails(d: Columns) -> Calls:
    from concord.stats import tails as t

    yield "percentile", lambda: t.percentile(d.seconds, 0.99)
    yield "upper_bound", lambda: t.upper_bound(d.seconds, 0.99)
    yield "goodput", lambda: t.goodput(d.seconds, limit=1.0, duration=100.0)


Room = Callable[[Columns], Calls]
ROOMS: tuple[Room, ...] = (agreement, aggregation, ranking, comparison, joint, fairness, calibration, tails)


def measured(n: int) -> Iterator[dict[str, Any]]:
    """Yield the time and the memory of each call."""
    columns = Columns(n)
    for room in ROOMS:
        for name, call in room(columns):
            yield {"task": f"{room.__name__}.{name}", "n": n, **in_a_child(call)}


def not_called(tasks: list[str]) -> list[str]:
    """Return the public functions of the rooms that no task calls, but for those that take no rows."""
    called = {task.split(".")[1].split(",")[0] for task in tasks}
    missing = []
    for room in ROOMS:
        module = import_module(f"concord.stats.{room.__name__}")
        functions = {name for name in module.__all__ if inspect.isfunction(getattr(module, name))}
        missing += [f"{room.__name__}.{name}" for name in sorted(functions - called - ROWLESS)]
    return missing


def show(row: dict[str, Any]) -> None:
    """Print one line."""
    if "failed" in row:
        print(f"{row['task']:60} failed: {row['failed']}")
        return
    slow = row["seconds"] > SLOW or row["added_mib"] > LARGE
    print(f"{row['task']:60} {row['seconds']:9.4f} s {row['added_mib']:8.0f} MiB  {'SLOW' if slow else ''}")
