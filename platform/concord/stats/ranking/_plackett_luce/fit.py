"""Plackett-Luce by Newton's method, and the covariance of its strengths.

At place k of a ranking the system is chosen among those from k on, with chances ``p_kj = exp(s_j) / sum_{l >= k} exp(s_l)``.
From one choice to the next the chances of all that are left grow by the same factor, so sums over choices follow from one pass
down the places, and nothing is held but a few numbers for each ranking and place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from concord.stats._arrays import FloatArray, IntArray, as_floats, tally
from concord.stats.ranking._few_clusters import adjusted_sandwich, loosened, worth_adjusting
from concord.stats.ranking._rankings import Places
from concord.stats.ranking._spread import NEARLY_ALL, Spread, by_cluster, decided_alone, effective_df, root_of


@dataclass(frozen=True)
class PlFit:
    """Strengths (P,) that sum to zero, their information (P, P), the log-likelihood and the steps taken."""

    strengths: FloatArray
    information: FloatArray
    log_likelihood: float
    iterations: int


@dataclass(frozen=True)
class _Chances:
    """What strengths imply at each place, for the rankings that go so far.

    ``rest`` is the log of the summed exponentials from there on. ``once`` sums the weight over the choices up to there, each
    times what the summed exponentials have shrunk by since; ``twice`` goes by the square of that.
    """

    strength: list[FloatArray]
    rest: list[FloatArray]
    once: list[FloatArray]
    twice: list[FloatArray]

    def expected(self, k: int) -> FloatArray:
        """Return how often the system at place k was to be chosen up to there, weighted."""
        return as_floats(np.exp(self.strength[k] - self.rest[k]) * self.once[k])

    def together(self, i: int, j: int) -> FloatArray:
        """Return the sum over choices up to place i of the weight times the product of the chances of those at i and j."""
        n = len(self.strength[j])
        chances = np.exp(self.strength[i][:n] + self.strength[j] - 2 * self.rest[i][:n])
        return as_floats(chances * self.twice[i][:n])


def newton(places: Places) -> PlFit | None:
    """Return the maximum for the systems present; None where it is too far out."""
    scale = sum(float(places.weight[: places.choosing(k)].sum()) for k in range(len(places.at)))
    strengths, last = np.zeros(places.n_systems), np.inf
    value, gradient, information = _evaluate(places, strengths)
    for iteration in range(1, 101):
        try:
            step = np.linalg.solve(information + np.trace(information) / places.n_systems**2, gradient)
        except np.linalg.LinAlgError:
            return None
        decrement = float(gradient @ step)
        # Sums of many choices round: no nearer than this.
        noise = decrement < 1e-14 * scale and decrement > 0.1 * last
        if decrement < 1e-24 * scale or noise:
            return PlFit(strengths, information, value, iteration)
        last, length = decrement, 1.0
        while length > 1e-8:
            again = _evaluate(places, strengths + length * step)
            if again[0] >= value - 1e-13 * abs(value):
                break
            length /= 2
        else:
            settled = decrement < 1e-12 * scale
            return PlFit(strengths, information, value, iteration) if settled else None
        strengths = strengths + length * step
        value, gradient, information = again
    return None


def _chances(places: Places, strengths: FloatArray) -> _Chances:
    strength = [strengths[system] for system in places.at]
    rest = [entry.copy() for entry in strength]
    for k in range(len(rest) - 2, -1, -1):
        n = len(rest[k + 1])
        rest[k][:n] = np.logaddexp(rest[k][:n], rest[k + 1])
    once: list[FloatArray] = []
    twice: list[FloatArray] = []
    for k, entry in enumerate(rest):
        n, choosing = len(entry), places.choosing(k)
        shrunk = np.exp(entry - rest[k - 1][:n]) if k else np.zeros(n)
        for sums, factor in ((once, shrunk), (twice, np.square(shrunk))):
            total = sums[-1][:n] * factor if k else np.zeros(n)
            total[:choosing] += places.weight[:choosing]
            sums.append(total)
    return _Chances(strength, rest, once, twice)


def _pairs(places: Places) -> Iterator[tuple[int, int]]:
    """Yield places i <= j."""
    for i in range(len(places.at)):
        yield from ((i, j) for j in range(i, len(places.at)))


class _At(NamedTuple):
    """Log-likelihood, gradient and information at a point."""

    value: float
    gradient: FloatArray
    information: FloatArray


def _evaluate(places: Places, strengths: FloatArray) -> _At:
    """Return log-likelihood, gradient and information."""
    s, chances = places.n_systems, _chances(places, strengths)
    value, gradient = 0.0, np.zeros(s)
    expected = np.zeros(s)
    for k, system in enumerate(places.at):
        n = places.choosing(k)
        value += float(places.weight[:n] @ (chances.strength[k] - chances.rest[k])[:n])
        gradient += tally(system[:n], s, places.weight[:n])
        expected += tally(system, s, chances.expected(k))
    everywhere = np.zeros(len(places.weight), dtype=np.int64)
    return _At(value, gradient - expected, _information(places, chances, everywhere, 1)[0])


def _information(places: Places, chances: _Chances, member: IntArray, size: int) -> FloatArray:
    """Return the information of each member, (size, S, S)."""
    s = places.n_systems
    table = np.zeros(size * s * s)
    for i, j in _pairs(places):
        n = len(places.at[j])
        half = 0.5 if i == j else 1.0  # the table is added to its mirror image
        place = (member[:n] * s + places.at[i][:n]) * s + places.at[j]
        np.add.at(table, place, -half * chances.together(i, j))
    for k, system in enumerate(places.at):
        place = (member[: len(system)] * s + system) * s + system
        np.add.at(table, place, 0.5 * chances.expected(k))
    half_table = table.reshape(size, s, s)
    return as_floats(half_table + half_table.transpose(0, 2, 1))


def sandwich(places: Places, fitted: PlFit, cluster: IntArray | None) -> Spread:
    """Return the spread as in Bradley-Terry: HC2 over rankings, or CR2 over clusters unless these are too many."""
    s, information = places.n_systems, fitted.information
    centre, whole = np.eye(s) - 1 / s, information + np.trace(information) / s**2
    bread = centre @ np.linalg.pinv(whole, hermitian=True) @ centre
    chances = _chances(places, fitted.strengths)
    member = np.arange(len(places.weight)) if cluster is None else cluster[places.ranking]
    scores, (pull, choices) = _scores(places, chances, member), _leverage(places, chances, bread)
    trace = tally(member, 0, pull)
    if cluster is None:
        kept = 1 - np.minimum(pull / choices, NEARLY_ALL)
        meat = as_floats((scores.T @ (scores / kept[:, None])).todense())
        covariance, df = as_floats(bread @ meat @ bread), np.full(s, np.inf)
    elif worth_adjusting(len(member), len(trace), s):
        root = root_of(bread)
        held = root.T @ _information(places, chances, member, len(trace)) @ root
        covariance, df = adjusted_sandwich(root, held, scores.toarray())
    else:
        scores = loosened(scores, trace)
        covariance = as_floats(bread @ as_floats((scores.T @ scores).todense()) @ bread)
        df = effective_df(lambda block: _added_by(places, chances, member, bread[:, block]), s)
    alone = decided_alone(
        bread, whole, trace, lambda g: _evaluate(places.only(member == g), fitted.strengths)[2]
    )
    return Spread(covariance, df, bread, alone).filled()


def _added_by(places: Places, chances: _Chances, member: IntArray, moved: FloatArray) -> FloatArray:
    """Return what each cluster's information holds of the columns of ``moved`` (S, p), ``diag(moved' M_g moved)``: (G, p).

    That is the sum over choices of their variance among the systems left, by the chances of these.
    """
    added = np.zeros((len(places.weight), moved.shape[1]))
    mean = np.zeros_like(added)
    for k in range(len(places.at) - 1, -1, -1):
        n, system = places.choosing(k), places.at[k]
        own = np.exp(chances.strength[k] - chances.rest[k])[:, None]
        added[: len(system)] += chances.expected(k)[:, None] * moved[system] ** 2
        mean[: len(system)] += own * (moved[system] - mean[: len(system)])
        added[:n] -= places.weight[:n, None] * mean[:n] ** 2
    size = int(member.max()) + 1
    return np.stack([tally(member, size, column) for column in np.maximum(added, 0.0).T], axis=1)


def _scores(places: Places, chances: _Chances, member: IntArray) -> sparse.csr_array:
    """Return the summed scores of each member, a ranking or a cluster of them, by system."""
    entries = []
    for k in range(len(places.at)):
        entry = -chances.expected(k)
        entry[: places.choosing(k)] += places.weight[: places.choosing(k)]
        entries.append(entry)
    rows = [member[: len(system)] for system in places.at]
    return by_cluster(rows, list(places.at), entries, places.n_systems)


def _leverage(places: Places, chances: _Chances, bread: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return how far each ranking pulls the fit towards itself, and how many choices it holds, both (n,)."""
    pull, choices = np.zeros(len(places.weight)), np.zeros(len(places.weight))
    for k, system in enumerate(places.at):
        pull[: len(system)] += chances.expected(k) * bread[system, system]
        choices[: places.choosing(k)] += 1
    for i, j in _pairs(places):
        n = len(places.at[j])
        factor = 1 if i == j else 2
        pull[:n] -= factor * chances.together(i, j) * bread[places.at[i][:n], places.at[j]]
    return pull, choices
