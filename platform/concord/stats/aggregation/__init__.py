"""What the label probably is, from raters who err in ways of their own."""

from __future__ import annotations

from concord.stats.aggregation._result import Aggregated
from concord.stats.aggregation.counts import LabelCounts
from concord.stats.aggregation.dawid_skene import DawidSkene, dawid_skene
from concord.stats.aggregation.glad import Glad, glad
from concord.stats.aggregation.mace import Mace, mace
from concord.stats.aggregation.majority import Votes, majority_vote
from concord.stats.aggregation.one_coin import Reliable, one_coin
from concord.stats.aggregation.rater_bias import RaterBias, rater_bias
from concord.stats.aggregation.rater_cards import RaterCard, rater_cards

__all__ = [
    "Aggregated",
    "DawidSkene",
    "Glad",
    "LabelCounts",
    "Mace",
    "RaterBias",
    "RaterCard",
    "Reliable",
    "Votes",
    "dawid_skene",
    "glad",
    "mace",
    "majority_vote",
    "one_coin",
    "rater_bias",
    "rater_cards",
]
