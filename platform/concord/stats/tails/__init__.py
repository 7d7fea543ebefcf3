"""Latency tails: percentiles that say how sure they are, and refuse where they cannot be."""

from __future__ import annotations

from concord.stats.tails.early_stopping import queries_needed, upper_bound
from concord.stats.tails.goodput import goodput
from concord.stats.tails.percentile import Percentile, percentile

__all__ = ["Percentile", "goodput", "percentile", "queries_needed", "upper_bound"]
