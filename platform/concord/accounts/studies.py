"""What this app asks about studies: answered by the human side, which stands above it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Studies:
    """Who knows the studies of workspaces. People and studies come by id, so that nothing is loaded to ask."""

    has: Callable[[int, int], bool]
    """Whether the workspace with this id has the study with this id."""
    lets_in: Callable[[Any, int], bool]
    """Whether this person may already enter the study."""
    give_place: Callable[[Any, int], None]
    """Let this person, who was invited, into the study."""


_known: list[Studies] = []


def register_studies(studies: Studies) -> None:
    """Called when the human side is ready."""
    _known.append(studies)


def has_study(workspace_id: int, study_id: int) -> bool:
    """Whether the workspace has it; no workspace has any where the human side is not installed."""
    return any(one.has(workspace_id, study_id) for one in _known)


def is_let_in(user: Any, study_id: int) -> bool:
    """Whether this person may enter the study without another invitation."""
    return any(one.lets_in(user, study_id) for one in _known)


def give_place(user: Any, study_id: int) -> None:
    """Let this person, who was invited, into the study."""
    for one in _known:
        one.give_place(user, study_id)
