"""How sign-in behaves: accounts come by invitation unless sign-up was opened."""

from ipaddress import ip_address, ip_network

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.OPEN_SIGNUP)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: object) -> str:
        """Wrong passwords are counted by account and origin, so that nobody elsewhere can lock an account's owner out."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{self._origin(request)}"

    def _origin(self, request: HttpRequest) -> str:
        """The client's address; of IPv6 the network, since one household has all of its addresses."""
        address = ip_address(self.get_client_ip(request))
        return str(ip_network((address, 64), strict=False) if address.version == 6 else address)

    def add_message(self, *args: object, **kwargs: object) -> None:
        """No "successfully signed in as": the next page says it."""
