"""What can go wrong, in the domain's words. Views and the API translate; services only raise."""

from typing import Any


class DomainError(Exception):
    """A refusal with a stable `code`, a sentence for people, the `field` it is about, and details for machines.

    `field` is the argument of the service that is not acceptable; empty where the refusal is about none, or about several.
    `status` is the HTTP status that pages and API answer with; nothing has been written when it is raised.
    """

    status = 400
    code = "invalid"

    def __init__(self, message: str, *, code: str = "", field: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.field = field
        self.details = details


class Invalid(DomainError):
    """The input is not acceptable as it stands."""


class Forbidden(DomainError):
    """The person is known, and this is not theirs to do."""

    status = 403
    code = "forbidden"


class Missing(DomainError):
    """No such thing, or none that this person may know of."""

    status = 404
    code = "not_found"


class Conflict(DomainError):
    """The thing is no longer in the state that this action needs."""

    status = 409
    code = "conflict"


class TooLarge(DomainError):
    """More than is taken in one piece."""

    status = 413
    code = "too_large"


class Unsupported(DomainError):
    """A kind of file that is not taken here."""

    status = 415
    code = "unsupported_type"
