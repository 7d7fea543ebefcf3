"""Alpha by the package `krippendorff`, beside our own: asked where it is installed, missed where it is not."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from annotation.quality import second_opinion as asked
from concord.stats import agreement

LEVELS = ("nominal", "ordinal", "interval", "ratio")


@pytest.fixture
def ratings() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    drawn = np.random.default_rng(5)
    units = np.repeat(np.arange(40) * 7, 3)
    truth = np.repeat(drawn.integers(1, 5, size=40), 3)
    values = np.where(drawn.random(120) < 0.6, truth, drawn.integers(1, 5, size=120)).astype(float)
    kept = drawn.random(120) < 0.8  # some units are left with one rating, or with none
    return units[kept], np.tile(np.arange(3), 40)[kept], values[kept]


@pytest.mark.parametrize("level", LEVELS)
def test_it_finds_the_same_on_ratings_with_gaps(ratings: Any, level: str) -> None:
    units, raters, values = ratings
    ours = agreement.krippendorff_alpha(units, raters, values, level=level, n_resamples=0).value
    second = asked.second_opinion(units, values, level=level, ours=ours)
    assert second is not None
    assert second["same"]
    assert second["value"] == pytest.approx(ours, abs=1e-12)
    assert second["package"].startswith("krippendorff ")


def test_another_figure_is_told_from_ours(ratings: Any) -> None:
    units, _, values = ratings
    second = asked.second_opinion(units, values, level="nominal", ours=0.123)
    assert second is not None
    assert not second["same"]


def test_a_missing_or_broken_package_is_no_opinion(ratings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    units, _, values = ratings
    with monkeypatch.context() as patch:
        patch.setattr(asked, "reference_version", lambda: None)
        assert asked.second_opinion(units, values, level="nominal", ours=0.5) is None

    def fail(**_: Any) -> float:
        raise ValueError("there has to be more than one value in the domain")

    monkeypatch.setitem(sys.modules, "krippendorff", SimpleNamespace(alpha=fail))
    assert asked.second_opinion(units, values, level="nominal", ours=0.5) is None


def test_it_is_not_asked_where_there_is_no_figure_or_its_table_would_be_too_large() -> None:
    units = np.repeat(np.arange(300), 2)
    assert asked.second_opinion(units, np.ones(600), level="nominal", ours=float("nan")) is None
    assert asked.second_opinion(units, np.arange(600) / 7, level="interval", ours=0.5) is None
