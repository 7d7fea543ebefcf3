"""The benchmark of all estimators calls each of them, and none in a way that it refuses."""

from __future__ import annotations

import pytest

from bench.estimators import everything


@pytest.mark.parametrize("room", everything.ROOMS, ids=lambda room: room.__name__)
def test_every_call_gives_a_result_on_a_few_rows(room: everything.Room) -> None:
    for name, call in room(everything.Columns(3000)):
        assert call() is not None, name


def test_every_public_function_that_takes_rows_is_timed() -> None:
    columns = everything.Columns(100)
    tasks = [f"{room.__name__}.{name}" for room in everything.ROOMS for name, _ in room(columns)]
    assert everything.not_called(tasks) == []


def test_a_function_that_no_task_calls_is_named() -> None:
    assert "tails.goodput" in everything.not_called(["tails.percentile", "tails.upper_bound"])
