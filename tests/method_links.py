"""What the pages of figures lead to, against what was really called to compute these figures."""

import functools
import importlib
import re
from collections.abc import Callable
from typing import Any

import pytest

import concord.stats
from concord.core.services.method_pages import shelf


def record_calls(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """From now on every call of an estimator leaves its name in the set that is returned."""
    called: set[str] = set()

    def recorded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            called.add(name)
            return function(*arguments, **named)

        return call

    for package in (name for name in concord.stats.__all__ if name.islower()):
        module = importlib.import_module(f"concord.stats.{package}")
        for name in module.__all__:
            found = getattr(module, name)
            if callable(found) and name.islower():
                monkeypatch.setattr(module, name, recorded(f"{package}.{name}", found))
    return called


def led_to(html: str) -> set[str]:
    """The pages about methods that a page of figures leads to."""
    return set(re.findall(r'class="method-link" href="/methods/(\w+)/"', html))


def assert_true(html: str, called: set[str]) -> None:
    """Each page that is led to is about an estimator that was called."""
    for slug in led_to(html):
        about = shelf().pages[slug].estimators
        assert called & set(about), f"{slug} is about {about}, and only these were called: {sorted(called)}"
