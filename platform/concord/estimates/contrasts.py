"""The difference of two systems: value, error, degrees of freedom, and what each example and rater adds to it.

A contrast has no interval of its own: that comes from the family in which it is stated (`families`).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from concord.estimates.arrays import Floats, Ints, item_means
from concord.estimates.enums import Scope
from concord.estimates.figure import Figure, Note, undefined
from concord.estimates.observations import Items, Observations, balanced_weights, per_example, per_item
from concord.estimates.population import Population, may_speak_of_others, population_of
from concord.estimates.question import Question
from concord.stats import InputError, TestedEstimate, comparison

FEWEST_SHARED = 5
# Satterthwaite's degrees of freedom are many just where few raters happen to seem alike and the error comes out too small: by
# three raters of four systems, p < .0014 came 1.9 times as often as it says (400,000 balanced studies), and six dimensions of
# equal systems held a false "better" in .14. With at most so many times those of system x rater it comes .9 to 1.2 times.
MOST_DF = 2.0
CROSSED = (
    "mixed model with examples, raters, and both with systems, crossed "
    "(REML, Satterthwaite, at most 2 (S - 1) (R - 1) degrees of freedom)"
)
NO_SPREAD = Note(code="no_spread", text="the answers do not vary: no interval.")
ONE_EXAMPLE = Note(code="one_example", text="one example alone says nothing of others: no interval.")
Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Influence:
    """What moves a contrast, shape (n,): entry i, of an example and a rater, adds `values[i]` to its error.

    `raters` is negative where raters are no sample. A code below -1 among the examples stands for what nothing else shares.
    """

    examples: Ints
    raters: Ints
    values: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Combination:
    """A contrast as weights (S,) of the means of one model, whose covariance (S, S) that model knows."""

    weights: Floats
    covariance: Floats


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """`figure` has value, error and degrees of freedom; the interval is taken around `centre`, which is the value or near it.

    A contrast with a test of its own kind brings `p_value`, and in `interval` its ends at any confidence; else both are by t.
    """

    system: int
    against: int
    figure: Figure
    centre: float
    influence: Influence | None = None
    combination: Combination | None = None
    bounds: tuple[float, float] = (-math.inf, math.inf)
    p_value: float = math.nan
    interval: Callable[[float], tuple[float, float]] | None = None

    @property
    def tested_as(self) -> float:
        """The difference whose t test has this contrast's p-value: how one with a test of its own kind enters a family."""
        if math.isnan(self.p_value):
            return self.centre
        return math.copysign(t_of_p(self.p_value, self.figure.df), self.centre) * self.figure.standard_error

    @property
    def testable(self) -> bool:
        """Whether there is an error to judge it by."""
        return self.figure.defined and self.figure.standard_error > 0 and self.figure.df > 0


def contrasts(
    observed: Observations, pairs: Iterable[Pair], question: Question, *, scope: Scope
) -> list[Contrast]:
    """Return each pair's difference of levels: on the examples that both answered where these are enough, else of all of each."""
    pairs = list(pairs)
    own = {system: observed.of(system) for pair in pairs for system in pair}
    if _is_crossed(own, question, scope):
        try:
            return _crossed(own, pairs, question, scope)
        except (
            InputError
        ):  # more raters and systems than the mixed model takes: each pair by its own answers, below
            pass
    answers = {system: per_example(found) for system, found in own.items()}
    span = question.bounds[1] - question.bounds[0]
    made = []
    for a, b in pairs:
        population = population_of(np.concatenate([own[a].raters, own[b].raters]), scope)
        if not len(own[a]) or not len(own[b]):
            made.append(no_contrast(a, b, "one of the two systems has no answers", population, question))
            continue
        found = _pair(own[a], own[b], answers[a], answers[b], question, population)
        made.append(replace(found, system=a, against=b, bounds=(-span, span)))
    return made


def _is_crossed(own: Mapping[int, Observations], question: Question, scope: Scope) -> bool:
    """Whether a mixed model is asked for: means, of answers by a sample of raters."""
    return (
        scope == Scope.OTHER_RATERS
        and not question.on_unit_scale
        and all(len(found) and not found.by_machine for found in own.values())
    )


def _crossed(
    own: Mapping[int, Observations], pairs: Iterable[Pair], question: Question, scope: Scope
) -> list[Contrast]:
    """Return the differences by a mixed model with example, rater, and both with system, crossed.

    All systems of the comparison are in one model, so that they share its variances: three raters of four systems then tell more
    of how raters differ than the three of a pair.
    """
    rows = [own[system] for system in sorted(own)]
    examples, raters = (
        np.concatenate([getattr(one, name) for one in rows]) for name in ("examples", "raters")
    )
    found = comparison.crossed_effects(
        np.concatenate([one.values for one in rows]),
        systems=np.concatenate([one.systems for one in rows]),
        examples=examples,
        raters=raters,
        influence=True,
        confidence=question.confidence,
    )
    place = {int(code): at for at, code in enumerate(found.system_codes)}
    population = population_of(raters, scope)
    most = MOST_DF * (len(place) - 1) * (len(np.unique(raters)) - 1)
    span = question.bounds[1] - question.bounds[0]
    made = []
    for a, b in pairs:
        gap = found.difference(a, b)
        weights = np.zeros(len(place))
        weights[[place[a], place[b]]] = 1.0, -1.0
        influence = found.influence[:, place[a]] - found.influence[:, place[b]]
        made.append(
            Contrast(
                system=a,
                against=b,
                figure=Figure(
                    value=gap.value,
                    confidence=question.confidence,
                    n=gap.n,
                    standard_error=gap.standard_error,
                    df=min(gap.df, most),
                    method=CROSSED,
                    estimator="comparison.crossed_effects",
                    population=population,
                    notes=() if gap.standard_error > 0 else (NO_SPREAD,),
                ),
                centre=gap.value,
                influence=Influence(examples=examples, raters=raters, values=influence),
                combination=Combination(weights=weights, covariance=found.covariance),
                bounds=(-span, span),
            )
        )
    return made


def no_contrast(a: int, b: int, reason: str, population: Population, question: Question) -> Contrast:
    nothing = undefined(reason, confidence=question.confidence, population=population)
    return Contrast(system=a, against=b, figure=nothing, centre=math.nan)


def shared_items(a: Items, b: Items) -> Ints | None:
    """Return the examples that both have, where that is enough to compare them on these alone."""
    shared: Ints = np.intersect1d(a.items, b.items)
    enough = len(shared) >= FEWEST_SHARED or 0 < len(shared) == min(len(a.items), len(b.items))
    return shared if enough else None


def error_of_machine(
    system: int, people: Observations, machine: Observations, question: Question
) -> Contrast:
    """Return the machine's figure less the people's on the very same items of one system; nothing is set `against`."""
    population = population_of(people.raters, question.scope)
    ours, theirs = per_item(people), per_item(machine)
    both, at_ours, at_theirs = np.intersect1d(ours.items, theirs.items, return_indices=True)
    span = question.bounds[1] - question.bounds[0]
    if not len(both):
        return no_contrast(system, -1, "nothing was judged by both", population, question)
    if population.scope == Scope.OTHER_RATERS and may_speak_of_others(people.raters):
        found = _error_both_ways(people, theirs, both, question, population)
    else:
        gaps = theirs.values[at_theirs] - ours.values[at_ours]
        examples, values = item_means(ours.examples[at_ours], gaps)
        found = _paired(examples, values, np.zeros(len(values)), question, population)
    return replace(found, system=system, against=-1, bounds=(-span, span))


def _error_both_ways(
    people: Observations, machine: Items, both: Ints, question: Question, population: Population
) -> Contrast:
    """Return the error with the raters as a sample too: every answer's own distance from the machine's."""
    own = people.where(np.isin(people.items, both))
    gaps = machine.values[np.searchsorted(machine.items, own.items)] - own.values
    weights = _share(balanced_weights(own))
    value = float(weights @ gaps)
    terms = weights * (gaps - value)
    error = _two_way(terms, weights, own.examples, own.raters)
    return _contrast(
        value,
        error.standard_error,
        error.df,
        len(np.unique(own.examples)),
        Influence(examples=own.examples, raters=own.raters, values=terms),
        question,
        population,
        method="paired on items, clustered by example and rater",
        estimator="comparison.mean",
    )


def _pair(
    a: Observations, b: Observations, of_a: Items, of_b: Items, question: Question, population: Population
) -> Contrast:
    shared = shared_items(of_a, of_b)
    if population.scope == Scope.OTHER_RATERS:
        sides = (a, b) if shared is None else (a.on(shared), b.on(shared))
        return _both_ways(*sides, question, population, paired=shared is not None)
    if shared is not None:
        at_a, at_b = np.searchsorted(of_a.items, shared), np.searchsorted(of_b.items, shared)
        return _paired(shared, of_a.values[at_a], of_b.values[at_b], question, population)
    return _apart(of_a, of_b, question, population)


def _paired(examples: Ints, a: Floats, b: Floats, question: Question, population: Population) -> Contrast:
    """Return the mean of a - b over examples."""
    found = comparison.paired_difference(a, b, confidence=question.confidence)
    gaps = a - b
    return _contrast(
        found.value,
        found.standard_error,
        found.df,
        len(gaps),
        _influence(examples, (gaps - gaps.mean()) / len(gaps)),
        question,
        population,
        method="paired on examples",
        estimator="comparison.paired_difference",
    )


def _apart(a: Items, b: Items, question: Question, population: Population) -> Contrast:
    """Return the difference of the means of different examples; the few that both answered hang together."""
    found = comparison.difference(
        a.values, b.values, clusters_a=a.items, clusters_b=b.items, method="t", confidence=question.confidence
    )
    parts = [
        sign * (side.values - side.values.mean()) / len(side.values) for sign, side in ((1.0, a), (-1.0, b))
    ]
    return _contrast(
        found.value,
        found.standard_error,
        found.df,
        len(a.values) + len(b.values),
        _influence(np.concatenate([a.items, b.items]), np.concatenate(parts)),
        question,
        population,
        method="two means on different examples (Welch)",
        estimator="comparison.difference",
    )


def _both_ways(
    a: Observations, b: Observations, question: Question, population: Population, *, paired: bool
) -> Contrast:
    """Return the difference with examples and raters as samples: what differs from rater to rater is part of its error."""
    sides = [(1.0, a), (-1.0, b)]
    weights = [_share(balanced_weights(side)) for _, side in sides]
    means = [float(weight @ side.values) for weight, (_, side) in zip(weights, sides, strict=True)]
    terms = np.concatenate(
        [
            sign * weight * (side.values - mean)
            for weight, mean, (sign, side) in zip(weights, means, sides, strict=True)
        ]
    )
    examples = np.concatenate([side.examples for _, side in sides])
    raters = np.concatenate([side.raters for _, side in sides])
    error = _two_way(terms, np.concatenate(weights), examples, raters)
    n = len(np.unique(a.examples)) if paired else len(np.unique(a.examples)) + len(np.unique(b.examples))
    return _contrast(
        means[0] - means[1],
        error.standard_error,
        error.df,
        n,
        Influence(examples=examples, raters=raters, values=terms),
        question,
        population,
        method=f"{'paired on examples' if paired else 'two means on different examples'}, clustered by example and rater",
        estimator="comparison.mean",
    )


def _two_way(terms: Floats, weights: Floats, examples: Ints, raters: Ints) -> TestedEstimate:
    """Return the error of a sum of terms, examples and raters being samples: the sum is one weighted mean."""
    scale = float(weights.sum())
    return comparison.mean(terms / weights * scale, weights=weights, clusters=examples, clusters2=raters)


def _contrast(
    value: float,
    error: float,
    df: float,
    n: int,
    influence: Influence,
    question: Question,
    population: Population,
    *,
    method: str,
    estimator: str,
) -> Contrast:
    """Return the contrast; of shares, one example more each way is in centre and error (Bonett & Price 2012).

    Few examples often differ by nothing, or all alike, by chance: without these two, equal shares would have no interval, and
    .98 against 1 one that is far too short (doi:10.3102/1076998611411915).
    """
    centre = value
    if question.on_unit_scale:
        centre, df = value * n / (n + 2), (df if df > 0 else n - 1.0)
        own = error if error > 0 else 0.0
        error = math.sqrt((own * n / (n + 2)) ** 2 + 2 / (n + 2) ** 2)
        method += ", one example more each way"
    figure = Figure(
        value=value,
        confidence=question.confidence,
        n=n,
        standard_error=error,
        df=df,
        method=method,
        estimator=estimator,
        population=population,
        notes=(ONE_EXAMPLE,) if n == 1 else () if error > 0 else (NO_SPREAD,),
    )
    return Contrast(system=0, against=0, figure=figure, centre=centre, influence=influence)


def _influence(examples: Ints, values: Floats) -> Influence:
    return Influence(examples=examples, raters=np.full(len(examples), -1, dtype=np.int64), values=values)


def _share(weights: Floats) -> Floats:
    share: Floats = weights / weights.sum()
    return share


def t_of_p(p_value: float, df: float) -> float:
    """Return the t statistic, at least 0, of a two-sided p-value."""
    upper = max(p_value, 1e-200) / 2  # for smaller ones SciPy's quantile of t has no answer but -infinity
    return float(-special.ndtri(upper)) if math.isinf(df) else float(-special.stdtrit(df, upper))


def every_pair(systems: Sequence[int]) -> list[Pair]:
    return [(a, b) for place, a in enumerate(systems) for b in systems[place + 1 :]]


def by_pair(found: Iterable[Contrast]) -> Mapping[Pair, Contrast]:
    return {(one.system, one.against): one for one in found}
