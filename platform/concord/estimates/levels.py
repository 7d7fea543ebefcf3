"""What one system's answers come to: its mean, its share, its win rate. Pointwise, on every page the same."""

from dataclasses import replace

import numpy as np

from concord.estimates.enums import Estimand, Scope
from concord.estimates.figure import Figure, Note, from_estimate, undefined
from concord.estimates.observations import Observations, balanced_weights, per_example
from concord.estimates.population import population_of
from concord.estimates.question import Question
from concord.stats import Estimate, comparison

UNANIMOUS = Note(
    code="unanimous",
    text="every answer was the same, so the interval rests on the examples alone, as if other people would answer alike.",
)
CLAMPED = Note(
    code="no_rater_spread",
    text="the spread between raters was too small to be seen beside that between examples.",
)


def level(observed: Observations, question: Question, *, scope: Scope) -> Figure:
    """Return the level of one system from its readable answers.

    Means and shares: every example counts the same, in it every output, however many people judged it. Win rates: every vote
    counts the same. With `Scope.OTHER_RATERS` examples and raters are both samples, else the examples alone.
    """
    population = population_of(observed.raters, scope)
    if not len(observed):
        reason = "nobody judged an output of this system"
        return undefined(reason, confidence=question.confidence, population=population, outputs=0, examples=0)
    two_ways = scope == Scope.OTHER_RATERS and not observed.by_machine
    notes: tuple[Note, ...] = ()
    if two_ways and not np.ptp(observed.values):
        two_ways, notes = False, (UNANIMOUS,)
    found, estimator = _both_ways(observed, question) if two_ways else _over_examples(observed, question)
    counted = observed.items if question.is_pairwise else observed.examples
    figure = from_estimate(
        found,
        estimator=estimator,
        n=len(np.unique(counted)),
        method=_method(observed, question, estimator, two_ways=two_ways),
        population=population,
        notes=notes,
    )
    return replace(
        figure.within(question.bounds),
        notes=notes if estimator == "comparison.proportion" else figure.notes,
        more={
            "answers": len(observed),
            "outputs": len(np.unique(observed.items)),
            "examples": len(np.unique(observed.examples)),
        },
    )


def machine_level(heard: Observations, question: Question) -> Figure:
    """Return the level of one system from a machine's answers, those that could not be read among them.

    In a rate, an answer that could not be read stays in n and has none of the named labels: that is what the machine said,
    counted and not guessed; `if_unparsed` gives the rate if all of them, or none of them, were counted otherwise.
    """
    usable, unparsed = heard.readable(), int(heard.unparsed.sum())
    figure = level(usable, question, scope=Scope.EXAMPLES).without({"unparsed": unparsed})
    if not len(usable):
        none = "none of the machine’s answers could be read"
        return replace(figure, undefined=none if unparsed else "the machine scored no output of this system")
    if question.estimand == Estimand.RATE and unparsed:
        return figure.noted(_unparsed(unparsed)).with_more(if_unparsed=_if_unparsed(usable))
    return figure


def _unparsed(count: int) -> Note:
    verb = "answer of the machine is" if count == 1 else "answers of the machine are"
    return Note(
        code="unparsed", text=f"{count} {verb} no label: counted in n, and as none of the named labels."
    )


def _if_unparsed(observed: Observations) -> dict[str, float | None]:
    """Return the rate if every unreadable answer had a named label, if none had, and without them."""
    named, unparsed, n = float(observed.values.sum()), float(observed.unparsed.sum()), float(len(observed))
    return {
        "none_named": named / n,
        "all_named": (named + unparsed) / n,
        "left_out": named / (n - unparsed) if n > unparsed else None,
    }


def share_of(values: np.ndarray, examples: np.ndarray, *, confidence: float) -> Figure:
    """Return the share of yes among items (0 or 1 each), items of one example being alike: for instance of agreement."""
    nobody = np.full(len(values), -1, dtype=np.int64)
    items = np.arange(len(values), dtype=np.int64)
    observed = Observations(
        systems=nobody,
        opponents=nobody,
        items=items,
        examples=examples,
        raters=np.full(len(values), -2, dtype=np.int64),
        values=np.asarray(values, dtype=np.float64),
        unparsed=np.zeros(len(values), dtype=bool),
    ).in_order()
    found, estimator = _share(observed, each_answer=True, confidence=confidence)
    clustered = len(np.unique(examples)) < len(examples)
    method = "share, clustered by example" if clustered else "share, exact interval (Clopper–Pearson)"
    return from_estimate(found, estimator=estimator, method=method, n=len(values))


def _over_examples(observed: Observations, question: Question) -> tuple[Estimate, str]:
    if question.on_unit_scale:
        return _share(observed, each_answer=question.is_pairwise, confidence=question.confidence)
    values = per_example(observed).values
    return comparison.mean(values, confidence=question.confidence), "comparison.mean"


def _share(observed: Observations, *, each_answer: bool, confidence: float) -> tuple[Estimate, str]:
    """Return a share with examples as the sample: exact where each says one plain yes or no, however often it was asked."""
    values = per_example(observed).values
    plain = bool(np.isin(values, (0.0, 1.0)).all())
    if plain and (not each_answer or len(values) == len(observed)):
        exact = comparison.proportion(
            int(values.sum()), len(values), "clopper-pearson", confidence=confidence
        )
        return exact, "comparison.proportion"
    if each_answer:
        found = comparison.clustered_proportion(
            observed.values, clusters=observed.examples, confidence=confidence
        )
    else:
        found = comparison.clustered_proportion(values, confidence=confidence)
    return found, "comparison.clustered_proportion"


def _both_ways(observed: Observations, question: Question) -> tuple[Estimate, str]:
    """Return the level with examples and raters as samples."""
    weights = None if question.is_pairwise else balanced_weights(observed)
    if question.on_unit_scale:
        found: Estimate = comparison.clustered_proportion(
            observed.values,
            clusters=observed.examples,
            clusters2=observed.raters,
            weights=weights,
            confidence=question.confidence,
        )
        return found, "comparison.clustered_proportion"
    found = comparison.mean(
        observed.values,
        clusters=observed.examples,
        clusters2=observed.raters,
        weights=weights,
        confidence=question.confidence,
    )
    return found, "comparison.mean"


def _method(observed: Observations, question: Question, estimator: str, *, two_ways: bool) -> str:
    """Say in words how it was made, the same for all rows that were made alike."""
    what = "win rate over votes" if question.is_pairwise else "share" if question.is_share else "mean"
    over = "" if question.is_pairwise else " over examples"
    if two_ways:
        return f"{what}{over}, clustered by example and rater"
    if estimator == "comparison.proportion":
        return f"{what}{over}, exact interval (Clopper–Pearson)"
    if question.is_pairwise:
        return f"{what}, clustered by example, Wilson’s interval at the effective n"
    if question.on_unit_scale:
        return f"{what}{over}, Wilson’s interval at the effective n"
    return f"{what}{over}, t interval"
