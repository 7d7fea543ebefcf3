"""How sign-in behaves: accounts come by invitation unless sign-up was opened."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.OPEN_SIGNUP)

    def add_message(self, *args: object, **kwargs: object) -> None:
        """No "successfully signed in as": the next page says it."""
