"""Which studies a workspace has: asked here, answered by the human side, which stands above this app."""

from collections.abc import Callable

Finder = Callable[[int, int], bool]
_finders: list[Finder] = []


def finds_studies(finder: Finder) -> Finder:
    """Register (as a decorator) who knows whether the workspace with this id has the study with this id."""
    _finders.append(finder)
    return finder


def has_study(workspace_id: int, study_id: int) -> bool:
    """Whether the workspace has it; no workspace has any where the human side is not installed."""
    return any(finder(workspace_id, study_id) for finder in _finders)
