"""The registry of scorers: what a benchmark may name, and with which parameters."""

from typing import Any

import pytest

from concord.core.errors import Invalid
from evaluation.scorers import create, methods, register
from evaluation.scorers.base import _registry


@pytest.fixture
def registry() -> Any:
    """What a test registers is forgotten after it."""
    before = dict(_registry)
    yield _registry
    _registry.clear()
    _registry.update(before)


def test_every_scorer_says_its_title_its_help_and_whether_it_is_right_or_wrong() -> None:
    told = {name: (one.title, one.binary) for name, one in methods().items()}
    assert told == {
        "choice": ("Multiple choice", True),
        "contains": ("Contains the reference", True),
        "exact_match": ("Exact match", True),
        "numeric_answer": ("Numeric answer", True),
        "token_f1": ("Token F1", False),
    }
    assert all(one.help.startswith(("1 where", "The best")) for one in methods().values())


def test_a_name_is_given_once(registry: Any) -> None:
    @register("mine", title="Mine")
    class Mine:
        """Mine."""

    assert methods()["mine"] is Mine
    with pytest.raises(ValueError, match="'mine'"):
        register("mine", title="Other")(type("Other", (), {}))
    methods().clear()
    assert "mine" in methods(), "what is handed out is a copy"


@pytest.mark.parametrize(
    ("hint", "good", "bad"),
    [
        ("float", [1, 1.5], [True, "1", None]),
        ("int", [1], [1.0, True, "1"]),
        ("bool", [True], [1, "yes"]),
        ("str", ["x"], [1, None]),
        ("int | None", [1, None], [True, "x", 1.5]),
    ],
)
def test_a_parameter_has_the_type_that_it_declares(
    registry: Any, hint: str, good: list[Any], bad: list[Any]
) -> None:
    scorer = type("Typed", (), {"__annotations__": {"size": hint}, "size": None, "__doc__": "Typed."})
    register("typed", title="Typed")(scorer)
    assert [create("typed", {"size": one}).size for one in good] == good  # type: ignore[attr-defined]
    for one in bad:
        with pytest.raises(Invalid, match="typed: size cannot be") as caught:
            create("typed", {"size": one})
        assert (caught.value.code, caught.value.field) == ("bad_parameter", "scorers")


def test_refusals_carry_a_code_and_their_field() -> None:
    with pytest.raises(Invalid) as unknown:
        create("rouge")
    with pytest.raises(Invalid, match="it has none") as parameter:
        create("choice", {"ignore_case": True})
    assert [(one.value.code, one.value.field) for one in (unknown, parameter)] == [
        ("unknown_scorer", "scorers"),
        ("unknown_parameter", "scorers"),
    ]
