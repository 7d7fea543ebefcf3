"""Who ranks where, from votes between two systems, and which ranks the data leave open."""

from __future__ import annotations

from concord.stats.ranking._bt_result import BradleyTerry
from concord.stats.ranking.bradley_terry import bradley_terry
from concord.stats.ranking.win_rates import WinRates, win_rates

__all__ = ["BradleyTerry", "WinRates", "bradley_terry", "win_rates"]
