"""Which items' parameters the answers can tell apart.

Each item's share of right answers fixes its intercept; to first order the association of two items fixes the product of their
slopes. So the slopes of items that hang together follow from as many products as there are items, which needs a ring of odd
length: three items that somebody answered make one, and so does an item that somebody answered twice. Two items alone have one
product for two slopes.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from concord.stats._arrays import BoolArray, IntArray


def told_apart(person: IntArray, item: IntArray, n_items: int) -> BoolArray:
    """Return for which items, (I,), their slopes follow from the associations; ``person``, ``item`` (n,) are the answers."""
    if not len(item):
        return np.zeros(n_items, dtype=bool)
    order = np.lexsort((item, person))
    one, who = item[order], person[order]
    near = who[1:] == who[:-1]  # consecutive answers of a person: a path through their items
    skip = who[2:] == who[:-2]  # and the chord that makes a triangle of any three
    left = np.concatenate([one[:-1][near], one[:-2][skip]])
    right = np.concatenate([one[1:][near], one[2:][skip]])
    # In two copies of the items, each pair joins unlike copies: an odd ring joins an item with its own copy.
    rows, columns = np.concatenate([left, right]), np.concatenate([right, left]) + n_items
    joined = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(2 * n_items, 2 * n_items))
    label = csgraph.connected_components(joined.tocsr(), directed=False)[1]
    odd: BoolArray = label[:n_items] == label[n_items:]
    return odd
