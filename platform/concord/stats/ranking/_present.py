"""What holds for the systems of each component, put back among all systems: nan for the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from concord.stats._arrays import FloatArray, IntArray
from concord.stats.ranking._ranks import rank_ranges
from concord.stats.ranking._spread import Spread


@dataclass(frozen=True)
class Part:
    """Systems that all scored against each other (their codes, (s,)), with what follows for them: (s,) each, tables (s, s)."""

    members: IntArray
    log_strengths: FloatArray
    low: FloatArray
    high: FloatArray
    strengths: FloatArray
    standard_error: FloatArray
    covariance: FloatArray
    difference_variance: FloatArray
    rank: FloatArray
    rank_low: FloatArray
    rank_high: FloatArray
    system_df: FloatArray
    df: float

    @classmethod
    def of(
        cls,
        members: IntArray,
        log_strengths: FloatArray,
        ends: tuple[FloatArray, FloatArray],
        off: Spread,
        confidence: float,
    ) -> Part:
        """Return the part with these strengths, ends of intervals, and spread (strengths first); ranks are within it."""
        s = len(members)
        apart = off.of_differences(s)
        rank, best, worst = rank_ranges(log_strengths, apart, off.df[:s], confidence)
        share = np.exp(log_strengths - log_strengths.max())
        return cls(
            members=members,
            log_strengths=log_strengths,
            low=ends[0][:s],
            high=ends[1][:s],
            strengths=share / share.sum(),
            standard_error=off.errors()[:s],
            covariance=off.known()[:s, :s],
            difference_variance=apart,
            rank=rank,
            rank_low=best,
            rank_high=worst,
            system_df=off.df_of_systems(s),
            df=off.fewest_df(s),
        )


_OF_EACH = (
    "log_strengths",
    "low",
    "high",
    "strengths",
    "standard_error",
    "rank",
    "rank_low",
    "rank_high",
    "system_df",
)
_OF_PAIRS = ("covariance", "difference_variance")


def together(parts: list[Part], n_systems: int, *, strengths: bool = True) -> dict[str, Any]:
    """Return the fields of a leaderboard, (S,) and (S, S): nan where a system is in no part, or two are not in the same."""
    fields: dict[str, Any] = {name: np.full(n_systems, np.nan) for name in _OF_EACH}
    fields |= {name: np.full((n_systems, n_systems), np.nan) for name in _OF_PAIRS}
    for part in parts:
        for name in _OF_EACH:
            fields[name][part.members] = getattr(part, name)
        for name in _OF_PAIRS:
            fields[name][np.ix_(part.members, part.members)] = getattr(part, name)
    if not strengths:
        del fields["strengths"]
    known = [part.df for part in parts if not np.isnan(part.df)]
    return {**fields, "df": min(known, default=float("nan"))}


def unplaced(number: int, one: str, several: str) -> tuple[str, ...]:
    """Return the note on systems that nothing is known of."""
    if not number:
        return ()
    said = f"1 system {one}" if number == 1 else f"{number} systems {several}"
    return (f"{said} and therefore no strength.",)
