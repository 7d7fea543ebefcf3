"""Who ranks where, from votes between systems, and which ranks the data leave open."""

from __future__ import annotations

from concord.stats.ranking._bradley_terry.result import BradleyTerry
from concord.stats.ranking.best_worst import BestWorst, best_worst
from concord.stats.ranking.bradley_terry import bradley_terry
from concord.stats.ranking.counts import VoteCounts
from concord.stats.ranking.elo import Elo, elo
from concord.stats.ranking.next_pairs import Pairs, next_pairs
from concord.stats.ranking.plackett_luce import PlackettLuce, plackett_luce
from concord.stats.ranking.win_rates import WinRates, win_rates

__all__ = [
    "BestWorst",
    "BradleyTerry",
    "Elo",
    "Pairs",
    "PlackettLuce",
    "VoteCounts",
    "WinRates",
    "best_worst",
    "bradley_terry",
    "elo",
    "next_pairs",
    "plackett_luce",
    "win_rates",
]
