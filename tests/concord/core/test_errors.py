"""Every refusal has a code of its own, and a form shows it at the field that it is about."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms

from concord.core.errors import Conflict, DomainError, Forbidden, Invalid, Missing
from concord.core.web.shared import show_refusal

ROOT = Path(__file__).parents[3]
# Forbidden and Missing say all there is to say by their class: the status, and nothing that a stranger may not know.
TELLING = {"Invalid", "Conflict", "DomainError"}


def raised() -> Iterator[tuple[str, set[str]]]:
    """Each refusal in the source: its place, and the names of its keyword arguments."""
    for app in ("platform/concord", "annotation", "evaluation"):
        for path in sorted((ROOT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TELLING:
                    place = f"{path.relative_to(ROOT)}:{node.lineno}"
                    yield place, {keyword.arg or "**" for keyword in node.keywords}


def test_every_refusal_has_a_code() -> None:
    without = [place for place, names in raised() if "code" not in names]
    assert not without, f"say what is wrong in one word, for machines: {without}"


class Plan(forms.Form):
    SAID_AT = {"lease_seconds": "minutes"}

    name = forms.CharField()
    minutes = forms.IntegerField()


@pytest.fixture
def form() -> Plan:
    filled = Plan({"name": "Mine", "minutes": 5})
    assert filled.is_valid()
    return filled


@pytest.mark.parametrize(
    ("field", "shown_at"),
    [("name", "name"), ("lease_seconds", "minutes"), ("systems", "__all__"), ("", "__all__")],
)
def test_a_refusal_stands_at_the_field_of_its_argument_or_above_all(
    form: Plan, field: str, shown_at: str
) -> None:
    show_refusal(form, Conflict("This is taken.", code="taken", field=field))
    assert form.errors.get_json_data() == {shown_at: [{"message": "This is taken.", "code": "taken"}]}
    assert form["name"].value() == "Mine"


@pytest.mark.parametrize("refusal", [Forbidden("Not yours."), Missing("There is none.")])
def test_who_may_not_do_this_is_told_by_a_page_and_not_by_a_form(form: Plan, refusal: DomainError) -> None:
    with pytest.raises(type(refusal)):
        show_refusal(form, refusal)
    assert not form.errors


def test_a_refusal_without_a_code_is_told_by_its_class() -> None:
    assert (Invalid("No.").code, Missing("No.").code, Missing("No.").status) == ("invalid", "not_found", 404)
