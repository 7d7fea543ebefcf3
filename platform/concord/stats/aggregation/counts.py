"""Votes that keep coming in: a unit's majority without counting again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np

from concord.stats.aggregation.majority import Votes, votes_of
from concord.stats.agreement.counts import AlphaCounts


class LabelCounts(AlphaCounts):
    """Counts of labels that grow, shrink and merge, with the majority of each unit beside the agreement on all of them.

    A new label costs O(K**2) for K categories, the vote of one unit O(K); ``majority_vote`` gives exactly what the function of
    that name gives for all ratings with the same ``categories``.

    Examples
    --------
    >>> counts = LabelCounts([5, 6])
    >>> counts.update([1, 1, 1, 2, 2], [5, 5, 6, 5, 6], raters=[0, 1, 2, 0, 1])
    >>> counts.majority_vote().label.tolist(), counts.majority_vote([1]).margin.round(2).tolist()
    ([5.0, nan], [0.33])
    """

    def majority_vote(self, units: Iterable[Hashable] | None = None) -> Votes:
        """Return the votes of these units, or of all that have a rating, in order of their codes."""
        tally = self._tally
        known = tally.unit_codes(1) if units is None else tally.codes_of(units)
        rows = np.array([tally.rows[unit] for unit in known.tolist()], dtype=np.float64)
        counts = rows.reshape(len(known), len(self.categories))
        return votes_of(known, counts, self.categories, int(counts.sum()), tally.omitted())
