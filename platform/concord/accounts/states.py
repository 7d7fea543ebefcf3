"""Roles and what each may do. This is the only module in which a role is read."""

from collections.abc import Iterable

from django.db import models


class Role(models.TextChoices):
    OWNER = "owner"
    DESIGNER = "designer"
    REVIEWER = "reviewer"
    RATER = "rater"
    VIEWER = "viewer"


class Action(models.TextChoices):
    """What a page or an API call does to a workspace's things."""

    MANAGE = "manage", "manage people, tokens and secrets"
    DESIGN = "design", "make and change studies, runs, scorecards, imports"
    REVIEW = "review", "see individual ratings and adjudicate"
    READ = "read", "see systems, datasets, runs, studies and scorecards"
    RATE = "rate", "judge outputs in studies one is invited to"


ALLOWED: dict[str, frozenset[str]] = {
    Role.OWNER: frozenset(Action.values),
    Role.DESIGNER: frozenset({Action.DESIGN, Action.REVIEW, Action.READ, Action.RATE}),
    Role.REVIEWER: frozenset({Action.REVIEW, Action.READ, Action.RATE}),
    Role.RATER: frozenset({Action.RATE}),
    Role.VIEWER: frozenset({Action.READ}),
}

# For people who choose a role; the table above decides.
ROLE_MEANS: dict[str, str] = {
    Role.OWNER: "may do everything, and decides who is in the workspace",
    Role.DESIGNER: "plans studies and runs, imports data, invites raters",
    Role.REVIEWER: "sees single ratings, settles disputes, and rates",
    Role.RATER: "judges outputs in studies, and sees nothing else",
    Role.VIEWER: "reads scorecards, studies and runs",
}


def roles_for(action: str) -> list[str]:
    """The roles that may do `action`."""
    return [role for role, actions in ALLOWED.items() if action in actions]


def covers(role: str, other: str) -> bool:
    """Whether `role` may do everything that `other` may."""
    return ALLOWED[role] >= ALLOWED[other]


def lands_in_studies(roles: Iterable[str]) -> bool:
    """Whether someone with only these roles has nothing to see but the studies to rate in."""
    return all(Action.READ not in ALLOWED[role] for role in roles)
