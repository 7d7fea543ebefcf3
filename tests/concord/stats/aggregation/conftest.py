"""Fixtures for label models."""

from __future__ import annotations

import importlib

import pytest


@pytest.fixture
def unclipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """crowd-kit keeps probabilities 1e-10 away from 0 and 1, which shows in the ninth place."""
    module = importlib.import_module("crowdkit.aggregation.classification.dawid_skene")
    monkeypatch.setattr(module, "_EPS", 1e-300)
