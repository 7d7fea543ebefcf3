"""Comparisons of pairs: win rates, and Bradley-Terry strengths whose errors count what votes have in common."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from concord.estimates.arrays import Floats, Ints, equal_weights, mapped
from concord.estimates.contrasts import Contrast, Influence, Pair, every_pair
from concord.estimates.enums import Direction, Scope
from concord.estimates.families import Family, family
from concord.estimates.figure import Figure, from_estimate, undefined
from concord.estimates.levels import level
from concord.estimates.observations import MACHINE, Observations
from concord.estimates.population import Population, population_of
from concord.estimates.question import Question
from concord.estimates.ratings import Ratings
from concord.estimates.scores import Scores
from concord.stats import comparison, ranking
from concord.stats.ranking import BradleyTerry

TIE = 0.5
# Votes of so few clusters say too little of their variance for an interval to rest on.
FEWEST_CLUSTERS = 5


@dataclass(frozen=True, kw_only=True)
class Votes:
    """Comparisons between `systems`: positions in it as `left` and `right`, an outcome of 1, 0.5 or 0 for the left one.

    `raters` is -1 for an anonymous person and -2 for a machine. `units` are the pairs that were judged.
    """

    systems: tuple[int, ...]
    left: Ints
    right: Ints
    outcome: Floats
    units: Ints
    examples: Ints
    raters: Ints

    def __len__(self) -> int:
        return len(self.outcome)


@dataclass(frozen=True, kw_only=True)
class Strengths:
    """A fit, what its errors are clustered by, and for whom it holds."""

    votes: Votes
    fit: BradleyTerry
    clustered_by: str
    population: Population
    confidence: float

    @property
    def method(self) -> str:
        how = f"clustered by {self.clustered_by}" if self.clustered_by else "every vote independent"
        return f"Bradley–Terry log strengths, sandwich, {how}"

    @property
    def few_clusters(self) -> list[int]:
        """The systems whose votes are worth fewer clusters than an interval should rest on."""
        few = np.flatnonzero(self.fit.system_df + 1 < FEWEST_CLUSTERS)
        return [self.votes.systems[place] for place in few]

    def strength(self, place: int) -> Figure:
        """Return one system's log strength, pointwise; 0 is a system that wins half of the time."""
        reason = self.fit.why_undefined(place)
        if reason:
            return undefined(
                reason,
                n=int(self.fit.n_votes[place]),
                confidence=self.confidence,
                population=self.population,
            )
        return Figure(
            value=float(self.fit.log_strengths[place]),
            low=float(self.fit.low[place]),
            high=float(self.fit.high[place]),
            confidence=self.confidence,
            n=int(self.fit.n_votes[place]),
            standard_error=float(self.fit.standard_error[place]),
            df=float(self.fit.system_df[place]),
            method=self.method,
            estimator="ranking.bradley_terry",
            population=self.population,
        )


def votes(evidence: Ratings | Scores, question: Question, systems: Sequence[int]) -> Votes:
    """Return the comparisons between two of `systems` that say something, in the one order."""
    evidence = evidence.in_order()
    order = np.argsort(np.array(systems, dtype=np.int64))
    known = np.array(systems, dtype=np.int64)[order]
    outcome = mapped(evidence.values, question.outcomes)
    kept = np.isin(evidence.systems, known) & np.isin(evidence.other_systems, known) & ~np.isnan(outcome)
    raters = evidence.raters if isinstance(evidence, Ratings) else np.full(len(evidence), MACHINE)
    both = np.column_stack([evidence.outputs, evidence.other_outputs])[kept]
    units = np.unique(np.sort(both, axis=1), axis=0, return_inverse=True)[1].reshape(-1)
    return Votes(
        systems=tuple(systems),
        left=order[np.searchsorted(known, evidence.systems[kept])],
        right=order[np.searchsorted(known, evidence.other_systems[kept])],
        outcome=outcome[kept],
        units=units.astype(np.int64),
        examples=evidence.examples[kept],
        raters=raters[kept],
    )


def strengths(found: Votes, *, scope: Scope, confidence: float, these_examples: bool = False) -> Strengths:
    """Return the Bradley-Terry fit, a tie as half a win.

    Its errors are clustered by example; where the raters are a sample too, both ways. With `these_examples` it speaks of the
    examples judged and no others: then raters alone are clusters.
    """
    population = population_of(found.raters, scope)
    several = 1 < len(np.unique(found.examples)) < len(found)
    by_rater = population.scope == Scope.OTHER_RATERS
    ways = []
    if by_rater:
        ways.append(("rater", found.raters))
    if several and not these_examples:
        ways.append(("example", found.examples))
    codes = [way[1] for way in ways] + [None, None]
    fit = ranking.bradley_terry(
        found.left,
        found.right,
        found.outcome,
        n_systems=len(found.systems),
        ties="half",
        clusters=codes[0],
        clusters2=codes[1],
        confidence=confidence,
    )
    return Strengths(
        votes=found,
        fit=fit,
        clustered_by=" and ".join(name for name, _ in ways),
        population=population,
        confidence=confidence,
    )


def strength_contrasts(found: Strengths, pairs: Iterable[Pair], *, block: int = 0) -> list[Contrast]:
    """Return the differences of log strengths; zero means that either wins half of the comparisons.

    What moves strengths is shared by the strengths of one fit alone, and taken as independent of all else in a family, which errs
    wide (Sidak 1967); `block` numbers the fits of a family.
    """
    place = {system: code for code, system in enumerate(found.votes.systems)}
    factor = _factor(found.fit)
    return [_contrast(found, (a, b), (place[a], place[b]), factor, block) for a, b in pairs]


def strength_family(found: Strengths, confidence: float) -> Family:
    """Return every pair of one fit as a family of their own."""
    pairs = every_pair(found.votes.systems)
    return family(strength_contrasts(found, pairs), confidence=confidence)


def _contrast(found: Strengths, pair: Pair, places: Pair, factor: Floats | None, block: int) -> Contrast:
    (a, b), (at_a, at_b) = pair, places
    gap = found.fit.difference(at_a, at_b)
    figure = replace(
        from_estimate(gap, estimator="ranking.bradley_terry", population=found.population),
        low=math.nan,
        high=math.nan,
        n=_met(found.votes, at_a, at_b),
        method=found.method,
    )
    return Contrast(
        system=a,
        against=b,
        figure=figure,
        centre=gap.value,
        influence=None if factor is None else _influence(factor[:, at_a] - factor[:, at_b], block),
    )


def _met(cast: Votes, a: int, b: int) -> int:
    """Return how many pairs of the two were judged, each once: what was compared directly."""
    between = ((cast.left == a) & (cast.right == b)) | ((cast.left == b) & (cast.right == a))
    return len(np.unique(cast.units[between]))


def _factor(fit: BradleyTerry) -> Floats | None:
    """Return rows whose products give the covariance of the strengths; None where there is none."""
    covariance = np.asarray(fit.covariance, dtype=np.float64)
    if fit.undefined:
        return None
    known = np.nan_to_num(covariance)
    values, vectors = np.linalg.eigh((known + known.T) / 2)
    return np.asarray(np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T)


def _influence(rows: Floats, block: int) -> Influence:
    codes = -2 - np.arange(len(rows), dtype=np.int64) - 1_000_000 * block
    return Influence(examples=codes, raters=np.full(len(rows), -1, dtype=np.int64), values=rows)


def win_rate(observed: Observations, question: Question, *, scope: Scope) -> Figure:
    """Return how often one system won over its votes, a tie as half a win."""
    return level(observed, question, scope=scope)


def win_rate_over_opponents(observed: Observations, question: Question, *, scope: Scope) -> Figure:
    """Return the mean of a system's win rates, every opponent counting the same, clustered as its win rate is."""
    population = population_of(observed.raters, scope)
    if not len(observed):
        reason = "nobody judged an output of this system"
        return undefined(reason, confidence=question.confidence, population=population)
    both = population.scope == Scope.OTHER_RATERS
    found = comparison.clustered_proportion(
        observed.values,
        clusters=observed.examples,
        clusters2=observed.raters if both else None,
        weights=equal_weights(observed.opponents),
        confidence=question.confidence,
    )
    return from_estimate(
        found,
        estimator="comparison.clustered_proportion",
        n=len(np.unique(observed.items)),
        method=f"mean of win rates over opponents, clustered by {'example and rater' if both else 'example'}",
        population=population,
    )


def order_by_strength(found: Strengths, direction: Direction) -> list[int]:
    """Return the systems best first, those without a rank last; none where groups of them were never compared."""
    fit = found.fit
    if len(fit.groups) > 1:
        return []
    known = [place for place in range(len(found.votes.systems)) if math.isfinite(fit.rank[place])]
    sign = 1 if direction == Direction.LOWER else -1
    ranked = sorted(known, key=lambda place: (-sign * fit.rank[place], place))
    return [found.votes.systems[place] for place in (*ranked, *fit.undefeated, *fit.winless)]


@dataclass(frozen=True, kw_only=True)
class OneEnd:
    """A system that won (or lost) all of its votes, and the one end that this sets to its log strength; nan where none."""

    system: int
    votes: int
    end: float


@dataclass(frozen=True, kw_only=True)
class Unplaced:
    """What has no rank among all: groups that were never compared, directly or through others, and systems with one end only."""

    never_compared: tuple[tuple[int, ...], ...]
    undefeated: tuple[OneEnd, ...]
    winless: tuple[OneEnd, ...]


def unplaced(found: Strengths) -> Unplaced:
    """Return the systems that the votes cannot rank, and why."""
    fit, systems = found.fit, found.votes.systems

    def one_end(place: int, end: float) -> OneEnd:
        return OneEnd(system=systems[place], votes=int(fit.n_votes[place]), end=float(end))

    groups = tuple(tuple(systems[place] for place in group) for group in fit.groups)
    return Unplaced(
        never_compared=groups if len(groups) > 1 else (),
        undefeated=tuple(one_end(place, fit.low[place]) for place in fit.undefeated),
        winless=tuple(one_end(place, fit.high[place]) for place in fit.winless),
    )
