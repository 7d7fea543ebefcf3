"""What people type, checked for shape; what it means is decided by services."""

from datetime import timedelta
from typing import Any

from django import forms

from concord.accounts.services.invitations import MOST_USES
from concord.accounts.services.users import PREFERENCES
from concord.accounts.states import ROLE_MEANS, Role

DAYS = [(1, "one day"), (7, "a week"), (14, "two weeks"), (30, "a month"), (90, "three months")]
TOKEN_DAYS = [(30, "a month"), (90, "three months"), (365, "a year"), (0, "until I revoke it")]


class WorkspaceForm(forms.Form):
    name = forms.CharField(
        max_length=120,
        help_text="Your team or project. Everybody in it sees it.",
        label="Name of the workspace",
    )


class InviteForm(forms.Form):
    """One invitation. Designers are offered raters only."""

    SAID_AT = {"valid_for": "days"}

    role = forms.ChoiceField(label="They join as", widget=forms.RadioSelect, initial=Role.RATER)
    email = forms.EmailField(
        required=False,
        label="Only for this e-mail address",
        help_text="Leave it empty for a link that anyone can use whom you give it to.",
    )
    uses = forms.IntegerField(
        min_value=1,
        max_value=MOST_USES,
        initial=1,
        label="How many people may use it",
        help_text="A link for one address works once.",
    )
    days = forms.TypedChoiceField(choices=DAYS, coerce=int, initial=14, label="It works for")

    def __init__(self, *args: Any, roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(role, f"{Role(role).label}: {ROLE_MEANS[role]}") for role in roles]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        """What `invite` takes."""
        held = self.cleaned_data
        return {
            "role": held["role"],
            "email": held["email"],
            "uses": held["uses"],
            "valid_for": timedelta(days=held["days"]),
        }


class JoinForm(forms.Form):
    """A new person: everything that an account needs, once."""

    email = forms.EmailField(
        label="Your e-mail address", widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    name = forms.CharField(
        max_length=120,
        label="Your name",
        help_text="Shown to the people who run the studies, never to other raters.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        strip=False,
        label="A password",
        help_text="At least 10 characters; a few words in a row are easy to remember.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if address:
            self.fields["email"].initial = address
            self.fields["email"].disabled = True
            self.fields["email"].help_text = "The invitation is for this address."


class TokenForm(forms.Form):
    SAID_AT = {"valid_for": "days"}

    name = forms.CharField(
        max_length=80, label="What it is for", help_text="Such as the name of the script that will use it."
    )
    days = forms.TypedChoiceField(choices=TOKEN_DAYS, coerce=int, initial=90, label="It works for")

    def valid_for(self) -> timedelta | None:
        return timedelta(days=self.cleaned_data["days"]) if self.cleaned_data["days"] else None


class SettingsForm(forms.Form):
    """One's own account."""

    WORDS = {
        "system": "As the system",
        "sans": "Sans serif",
    }

    name = forms.CharField(max_length=120, required=False, label="Your name")
    theme = forms.ChoiceField(label="Appearance", widget=forms.RadioSelect)
    font = forms.ChoiceField(label="Typeface of long texts", widget=forms.RadioSelect)
    size = forms.ChoiceField(label="Size of long texts", widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, values in PREFERENCES.items():
            choices = [(value, self.WORDS.get(value, value.capitalize())) for value in values]
            self.fields[name].choices = choices  # type: ignore[attr-defined]
