"""Bearer tokens: `Authorization: Bearer con_...` acts as the token's person."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from concord.accounts.models import ApiToken, User
from concord.accounts.services.tokens import user_of_token


class TokenAuthentication(BaseAuthentication):
    """A request with a bearer token that does not work is refused; without one, the next way to sign in is tried."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        found = user_of_token(secret=secret.strip().decode("latin-1"))
        if found is None:
            raise AuthenticationFailed(
                "This token is unknown, revoked or expired. Make a new one on the page of API tokens.",
                code="token",
            )
        return found

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Concord"'


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI description names it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API token, made on the page of API tokens.",
        }
