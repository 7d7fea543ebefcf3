"""What a system is asked: templates, choices, conversations, batches and costs."""

import random
from typing import Any

import pytest

from concord.core.errors import Invalid
from evaluation.engines import Reply
from evaluation.engines.batching import by_length
from evaluation.selectors.open_examples import Facts
from evaluation.services.asking import ask, continuations
from evaluation.services.recording import cost_of, storable
from evaluation.services.sampling import check_sampling
from evaluation.services.templates import check_template, render_prompt


def facts(*content: dict[str, Any], **more: Any) -> Facts:
    known: dict[str, Any] = {"choices": None, "reference": None, "slices": {}, **more}
    return Facts(id=1, content=list(content), **known)


def settings(**more: Any) -> dict[str, Any]:
    return {"template": "{{ prompt }}", "system_prompt": "", "asked_by": "generation", **more}


def test_templates_put_in_names_once() -> None:
    made = render_prompt(
        "{{slice.lang}}: {{ prompt }}\n{{ choices }}",
        prompt="{{ choices }} $1 \\1",
        choices=["x", "y"],
        slices={"lang": "de"},
    )
    assert made == "de: {{ choices }} $1 \\1\nA. x\nB. y"
    assert render_prompt("{{ prompt }}{{ slice.none }}", prompt="p") == "p"


@pytest.mark.parametrize(
    "template",
    ["{{ prompt.text }}", "{{ settings }}", "{{ prompt|safe }}", "{{}}", "no place", "{% load x %}"],
)
def test_templates_with_anything_else_are_refused(template: str) -> None:
    with pytest.raises(Invalid):
        check_template(template)


def test_a_chat_keeps_its_turns_unless_the_template_adds_words() -> None:
    chat = {
        "type": "chat",
        "turns": [
            {"role": "user", "text": "hi"},
            {"role": "assistant", "text": "yes?"},
            {"role": "user", "text": "go"},
        ],
    }
    kept = ask(facts(chat), settings(system_prompt="Be brief."), workspace_id=1).request
    assert [(m.role, m.text) for m in kept.messages] == [
        ("system", "Be brief."),
        ("user", "hi"),
        ("assistant", "yes?"),
        ("user", "go"),
    ]
    flat = ask(facts(chat), settings(template="Continue: {{ prompt }}"), workspace_id=1).request
    assert [(m.role, m.text) for m in flat.messages] == [
        ("user", "Continue: user: hi\n\nassistant: yes?\n\nuser: go")
    ]


def test_choices_are_weighed_as_letters_where_the_prompt_shows_letters() -> None:
    assert continuations(("Rome", "Paris"), "{{ prompt }}") == (" Rome", " Paris")
    assert continuations(("Rome", "Paris"), "{{ prompt }}\n{{ choices }}\nAnswer:") == (" A", " B")


def test_batches_hold_everything_once_and_little_padding() -> None:
    rng = random.Random(1)
    items = [rng.randint(1, 500) for _ in range(1000)]
    batches = list(by_length(items, length=lambda n: n, size=16, budget=4000))
    assert sorted(n for batch in batches for n in batch) == sorted(items)
    assert all(len(batch) <= 16 and max(batch) * len(batch) <= 4000 for batch in batches)
    padded = sum(max(batch) * len(batch) for batch in batches)
    assert padded / sum(items) < 1.1
    assert [list(batch) for batch in by_length([9000], length=lambda n: n, size=4, budget=100)] == [[9000]]


def test_costs_by_hand() -> None:
    reply = Reply(id=1, input_tokens=1000, output_tokens=500, duration_ms=3600, batch_size=4)
    assert cost_of(reply, {"input_per_million": 2, "output_per_million": 8}) == pytest.approx(0.006)
    assert cost_of(reply, {"per_hour": 4}) == pytest.approx(0.001)
    assert cost_of(reply, {}) is None
    assert cost_of(Reply(id=1), {"input_per_million": 2}) is None


def test_text_that_postgresql_refuses_is_mended_and_all_other_text_is_left() -> None:
    assert storable("a\x00b\ud800c") == "a\ufffdb\ufffdc"
    assert storable("naïve 🙂 \r\n") == "naïve 🙂 \r\n"


@pytest.mark.parametrize(
    "given",
    [
        {"max_tokens": 0},
        {"max_tokens": 1.5},
        {"temperature": "hot"},
        {"temperature": True},
        {"stop": "x"},
        {"top_k": 5},
        {"normalise": "words"},
    ],
)
def test_bad_settings_are_refused_by_name(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=next(iter(given))):
        check_sampling(given)
