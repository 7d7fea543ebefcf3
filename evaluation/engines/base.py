"""The registry of engines, and what goes into and comes out of one."""

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar


class EngineError(Exception):
    """The engine cannot work at all (a missing folder, a refused file, a wrong key): the run stops and says why."""


@dataclass(frozen=True, kw_only=True)
class Message:
    role: str
    text: str
    images: tuple[tuple[str, bytes], ...] = ()  # (media type, bytes)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One thing asked. `id` is the caller's and comes back in the reply; `choices` are the continuations to weigh."""

    id: int
    prompt: str = ""
    messages: tuple[Message, ...] = ()
    choices: tuple[str, ...] = ()
    image: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How text is generated. Temperature 0 is greedy; the seed is that of the run plus the epoch."""

    max_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int = 0
    batch_size: int = 8
    normalise: str = "sum"  # choices: "sum", "tokens" or "characters"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back for one request. Instants are wall-clock; `duration_ms` was taken with a monotonic clock.

    `error` is a sentence where there is no answer; `final` says that trying again cannot help.
    `weights` are log-likelihoods of choices or probabilities of labels, in their order.
    `redacted` counts the places where a key stood in the text; `private` are the IP addresses that were not called because
    nobody allowed them.
    """

    id: int
    text: str = ""
    choice: int | None = None
    weights: tuple[float, ...] = ()
    input_tokens: int | None = None
    output_tokens: int | None = None
    sent_at: datetime | None = None
    first_token_at: datetime | None = None
    ended_at: datetime | None = None
    duration_ms: float = 0.0
    batch_size: int = 1
    error: str = ""
    final: bool = False
    redacted: int = 0
    private: tuple[str, ...] = ()


Replies = Generator[list[Reply], None, None]


@dataclass(frozen=True, kw_only=True)
class Access:
    """What the caller of an endpoint may use.

    `key` is sent; it and the `hidden` ones are taken out of whatever comes back. `allowed` are IP addresses inside the
    operator's network that may be called, beside those of the open internet; with `allow_private` all may.
    """

    key: str = field(default="", repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)
    allowed: frozenset[str] = frozenset()
    allow_private: bool = False


class Engine:
    """Base of the engines. Each call yields replies in the groups in which they arrived, in any order."""

    kind: ClassVar[str]

    def __init__(self, config: dict[str, Any], access: Access = Access()) -> None:
        self.config = config
        self.access = access

    def load(self) -> None:
        """Make ready, once; raises `EngineError` where that cannot be."""

    def describe(self) -> dict[str, Any]:
        """What ran, for the record: device, precision, digests. Never a key."""
        return {}

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Replies:
        raise EngineError(f"A {self.kind} system cannot generate text.")

    def choose(self, requests: Sequence[Request], sampling: Sampling) -> Replies:
        raise EngineError(f"A {self.kind} system cannot weigh choices by likelihood.")

    def classify(self, requests: Sequence[Request], sampling: Sampling) -> Replies:
        raise EngineError(f"A {self.kind} system cannot classify.")


@dataclass
class Stopwatch:
    """Wall-clock instants with a monotonic duration: a clock that is set back must not make a latency negative."""

    sent_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    _start: float = field(default_factory=time.perf_counter)
    first_token_at: datetime | None = None

    def first_token(self) -> None:
        if self.first_token_at is None:
            self.first_token_at = datetime.now(UTC)

    def stop(self) -> dict[str, Any]:
        """The timing fields of a reply."""
        return {
            "sent_at": self.sent_at,
            "first_token_at": self.first_token_at,
            "ended_at": datetime.now(UTC),
            "duration_ms": (time.perf_counter() - self._start) * 1000,
        }


_registry: dict[str, type[Engine]] = {}
E = TypeVar("E", bound=type[Engine])


def register(kind: str) -> Callable[[E], E]:
    """Make an engine class known for a kind of system."""

    def decorate(cls: E) -> E:
        if kind in _registry:
            raise ValueError(f"two engines serve {kind!r}")
        cls.kind = kind
        _registry[kind] = cls
        return cls

    return decorate


def replace(kind: str, cls: type[Engine]) -> type[Engine] | None:
    """Put another engine in the place of `kind` in this process and return the former one (for tests and extensions)."""
    former = _registry.get(kind)
    cls.kind = kind
    _registry[kind] = cls
    return former


def kinds() -> dict[str, type[Engine]]:
    return dict(_registry)


def create(kind: str, config: dict[str, Any], access: Access | None = None, **given: Any) -> Engine:
    """An engine that is not yet loaded; `given` are parts of its access. Raises `EngineError` for a kind that nothing serves."""
    if kind not in _registry:
        raise EngineError(f"No engine serves systems of kind {kind!r}.")
    return _registry[kind](config, access or Access(**given))
