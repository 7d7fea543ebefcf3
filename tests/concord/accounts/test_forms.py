"""What people type is checked for its shape, and offered with the words of the one table of roles."""

from datetime import timedelta
from typing import Any

import pytest

from concord.accounts.services.users import PREFERENCES
from concord.accounts.states import ROLE_MEANS, Role
from concord.accounts.web.forms import InviteForm, JoinForm, SettingsForm, TokenForm, WorkspaceForm

INVITED = {"role": "rater", "email": "", "uses": "3", "days": "7"}


def invited(**more: str) -> InviteForm:
    return InviteForm(INVITED | more, roles=["rater", "viewer"])


def test_an_invitation_becomes_the_arguments_of_its_service() -> None:
    form = invited(email="ada@example.com")
    assert form.is_valid()
    assert form.arguments() == {
        "role": "rater",
        "email": "ada@example.com",
        "uses": 3,
        "valid_for": timedelta(days=7),
    }


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("role", "owner"),
        ("role", "king"),
        ("role", ""),
        ("email", "nonsense"),
        ("uses", "0"),
        ("uses", "1001"),
        ("uses", "many"),
        ("days", "2"),
        ("days", "0"),
    ],
)
def test_an_invitation_of_another_shape_says_at_which_field(field: str, wrong: str) -> None:
    form = invited(**{field: wrong})
    assert not form.is_valid()
    assert list(form.errors) == [field]


@pytest.mark.parametrize("uses", ["1", "1000"])
@pytest.mark.parametrize("days", ["1", "7", "14", "30", "90"])
def test_all_that_is_offered_is_taken(uses: str, days: str) -> None:
    assert invited(uses=uses, days=days).is_valid()


def test_roles_are_offered_with_what_they_mean_and_no_others_than_one_may_give() -> None:
    form = InviteForm(roles=["rater"])
    assert form.fields["role"].choices == [("rater", f"Rater: {ROLE_MEANS['rater']}")]  # type: ignore[attr-defined]
    everyone = InviteForm(roles=list(Role.values))
    assert [value for value, _ in everyone.fields["role"].choices] == list(Role.values)  # type: ignore[attr-defined]
    assert form["days"].initial == 14


@pytest.mark.parametrize(
    ("days", "valid_for"),
    [("30", timedelta(days=30)), ("90", timedelta(days=90)), ("365", timedelta(days=365)), ("0", None)],
)
def test_a_tokens_age_is_days_or_until_it_is_revoked(days: str, valid_for: Any) -> None:
    form = TokenForm({"name": "script", "days": days})
    assert form.is_valid()
    assert form.valid_for() == valid_for


@pytest.mark.parametrize(
    "given", [{"name": "", "days": "30"}, {"name": "x" * 81, "days": "30"}, {"name": "x", "days": "5"}]
)
def test_a_token_of_another_shape_is_refused(given: dict[str, str]) -> None:
    assert len(TokenForm(given).errors) == 1


def test_whoever_joins_by_a_letter_cannot_change_its_address() -> None:
    typed = {"email": "eve@example.com", "name": "Ada", "password": " with blanks at the ends "}
    form = JoinForm(typed, address="ada@example.com")
    assert form.is_valid()
    assert form.cleaned_data["email"] == "ada@example.com"
    assert form.cleaned_data["password"] == " with blanks at the ends "
    assert JoinForm(typed).fields["email"].disabled is False
    free = JoinForm(typed)
    assert free.is_valid()
    assert free.cleaned_data["email"] == "eve@example.com"


@pytest.mark.parametrize("field", ["email", "name", "password"])
def test_an_account_needs_all_three(field: str) -> None:
    typed = {"email": "eve@example.com", "name": "Ada", "password": "seven brave otters"}
    assert list(JoinForm(typed | {field: ""}).errors) == [field]


def test_every_preference_is_offered_in_words_and_no_other() -> None:
    form = SettingsForm()
    for name, values in PREFERENCES.items():
        choices = form.fields[name].choices  # type: ignore[attr-defined]
        assert tuple(value for value, _ in choices) == values
        assert all(words[0].isupper() for _, words in choices)
    assert dict(form.fields["theme"].choices)["system"] == "As the system"  # type: ignore[attr-defined]
    chosen = {"name": "", "theme": "dark", "font": "serif", "size": "small"}
    assert SettingsForm(chosen).is_valid()
    assert list(SettingsForm(chosen | {"size": "huge"}).errors) == ["size"]


@pytest.mark.parametrize(
    ("name", "taken"), [("x", True), ("x" * 120, True), ("x" * 121, False), ("  ", False)]
)
def test_a_workspaces_name_is_neither_empty_nor_long(name: str, taken: bool) -> None:
    assert WorkspaceForm({"name": name}).is_valid() == taken
