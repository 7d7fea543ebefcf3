"""Sums over random subsets of numbers, eight numbers at a time: a byte of random bits is looked up in a table of 256 sums.

Where the numbers take few values (answers 0 and 1, stars, differences of these), only how many of each are drawn matters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from concord.stats._arrays import FloatArray, IntArray, as_floats

Bytes = NDArray[np.uint8]

_FEW = 500  # numbers up to which shuffling them is cheaper
_LEVELS = 128  # distinct numbers up to which counts of each are drawn
_DIGITS = 10  # of the chance, in binary
_HELD = 1 << 26  # bytes of subsets held at a time
_PART = 1 << 18  # bytes drawn at a time: what stays in the processor's cache
_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(
    np.float64
)  # (256, 8), first bit first


def half_sums(values: FloatArray, n_sums: int, rng: np.random.Generator) -> FloatArray:
    """Return (n_sums,) sums, each over a subset that every number belongs to with chance one half, independently."""
    if (few := _few_values(values)) is not None:
        level, times = few
        return as_floats(rng.binomial(times, 0.5, size=(n_sums, len(level))) @ level)
    groups, total = _groups(values), np.zeros(n_sums)
    size = max(1, _PART // n_sums)
    for start in range(0, len(groups), size):
        part = groups[start : start + size]
        _add(total, part, _random_bits((len(part), n_sums), 1 << (_DIGITS - 1), rng))
    return total


def subset_sums(values: FloatArray, m: int, n_sums: int, rng: np.random.Generator) -> FloatArray:
    """Return (n_sums,) sums over subsets of exactly ``m`` of the numbers, each subset as likely as any other.

    Every number first joins with a chance near m / n; then random ones leave or join until there are m. As no number is
    treated differently from another, all subsets of m stay equally likely.
    """
    n = len(values)
    if 2 * m > n:
        return as_floats(values.sum() - subset_sums(values, n - m, n_sums, rng))
    if n <= _FEW:
        return np.array([rng.permutation(values)[:m].sum() for _ in range(n_sums)])
    if (few := _few_values(values)) is not None:
        level, times = few
        return as_floats(rng.multivariate_hypergeometric(times, m, size=n_sums, method="marginals") @ level)
    if 64 * m < n:
        return np.array([values[rng.choice(n, m, replace=False, shuffle=False)].sum() for _ in range(n_sums)])
    groups, chance = _groups(values), round((1 << _DIGITS) * m / n)
    size = max(1, _HELD // len(groups))
    totals = []
    for start in range(0, n_sums, size):
        packed = _subsets(n, min(size, n_sums - start), chance, rng)
        total = np.zeros(packed.shape[1])
        _add(total, groups, packed)
        surplus = _members(packed) - m
        totals.append(total - _surplus(values, packed, surplus, rng))
    return np.concatenate(totals)


def _few_values(values: FloatArray) -> tuple[FloatArray, IntArray] | None:
    """Return the distinct numbers and how often each occurs where these are fewer by far, else None."""
    if len(values) <= _FEW or len(np.unique(values[:: len(values) // 256])) > _LEVELS:
        return None
    level, times = np.unique(values, return_counts=True)
    return (level, times) if len(level) <= min(_LEVELS, len(values) // 16) else None


def _groups(values: FloatArray) -> FloatArray:
    """Return the values eight to a row, the last row filled with zeros."""
    groups = np.zeros((-(-len(values) // 8), 8))
    groups.ravel()[: len(values)] = values
    return groups


def _subsets(n: int, rows: int, chance: int, rng: np.random.Generator) -> Bytes:
    """Return random subsets of n numbers as bits, (groups of eight, rows)."""
    packed = np.empty((-(-n // 8), rows), dtype=np.uint8)
    size = max(1, _PART // rows)
    for start in range(0, len(packed), size):
        part = packed[start : start + size]
        part[:] = _random_bits((len(part), rows), chance, rng)
    packed[-1] &= 0xFF & (0xFF << (-n % 8))  # there are no numbers behind the last
    return packed


def _random_bits(shape: tuple[int, int], chance: int, rng: np.random.Generator) -> Bytes:
    """Return bytes whose bits are each set with a chance of ``chance`` / 1024, one binary digit of it after the other."""
    digits = f"{chance:0{_DIGITS}b}".rstrip("0")
    bits = np.zeros(shape, dtype=np.uint8)
    for digit in reversed(digits):
        words = rng.integers(1 << 64, size=-(-bits.size // 8), dtype=np.uint64)
        fair = words.view(np.uint8)[: bits.size].reshape(shape)
        (np.bitwise_or if digit == "1" else np.bitwise_and)(bits, fair, out=bits)
    return bits


def _add(total: FloatArray, groups: FloatArray, packed: Bytes) -> None:
    """Add to each of (B,) totals the values whose bit is set in its column of (groups, B) bytes."""
    found = np.empty_like(total)
    for start in range(0, len(groups), 1024):
        part = slice(start, start + 1024)
        for sums, column in zip(groups[part] @ _BITS.T, packed[part], strict=True):
            total += np.take(sums, column, out=found, mode="clip")


def _members(packed: Bytes) -> IntArray:
    """Return how many bits are set in each column, (B,): bytes hold the sum over 31 rows, which is far quicker."""
    found = np.zeros(packed.shape[1], dtype=np.int64)
    for start in range(0, len(packed), 31):
        found += np.bitwise_count(packed[start : start + 31]).sum(axis=0, dtype=np.uint8)
    return found


def _surplus(values: FloatArray, packed: Bytes, surplus: IntArray, rng: np.random.Generator) -> FloatArray:
    """Return (B,) sums of as many random members as a subset has too many, or less those of others that it lacks."""
    sums = [
        np.sign(k) * values[_some(packed[:, i], k > 0, abs(k), len(values), rng)].sum()
        for i, k in enumerate(surplus.tolist())
    ]
    return np.array(sums)


def _some(packed: Bytes, members: bool, k: int, n: int, rng: np.random.Generator) -> IntArray:
    """Return the places of ``k`` random members (or others), none twice: random places, those that do not fit passed over."""
    picked = np.empty(0, dtype=np.int64)
    while len(picked) < k:
        place = rng.integers(n, size=4 * (k - len(picked)) + 16)
        fits = (packed[place >> 3] >> (7 - (place & 7)).astype(np.uint8) & 1) == members
        picked = np.concatenate([picked, place[fits]])
        if (np.diff(np.sort(picked[:k])) == 0).any():
            picked = picked[np.sort(np.unique(picked, return_index=True)[1])]
    return picked[:k]
