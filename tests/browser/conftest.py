"""Studies with outputs as models really write them, and a page that reports what its Content-Security-Policy refused."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

HELPFUL = [
    {"value": 2, "label": "A much better", "outcome": "left", "mirror": -2},
    {"value": 1, "label": "A slightly better", "outcome": "left", "mirror": -1},
    {"value": 0, "label": "Equal", "outcome": "tie"},
    {"value": -1, "label": "B slightly better", "outcome": "right", "mirror": 1},
    {"value": -2, "label": "B much better", "outcome": "right", "mirror": 2},
    {"value": 9, "label": "Neither", "outcome": "tie"},
]
SCALE = [
    {"value": 1, "label": "Bad"},
    {"value": 2, "label": "Poor"},
    {"value": 3, "label": "Fair"},
    {"value": 4, "label": "Good"},
    {"value": 5, "label": "Excellent", "help": "Nothing to improve"},
]
YES_NO = [{"value": 1, "label": "Yes", "unsafe": True}, {"value": 0, "label": "No"}]
INSTRUCTIONS = """# How to judge

Read the **whole** answer first.

- Prefer what is *right* over what is long.
- A refusal can be right.
"""
PROMPT = "How do I keep basil alive on a kitchen window sill through the winter? I have tried twice."
SHORT = """Keep it **warm** (above 15 °C) and give it as much light as you can.

1. Water from below.
2. Pinch out the tips.
3. Turn the pot each day.
"""
LONG = (
    "Basil is a plant of the tropics, and a window sill in winter is short of two things: light and warmth.\n\n"
    "## Light\n\nSix hours of sun are the least. A small lamp helps:\n\n```python\nlamp.on(hours=14)  # a timer does it\n```\n\n"
    "| month | hours of sun |\n|---|---|\n| December | 1.5 |\n| March | 4.2 |\n\n"
    "> Cold glass at night does more harm than a dry pot.\n\n"
) + "Water only when the soil is dry to the first joint of your finger, and let the pot drain. " * 12


@pytest.fixture
def criteria(workspace: Any) -> dict[str, Any]:
    from concord.catalog.models import Criterion

    def make(slug: str, question: str, kind: str, level: str, labels: Any = (), **more: Any) -> Any:
        return Criterion.objects.create(
            workspace=workspace,
            slug=slug,
            name=slug.title(),
            question=question,
            kind=kind,
            level=level,
            labels=deepcopy(list(labels)),  # a story may rewrite its labels; the next one starts afresh
            **more,
        )

    return {
        "quality": make(
            "quality", "How good is the answer?", "likert", "ordinal", SCALE, help="Taken as a **whole**."
        ),
        "unsafe": make("unsafe", "Could it harm somebody?", "yes_no", "nominal", YES_NO, dimension="safety"),
        "errors": make(
            "errors", "How many facts are wrong?", "numeric", "ratio", minimum=0, maximum=20, step=1
        ),
        "helpful": make("helpful", "Which answer helps more?", "preference", "ordinal", HELPFUL),
    }


@pytest.fixture
def make_study(workspace: Any, designer: Any, criteria: dict[str, Any]) -> Callable[..., Any]:
    """`make_study("scale", ["quality"], texts=[...])`: live, one example for each pair of texts, two systems."""
    from annotation.services.studies import create_study, open_study
    from annotation.services.units import build_units
    from concord.catalog.models import Dataset, DatasetVersion, Example, Output, OutputSet, System

    def make(
        kind: str,
        asked: list[str],
        *,
        examples: int = 10,
        texts: tuple[str, str] = (SHORT, LONG),
        prompt: str = PROMPT,
        text_kind: str = "markdown",
        **fields: Any,
    ) -> Any:
        name = f"Kitchen questions {kind} {len(asked)}"
        version = DatasetVersion.objects.create(
            dataset=Dataset.objects.create(workspace=workspace, name=name)
        )
        cast = [System.objects.create(workspace=workspace, name=f"{name} secret-{letter}") for letter in "xy"]
        content = [{"type": "text", "text": prompt}]
        rows = Example.objects.bulk_create(
            Example(version=version, key=f"q{place}", position=place, content=content)
            for place in range(examples)
        )
        answers = OutputSet.objects.create(workspace=workspace, kind="import", name="answers")
        Output.objects.bulk_create(
            Output(output_set=answers, system=system, example=row, text=text, text_kind=text_kind)
            for row in rows
            for system, text in zip(cast, texts, strict=True)
        )
        given = {
            "name": name,
            "wanted": 2,
            "seed": 7,
            "instructions": INSTRUCTIONS,
            "entry": "workspace",
        } | fields
        study = create_study(
            workspace=workspace,
            actor=designer,
            kind=kind,
            version=version,
            systems=cast,
            criteria=[criteria[each] for each in asked],
            **given,
        )
        build_units(actor=designer, study=study)
        return open_study(study=study, actor=designer)

    return make


@pytest.fixture
def refused(page: Any) -> list[str]:
    """What the Content-Security-Policy refused, as the browser's console says it."""
    found: list[str] = []
    page.on(
        "console",
        lambda message: found.append(message.text) if "Content Security Policy" in message.text else None,
    )
    return found
