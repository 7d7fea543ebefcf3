"""The registry of scorers, and what goes into and comes out of one."""

import dataclasses
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar, get_args, get_type_hints

from concord.core.errors import Invalid


@dataclass(frozen=True, kw_only=True)
class Task:
    """What was asked: the reference as the example states it (text, list of accepted texts, index), and the choices."""

    reference: Any = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: the text, and the index of the chosen option where the system picked rather than wrote."""

    text: str
    choice: int | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`value` is None where nothing can be said (no reference); `raw` is what was read out of the answer."""

    value: float | None
    raw: str = ""


class Scorer(Protocol):
    """A frozen dataclass whose fields are its parameters."""

    method: ClassVar[str]
    title: ClassVar[str]
    help: ClassVar[str]
    binary: ClassVar[bool]

    def score(self, answer: Answer, task: Task) -> Verdict: ...


NO_REFERENCE = Verdict(value=None, raw="the example has no reference answer")
_registry: dict[str, type[Any]] = {}
S = TypeVar("S", bound=type[Any])


def register(method: str, *, title: str, binary: bool = True) -> Callable[[S], S]:
    """Make a scorer class known by name. `binary`: its values are 0 and 1, so accuracy has an exact interval."""

    def decorate(cls: S) -> S:
        if method in _registry:
            raise ValueError(f"two scorers are called {method!r}")
        decorated = dataclass(frozen=True, kw_only=True)(cls)
        decorated.method, decorated.title, decorated.binary = method, title, binary
        decorated.help = (cls.__doc__ or "").strip()
        _registry[method] = decorated
        return decorated  # type: ignore[return-value]

    return decorate


def methods() -> dict[str, type[Any]]:
    """All registered scorers by name."""
    return dict(_registry)


def create(method: str, parameters: dict[str, Any] | None = None) -> Scorer:
    """A scorer with its parameters. Raises `Invalid`, naming what is unknown or of the wrong type."""
    if method not in _registry:
        raise Invalid(
            f"There is no scorer called {method!r}; there are {', '.join(sorted(_registry))}.",
            code="unknown_scorer",
            field="scorers",
        )
    cls, given = _registry[method], parameters or {}
    known = {f.name for f in dataclasses.fields(cls)}
    if unknown := sorted(set(given) - known):
        raise Invalid(
            f"{method} has no parameter {unknown[0]!r}; it has {', '.join(sorted(known)) or 'none'}.",
            code="unknown_parameter",
            field="scorers",
        )
    hints = get_type_hints(cls)
    for name, value in given.items():
        if not _fits(value, hints[name]):
            raise Invalid(f"{method}: {name} cannot be {value!r}.", code="bad_parameter", field="scorers")
    return cls(**given)  # type: ignore[no-any-return]


def _fits(value: Any, hint: Any) -> bool:
    if isinstance(hint, types.UnionType):
        return any(_fits(value, part) for part in get_args(hint))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


def accepted_texts(reference: Any) -> list[str]:
    """The reference as the list of texts that count as right; empty where there is none."""
    if reference is None:
        return []
    if isinstance(reference, dict):
        return accepted_texts(reference.get("answers", reference.get("answer", reference.get("text"))))
    if isinstance(reference, list):
        return [text for part in reference for text in accepted_texts(part)]
    if isinstance(reference, bool):
        return ["yes" if reference else "no"]
    if isinstance(reference, float) and reference.is_integer():
        return [f"{reference:.0f}"]
    return [str(reference)]


__all__ = [
    "NO_REFERENCE",
    "Answer",
    "Scorer",
    "Task",
    "Verdict",
    "accepted_texts",
    "create",
    "methods",
    "register",
]
