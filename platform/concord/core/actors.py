"""Who acts: a person, somebody who is not signed in, or a part of the installation itself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, Union

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


@dataclass(frozen=True)
class Installation:
    """A part of the installation that acts without a person: a command typed on its machine, or a background job.

    Whoever can start these has the database anyway, so no role is asked; the audit log names the part.
    """

    part: str
    is_authenticated: ClassVar[bool] = False

    def __str__(self) -> str:
        return self.part


Actor: TypeAlias = Union["AbstractBaseUser", "AnonymousUser", Installation]
BACKGROUND = Installation("background work")


def person_of(actor: Actor) -> Any:
    """The signed-in person, as a foreign key takes them; None where none acts."""
    return actor if actor.is_authenticated else None
