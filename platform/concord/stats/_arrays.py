"""Checks on what comes in: every estimator validates first, here, and then computes."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_EXACT = 2.0**53  # from here on float64 no longer tells neighbouring integers apart

_SQUARABLE = 1e140
_MOST_REPEATS = 10_000_000
_LONGEST_SHOWN = 80
# Names to number on their own: the numbers of others mean something, or are shared with a companion.
_CODED_ALONE = frozenset({"units", "raters", "values", "clusters", "clusters2", "examples"})
_CODED_ALONE |= {"groups", "items", "levels", "persons", "slices", "strata"}
_SIDES = frozenset({"left", "right"})


class InputError(ValueError):
    """The input is malformed; the message shows the value that was refused."""


def _array(name: str, data: ArrayLike) -> NDArray[Any]:
    try:
        array = np.asarray(data) if not isinstance(data, np.ma.MaskedArray) else _unmasked(data)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{name} must be a list of numbers, or rows of equal length: {error}") from None
    if array.dtype == object:
        array = _from_objects(name, array)
    if array.dtype.kind not in "biuf":
        first = array.ravel()[0] if array.size else array.dtype
        raise _no_numbers(name, first, array.dtype)
    if array.dtype.kind == "f" and array.dtype.itemsize != 8:
        with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is refused
            return array.astype(np.float64)
    return array


def _no_numbers(name: str, item: object, dtype: np.dtype[Any]) -> InputError:
    recipe = f": {_recipe(name)}" if isinstance(item, str) else ""
    return InputError(f"{name} must hold numbers, got {shown(str(item))} ({dtype}){recipe}")


def _recipe(name: str) -> str:
    """Say how names become numbers, and nothing that would swap systems, or make a win of a loss."""
    if name in _SIDES:
        both = "`names, codes = numpy.unique([*left, *right], return_inverse=True)`"
        return f"{both} and `left, right = numpy.split(codes, 2)` number both sides alike"
    if name in _CODED_ALONE:
        unique = f"`names, codes = numpy.unique({name}, return_inverse=True)`"
        return f"{unique} turns names into codes, in alphabetical order"
    return "give the number that each word stands for"


def _unmasked(data: Any) -> NDArray[Any]:
    """Return None where the mask hides a value; a plain conversion would bring it back."""
    shown: NDArray[Any] = data.data.astype(object)
    shown[np.ma.getmaskarray(data)] = None
    return shown


def _from_objects(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """None counts as missing, and pandas' NA; what is no real number is refused, also a string that looks like one."""
    flat = [None if is_missing(item) else item for item in array.ravel()]
    for item in flat:
        if item is not None and not isinstance(item, Real):
            raise _no_numbers(name, item, array.dtype)
    if any(item is not None and isinstance(item, int) and abs(item) >= _EXACT for item in flat):
        raise InputError(
            f"{name} holds an integer that does not fit: {shown(max(flat, key=lambda i: abs(i or 0)))}"
        )
    return np.array([np.nan if item is None else float(item) for item in flat]).reshape(array.shape)


def is_missing(item: object) -> bool:
    """Whether a single value is a missing one: None, nan, or pandas' NA, which compares with nothing."""
    nan = isinstance(item, float | np.floating) and bool(np.isnan(item))
    return item is None or nan or type(item).__name__ == "NAType"


def vector(name: str, data: ArrayLike, *, length: int | None = None) -> NDArray[Any]:
    """Return a one-dimensional numeric array of its own dtype, refusing strings, objects and infinities."""
    array = _array(name, data)
    if array.ndim != 1:
        raise InputError(f"{name} must be one-dimensional, got shape {array.shape}")
    if length is not None and len(array) != length:
        raise InputError(f"{name} must have {length} entries like its companions, got {len(array)}")
    if array.dtype.kind == "b":
        return array.astype(np.int64)
    if array.dtype.kind == "f" and np.isinf(largest(array)):
        raise InputError(
            f"{name} holds an infinite value at position {int(np.flatnonzero(np.isinf(array))[0])}"
        )
    return array


def table(name: str, data: ArrayLike) -> NDArray[Any]:
    """Return a two-dimensional numeric array (a flat list becomes one column), refusing ragged rows and strings."""
    array = _array(name, data)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise InputError(f"{name} must be a table with one row for each entry, got shape {array.shape}")
    return array


def largest(array: NDArray[Any]) -> float:
    """Return the largest magnitude, nan passed over; 0 where there is none."""
    if not array.size:
        return 0.0
    found = max(float(np.fmax.reduce(array)), -float(np.fmin.reduce(array)))
    return 0.0 if np.isnan(found) else found


def floats(name: str, data: ArrayLike, *, length: int | None = None, missing: bool = True) -> FloatArray:
    """Return a float64 vector; nan (missing) is refused unless ``missing``."""
    array = vector(name, data, length=length).astype(np.float64, copy=False)
    squarable(name, array)
    if not missing and np.isnan(array).any():
        raise InputError(f"{name} holds nan at position {int(np.flatnonzero(np.isnan(array))[0])}")
    return array


def squarable(name: str, array: FloatArray) -> FloatArray:
    """Refuse numbers so large that sums of their squares leave float64: nothing could be said about their spread."""
    if (found := largest(array)) > _SQUARABLE:
        raise InputError(
            f"{name} holds {found:g}; at most {_SQUARABLE:g} can be computed with: rescale the values"
        )
    return array


def codes(name: str, data: ArrayLike, *, length: int | None = None) -> IntArray:
    """Return an int64 vector of codes; floats are accepted only where they are whole numbers."""
    array = vector(name, data, length=length)
    if array.dtype.kind == "f":
        return _whole(name, array)
    if array.dtype.kind == "u" and array.size and int(array.max()) > np.iinfo(np.int64).max:
        raise InputError(f"{name} holds a code that does not fit in 64 bits: {int(array.max())}")
    return array.astype(np.int64, copy=False)


def _whole(name: str, array: NDArray[Any]) -> IntArray:
    bad = np.isnan(array) | (np.abs(array) >= _EXACT)
    bad |= array != np.floor(np.where(bad, 0.0, array))
    if bad.any():
        raise InputError(f"{name} must hold integer codes, got {float(array[bad][0])}")
    return array.astype(np.int64)


def compact(array: NDArray[Any]) -> tuple[IntArray, NDArray[Any]]:
    """Return ``(positions, distinct)`` with ``distinct`` sorted and ``array == distinct[positions]``.

    Codes that lie close together go through a table instead of a sort, which is what makes a million ratings cheap. Where they
    already count from 0 without a gap they are their own positions: the very array, so do not write into it.
    """
    if array.dtype.kind == "f":
        dense = _small_integers(array)
        if dense is not None:
            positions, distinct = compact(dense)
            return positions, distinct.astype(array.dtype)
    if array.dtype.kind in "iu" and array.dtype.itemsize < 8:
        array = array.astype(np.int64)  # differences of narrow integers wrap around
    if array.size and array.dtype.kind in "iu":
        low, high = int(array.min()), int(array.max())
        if high - low <= 4 * array.size + 1024:
            shifted = (array - array.dtype.type(low) if low else array).astype(np.int64, copy=False)
            present = np.bincount(shifted) > 0
            if present.all():
                return shifted, np.arange(len(present)).astype(array.dtype) + array.dtype.type(low)
            distinct = np.flatnonzero(present)
            place = np.cumsum(present) - 1
            return place[shifted], distinct.astype(array.dtype) + array.dtype.type(low)
    distinct, positions = np.unique(array, return_inverse=True)
    return positions.astype(np.int64, copy=False), distinct


def _small_integers(array: NDArray[Any]) -> IntArray | None:
    """Return the same numbers as int64 where all are whole and close to zero, else None."""
    if not array.size or np.isnan(array).any() or max(-float(array.min()), float(array.max())) > 2.0**31:
        return None
    whole = array.astype(np.int64)
    return whole if bool((whole == array).all()) else None


def tally(index: IntArray, size: int, weights: FloatArray | None = None) -> FloatArray:
    """Return how often (or with what total weight) each of ``size`` codes occurs, as float64."""
    return as_floats(np.bincount(index, weights=weights, minlength=size))


def as_floats(data: Any) -> FloatArray:
    """Return float64; for results that a library's types describe too loosely."""
    return np.asarray(data, dtype=np.float64)


def fraction(name: str, value: Any, *, low: float = 0.0, high: float = 1.0) -> float:
    """Return ``value`` where it lies strictly between ``low`` and ``high``."""
    if low < (found := real(value)) < high:
        return found
    raise InputError(f"{name} must lie between {low:g} and {high:g}, got {shown(value)}")


def number(name: str, value: Any) -> float:
    """Return ``value`` where it is a finite number that can be squared."""
    if abs(found := real(value)) <= _SQUARABLE:
        return found
    if np.isfinite(found):
        raise InputError(
            f"{name} is {shown(value)}; at most {_SQUARABLE:g} can be computed with: rescale it and its companions"
        )
    raise InputError(f"{name} must be a finite number, got {shown(value)}")


def count(name: str, value: Any, *, at_least: int = 0) -> int:
    """Return ``value`` as an int where it is a whole number of at least ``at_least``."""
    known = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not known or not abs(value if isinstance(value, int) else float(value)) < 2**63 or int(value) != value:
        raise InputError(f"{name} must be a whole number, got {shown(value)}")
    if int(value) < at_least:
        raise InputError(f"{name} must be at least {at_least}, got {value!r}")
    return int(value)


def repeats(name: str, value: Any, *, at_least: int = 0) -> int:
    """Return how often something is to be drawn, refused where nobody would live to see the last."""
    if count(name, value, at_least=at_least) > _MOST_REPEATS:
        raise InputError(f"{name} must be at most {_MOST_REPEATS:,}, got {value!r}")
    return int(value)


def flag(name: str, value: Any) -> bool:
    """Return ``value`` where it is true or false; of all else even "no" would count as true."""
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name} must be True or False, got {shown(value)}")
    return bool(value)


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """Return ``value`` where it is one of ``allowed``."""
    given: object = value
    if not isinstance(given, str) or given not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}; got {shown(value)}")
    return value


def shown(value: object) -> str:
    """Return ``value`` as an error message quotes it: in one line, cut where it is long."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # an integer of thousands of digits
        text = f"an {type(value).__name__} too long to write"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def real(value: Any) -> float:
    """Return a real number as a float, infinite where none can hold it; nan for anything else."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return float("nan")
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def zeros_and_ones(name: str, array: NDArray[Any], *, where: BoolArray | None = None) -> None:
    """Refuse anything but 0, 1 and nan (``where`` it matters), naming the first such entry."""
    bad = ~((array == 0) | (array == 1) | np.isnan(array))
    refuse_first(f"{name} must be 0 or 1", array, bad if where is None else bad & where)


def within(name: str, array: NDArray[Any], low: float, high: float) -> None:
    """Refuse numbers outside ``[low, high]``, naming the first such entry; nan passes."""
    refuse_first(f"{name} must lie between {low:g} and {high:g}", array, (array < low) | (array > high))


def distinct(name: str, array: IntArray) -> None:
    """Refuse codes of which one occurs twice, naming the first repetition."""
    again = np.ones(len(array), dtype=bool)
    again[np.unique(array, return_index=True)[1]] = False
    refuse_first(f"{name} must be distinct", array, again)


def refuse_first(rule: str, array: NDArray[Any], bad: BoolArray) -> None:
    """Refuse where an entry is bad: say the rule, the first such entry, and where it stands (from 0)."""
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        raise InputError(f"{rule}, got {shown(array[at].item())} at position {at}")


def left_out(known: Any, what: str = "missing values") -> dict[str, int]:
    """Return how many entries are not ``known``, as results name it in ``omitted``."""
    lost = len(known) - int(np.count_nonzero(known))
    return {what: lost} if lost else {}


def generator(rng: np.random.Generator | None) -> np.random.Generator:
    """Return ``rng``, or a generator with a fixed seed: the same input then gives the same interval."""
    if rng is None:
        return np.random.default_rng(0)
    if not isinstance(rng, np.random.Generator):
        raise InputError(
            f"rng must be a numpy.random.Generator, such as numpy.random.default_rng(1), got {shown(rng)}"
        )
    return rng
