"""Agreement that grows with every rating: additive counts from which alpha and its relatives follow without the ratings."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import ArrayLike

from concord.stats._arrays import (
    FloatArray,
    InputError,
    fraction,
    generator,
    is_missing,
    one_of,
    repeats,
    shown,
)
from concord.stats._results import NAN, Estimate
from concord.stats.agreement._alpha.bootstrap import resampled_alphas
from concord.stats.agreement._alpha.build import (
    FEW,
    Level,
    build_terms,
    check_level,
    fixed_distance,
    terms_of_rows,
    unit_of_measurement,
)
from concord.stats.agreement._alpha.ordinal import rank_distance
from concord.stats.agreement._alpha.result import Alpha, Sample, alpha_estimate, level_name
from concord.stats.agreement._alpha.terms import Terms
from concord.stats.agreement._chance import Chance, Table, table_of, table_of_rows
from concord.stats.agreement._coefficient import coefficient_of
from concord.stats.agreement._kappa.result import Kappa
from concord.stats.agreement._ratings import ANONYMOUS, pairable
from concord.stats.agreement._rows import sizes_of, squares_of
from concord.stats.agreement._tally import Tally
from concord.stats.agreement._weights import Weights
from concord.stats.agreement.conger import conger_chance
from concord.stats.agreement.fleiss import fleiss_chance
from concord.stats.agreement.gwet import gwet_chance
from concord.stats.agreement.percent import alike, share_estimate


class AlphaCounts:
    """Counts of ratings that grow, shrink and merge, and the agreement that follows from them.

    A new rating costs O(K**2) for K categories, and so does ``alpha``. All counts are whole numbers: adding ratings one by
    one, in any order or grouping, gives bit for bit what ``krippendorff_alpha``, ``percent_agreement``, ``fleiss_kappa``,
    ``gwet_ac`` and ``conger_kappa`` give for all of them with the same ``categories``. (Interval and ratio alpha of more than 12
    categories sum fractions, and agree to within rounding.) The intervals cost what the distinct patterns of counts cost;
    Conger's alone looks at the ratings again, because it depends on who rated what.

    Examples
    --------
    >>> counts = AlphaCounts([1, 2, 3])
    >>> for unit, value in [(7, 1), (7, 1), (8, 2), (8, 3), (9, 3), (9, 3)]:
    ...     counts.add(unit, value)
    >>> round(counts.alpha("nominal"), 4)
    0.5455
    >>> counts.add(8, 3, rater=5)
    >>> counts.add(8, 2, rater=5)  # rater 5 thought again: the later answer counts
    >>> counts.fleiss_kappa().n_ratings
    7
    """

    def __init__(self, categories: ArrayLike) -> None:
        """Start empty; ``categories`` (K,) are all values that can occur, in rank order."""
        self._tally = Tally(categories)
        self.categories = self._tally.categories

    def add(self, unit: Hashable, value: float | None, rater: Hashable = ANONYMOUS) -> None:
        """Count one more rating of ``unit``; nan or None is a missing one. A known rater's later answer supersedes the earlier.

        The estimates want units and raters as whole numbers, as everywhere; -1 is an anonymous rater.
        """
        self._count(unit, rater, self._place(unit, rater, value))

    def remove(self, unit: Hashable, value: float, rater: Hashable = ANONYMOUS) -> None:
        """Take back a rating that was counted, as if it had never been given."""
        place = self._tally.index(value)
        if not self._tally.holds(unit, rater, place):
            raise InputError(f"unit {unit!r} has no rating {value!r} to remove")
        self._tally.change(unit, rater, place, -1)

    def update(
        self,
        units: Iterable[Hashable],
        values: Iterable[float | None],
        raters: Iterable[Hashable] | None = None,
    ) -> None:
        """Count many ratings; without ``raters`` all are anonymous. Where one of them is wrong, none is counted."""
        try:
            unit, value = list(units), list(values)
            rater = [ANONYMOUS] * len(unit) if raters is None else list(raters)
        except TypeError as error:
            raise InputError(f"units, values and raters must be lists: {error}") from None
        if not len(unit) == len(value) == len(rater):
            raise InputError(
                f"units, values and raters must be as many, got {len(unit)}, {len(value)}, {len(rater)}"
            )
        places = [self._place(*one) for one in zip(unit, rater, value, strict=True)]
        for one in zip(unit, rater, places, strict=True):
            self._count(*one)

    def _place(self, unit: Hashable, rater: Hashable, value: object) -> int | None:
        """Return the place of a value among the categories, None for a missing one."""
        try:
            hash((unit, rater))
            bool(rater == ANONYMOUS)  # pandas' missing value cannot be told from nobody: it is no code
        except TypeError:
            given = f"{shown(unit)} and {shown(rater)}"
            raise InputError(f"units and raters must be codes, got {given}") from None
        return None if is_missing(value) else self._tally.index(value)

    def _count(self, unit: Hashable, rater: Hashable, place: int | None) -> None:
        if place is None:
            self._tally.missing += 1
        else:
            self._tally.put(unit, rater, place)

    def merge(self, other: AlphaCounts) -> None:
        """Add another count of the same categories, as if its ratings came after these; units may occur in both."""
        theirs = getattr(other, "_tally", None)
        if not isinstance(theirs, Tally) or self.categories.tolist() != theirs.categories.tolist():
            raise InputError("only counts of the same categories can be merged")
        missing, repeated = theirs.missing, theirs.repeated  # as they are now, also where both are one
        for unit in list(theirs.rows):
            unknown = np.repeat(np.arange(len(self.categories)), theirs.anonymous(unit)).tolist()
            known = list(theirs.answers.get(unit, {}).items())
            for rater, place in [*known, *((ANONYMOUS, place) for place in unknown)]:
                self._tally.put(unit, rater, place)
        self._tally.missing += missing
        self._tally.repeated += repeated

    @property
    def n_units(self) -> int:
        """How many units have at least two ratings."""
        return self._tally.sums.n_units(2)

    def coincidences(self) -> FloatArray:
        """Return the (K, K) table of pairs within units, each unit weighing as many as its ratings."""
        return self._tally.sums.coincidences()

    def alpha(self, level: Level = "nominal") -> float:
        """Return Krippendorff's alpha alone, in O(K**2); nan where ``krippendorff_alpha`` is undefined."""
        sums = self._tally.sums
        ordinal = isinstance(level, str) and level == "ordinal"
        distance = rank_distance(sums.counts(2)) if ordinal else fixed_distance(self.categories, level)
        observed, expected = sums.disagreement(distance)
        return 1 - observed / expected if expected > 0 else NAN

    def krippendorff_alpha(
        self,
        level: Level = "nominal",
        *,
        confidence: float = 0.95,
        n_resamples: int = 1000,
        rng: np.random.Generator | None = None,
    ) -> Alpha:
        """Return alpha with its interval, as ``krippendorff_alpha`` does with units resampled."""
        confidence = fraction("confidence", confidence)
        n_resamples = repeats("n_resamples", n_resamples)
        check_level(level)
        source = generator(rng)
        units = self._tally.unit_codes(2)
        terms, unit = self._terms(level) if len(units) else (None, 1.0)
        lone = self._tally.sums.n_units() - len(units)
        omitted = self._tally.omitted() | ({"units with one rating": lone} if lone else {})
        names = np.array([]) if terms is None else self.categories
        n_ratings = int(self._tally.sums.counts(2).sum())
        sample = Sample(units, n_ratings, self._tally.n_raters(2), omitted, level_name(level), names, unit)

        def draw(known: Terms) -> FloatArray:
            return resampled_alphas(known, n_resamples, source)

        return alpha_estimate(terms, sample, confidence, draw, source)

    def _terms(self, level: Level) -> tuple[Terms, float]:
        if len(self.categories) > FEW:
            data = pairable(self._tally.ratings())
            terms = build_terms(data, level, self.categories)[0]
        else:
            data = None
            rows = self._tally.patterns(2, self._tally.unit_codes(2))
            terms = terms_of_rows(*rows, self.categories, level)
        unit = unit_of_measurement(terms, data, self.categories) if level_name(level) == "interval" else 1.0
        return terms, unit

    def percent_agreement(self, *, weighting: str = "units", confidence: float = 0.95) -> Estimate:
        """Return what ``percent_agreement`` does."""
        confidence = fraction("confidence", confidence)
        one_of("weighting", weighting, ("units", "pairs"))
        units = self._tally.unit_codes(2)
        rows, _, times = self._tally.counts(2, units)
        lone = self._tally.sums.n_units() - len(units)
        omitted = self._tally.omitted() | ({"units with one rating": lone} if lone else {})
        m = sizes_of(rows)
        groups = alike(squares_of(rows) - m, m, times)
        return share_estimate(*groups, weighting, confidence, omitted)

    def fleiss_kappa(self, *, weights: Weights = None, confidence: float = 0.95) -> Kappa:
        """Return what ``fleiss_kappa`` does."""
        return self._coefficient(fleiss_chance, weights, confidence)

    def gwet_ac(self, *, weights: Weights = None, confidence: float = 0.95) -> Kappa:
        """Return what ``gwet_ac`` does."""
        return self._coefficient(gwet_chance, weights, confidence)

    def conger_kappa(self, *, weights: Weights = None, confidence: float = 0.95) -> Kappa:
        """Return what ``conger_kappa`` does, for which every rating must have come with its rater."""
        confidence = fraction("confidence", confidence)
        return coefficient_of(
            table_of(self._tally.ratings(), weights, self.categories), conger_chance, confidence
        )

    def _coefficient(self, chance: Chance, weights: Weights, confidence: float) -> Kappa:
        confidence = fraction("confidence", confidence)
        return coefficient_of(self._table(weights), chance, confidence)

    def _table(self, weights: Weights) -> Table:
        rows, pattern, times = self._tally.counts(1, self._tally.unit_codes(1))
        n_raters, omitted = self._tally.n_raters(1), self._tally.omitted()
        return table_of_rows(rows, pattern, times, self.categories, weights, n_raters, omitted)
