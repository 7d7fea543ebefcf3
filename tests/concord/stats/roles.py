"""What is made of three columns (u, r, v), and a call whose arguments are such roles.

Roles of odd columns are odd too: what cannot be made is the column as it is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from concord.stats import (
    joint,
)

LEVELS = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True)
class Role:
    """What is made of the columns."""

    make: Callable[[Any, Any, Any], Any]

    def of(self, columns: tuple[Any, Any, Any]) -> Any:
        try:
            return self.make(*columns)
        except Exception:  # odd columns: give the odd values themselves
            return columns[2]


def _plain(number: Any) -> Any:
    """Return a number of Python's own where it is one of NumPy's or a fraction; all else as it is."""
    if isinstance(number, np.generic):
        return number.item()
    return float(number) if isinstance(number, Fraction) else number


def _ranked(v: Any) -> np.ndarray:
    return np.asarray(v, dtype=float)


def _share(v: Any) -> np.ndarray:
    x = _ranked(v)
    low, high = np.nanmin(x), np.nanmax(x)
    return (x - low) / (high - low) if high > low else x * 0 + 0.5


def _yes(v: Any) -> np.ndarray:
    x = _ranked(v)
    return np.where(np.isnan(x), np.nan, x > np.nanmedian(x))


def _systems(u: Any, shift: int) -> np.ndarray:
    code = np.asarray(u)
    if code.dtype.kind not in "iu":
        raise TypeError
    return (code % 4 + shift) % 4


def _side(u: Any, r: Any) -> np.ndarray:
    return (_systems(u, 0) + 1 + np.asarray(r) % 3) % 4


U, R, V = Role(lambda u, r, v: u), Role(lambda u, r, v: r), Role(lambda u, r, v: v)
SHARE = Role(lambda u, r, v: _share(v))
YES = Role(lambda u, r, v: _yes(v))
OUTCOME = Role(lambda u, r, v: np.round(2 * _share(v)) / 2)
LEANING = Role(lambda u, r, v: np.round(2 * _share(v)) - 1)
LEFT, RIGHT = Role(lambda u, r, v: _systems(u, 0)), Role(lambda u, r, v: _side(u, r))
THIRD = Role(lambda u, r, v: 6 - _systems(u, 0) - _side(u, r) - _other(u, r))
SHOWN = Role(lambda u, r, v: np.stack([_systems(u, 0), _side(u, r), _other(u, r)], axis=1))
HALF = Role(lambda u, r, v: np.asarray(r) % 2)
HALF_U = Role(lambda u, r, v: np.asarray(u) // 2)
AGES = Role(lambda u, r, v: np.abs(_ranked(v)))
TRIES = Role(lambda u, r, v: np.asarray(u) % 5 + 3)
PASSES = Role(lambda u, r, v: np.asarray(r) % 4)
CHANCES = Role(lambda u, r, v: 0.2 + 0.6 * (np.asarray(r) % 2))
WEIGHTS = Role(lambda u, r, v: 1.0 + np.asarray(r) % 3)
FIRST_U, FIRST_R, FIRST_V = (
    Role(lambda u, r, v: _plain(u[0])),
    Role(lambda u, r, v: _plain(r[0])),
    Role(lambda u, r, v: _plain(v[0])),
)
SOME_V = Role(lambda u, r, v: v[:3] if len(v) < 12 else _ranked(v)[[0, 4, 9]] - 1.5)  # three contrasts
SOME_W = Role(lambda u, r, v: 0.5 + np.asarray(r[:3]) % 3)
MOVED = Role(lambda u, r, v: _ranked(v)[: len(v) // 3 * 3].reshape(-1, 3) - 1)
TOGETHER = Role(lambda u, r, v: np.corrcoef(_ranked(v)[:120].reshape(3, -1)))
NAMES = Role(lambda u, r, v: [str(one) for one in r[:3]])
ENDS = Role(lambda u, r, v: _ranked(v) + 1 + np.asarray(u) % 2)


def _other(u: Any, r: Any) -> np.ndarray:
    """Return a third system beside both sides."""
    one, two = _systems(u, 0), _side(u, r)
    return np.array([min(set(range(4)) - {int(a), int(b)}) for a, b in zip(one, two, strict=True)])


@dataclass(frozen=True)
class Call:
    """One function with its arguments; ``ordered`` where the order of the rows matters, ``missing`` where nan may be."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)
    ordered: bool = False
    missing: bool = True
    coded: bool = False  # what u and r say is only who is who

    @property
    def name(self) -> str:
        room = self.function.__module__.split(".")[2]
        return f"{room}.{self.function.__name__} {' '.join(f'{k}={_shown(v)}' for k, v in self.options.items())}".strip()

    @property
    def tried(self) -> set[str]:
        """The names of the parameters that this call gives."""
        return set(inspect.signature(self.function).bind(*self.args, **self.options).arguments)

    def __call__(self, columns: tuple[Any, Any, Any]) -> Any:
        args = [a.of(columns) if isinstance(a, Role) else a for a in self.args]
        options = {k: a.of(columns) if isinstance(a, Role) else a for k, a in self.options.items()}
        if "n_resamples" in inspect.signature(self.function).parameters:
            options.setdefault("n_resamples", 20)
        return self.function(*args, **options)


def _shown(value: Any) -> str:
    names = {id(v): k for k, v in globals().items() if isinstance(v, Role)}
    return names.get(id(value), getattr(value, "__name__", None) or str(value)).replace("\n", " ")[:24]


def plan(function: Callable[..., Any], *args: Any, **options: Any) -> Call:
    return Call(function, args, options)


def rated(function: Callable[..., Any], **options: Any) -> Call:
    """A function of units, raters and values."""
    return Call(function, (U, R, V), options, coded=True)


def fixed(function: Callable[..., Any], *args: Any, ordered: bool = False, **options: Any) -> Call:
    """A function whose columns must be complete, or whose rows have an order."""
    return Call(function, args, options, ordered=ordered, missing=False)


RNG = Role(lambda u, r, v: np.random.default_rng(5))
GOLD: dict[str, Any] = {"gold_units": [0, 1], "gold_values": [0, 1]}
SOME: dict[str, Any] = {"categories": [0, 1, 2, 3]}
ITEMS = np.arange(40)


def _judged(u: Any, r: Any, v: Any, **options: Any) -> joint.Judged:
    """Return a system with 40 items; the units are those that raters rated."""
    return joint.Judged(predictions=np.cos(ITEMS), ratings=v, rated=u, raters=r, **options)


JUDGED = Role(lambda u, r, v: _judged(u, r, v, examples=ITEMS // 2))
SHARED = Role(lambda u, r, v: _judged(u, r, _share(v), examples=ITEMS // 2, propensities=0.2 + ITEMS / 60))
OTHER = Role(lambda u, r, v: _judged(np.asarray(u) % 15, r, _share(v)))
