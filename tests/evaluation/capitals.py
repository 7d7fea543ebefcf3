"""A small benchmark of capitals that the tests of runs share."""

from collections.abc import Callable
from typing import Any

from evaluation.models import Run
from evaluation.services import control

CAPITALS = [("France", "Paris"), ("Italy", "Rome"), ("Spain", "Madrid"), ("Japan", "Tokyo"), ("Peru", "Lima")]


def capitals(n: int = 5) -> list[dict[str, Any]]:
    return [
        {
            "prompt": f"Capital of {country}? {i}",
            "reference": city,
            "slices": {"continent": "Europe" if i % 5 < 3 else "other"},
        }
        for i, (country, city) in ((i, CAPITALS[i % 5]) for i in range(n))
    ]


def knows_europe(prompt: str) -> str:
    return next((city for country, city in CAPITALS[:3] if country in prompt), "no idea")


def finish(run: Run, run_jobs: Callable[[], int], actor: Any) -> Run:
    control.start(actor=actor, run=run)
    run_jobs()
    run.refresh_from_db()
    return run
