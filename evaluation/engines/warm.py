"""The engine that stays loaded between shards: one a process, since two models rarely fit on one device."""

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from evaluation.engines.base import Engine

CAPACITY = 1
_engines: OrderedDict[Hashable, Engine] = OrderedDict()
_lock = Lock()


def warm_engine(kind: str, config: dict[str, Any], *, stamp: Hashable, make: Callable[[], Engine]) -> Engine:
    """The loaded engine for this config, made by `make` where it is not warm. `stamp` differs where key or consent do."""
    wanted = (kind, json.dumps(config, sort_keys=True), stamp)
    with _lock:
        if wanted in _engines:
            _engines.move_to_end(wanted)
            return _engines[wanted]
        # Let go of the old model before the new one is loaded: both at once would need the memory of both.
        while len(_engines) >= CAPACITY:
            _engines.popitem(last=False)
        engine = make()
        engine.load()
        _engines[wanted] = engine
        return engine


def forget() -> None:
    """Let every warm engine go."""
    with _lock:
        _engines.clear()
