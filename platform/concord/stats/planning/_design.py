"""What a comparison of two systems is before a difference is assumed: its variance, its clusters, its quantiles."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from concord.stats._arrays import one_of
from concord.stats.planning._plan import Plan, design_effect, finished


@dataclass(frozen=True)
class Design:
    """What is known of a comparison before a difference is assumed."""

    variance: float
    paired: bool
    deff: float
    cluster_size: float
    normal: bool

    def error(self, n: int) -> float:
        """Return the standard error with ``n`` examples."""
        return math.sqrt(self.variance * self.deff / n)

    def df(self, n: int) -> float:
        """Return the degrees of freedom of the t test; infinite for normal quantiles."""
        if self.normal:
            return math.inf
        return (n / self.cluster_size - 1) * (1 if self.paired else 2)

    def plan(
        self, n: int, achieved: float, name: str, given: Mapping[str, float], *, estimated: bool = True
    ) -> Plan:
        """Return the plan; ``estimated`` says that the test will estimate the variance, which takes more where n is small."""
        normal = self.normal and estimated
        return finished(n, self.deff, self.cluster_size, achieved, name, given, normal=normal)


def checked(variance: float, paired: bool, icc: float, cluster_size: float, distribution: str) -> Design:
    """Return the design of a comparison whose single example has this variance."""
    one_of("distribution", distribution, ("normal", "t"))
    return Design(
        variance=variance,
        paired=paired,
        deff=design_effect(icc, cluster_size),
        cluster_size=cluster_size,
        normal=distribution == "normal",
    )
