"""Whom a study lets in."""

from typing import Any

from django.db.models import QuerySet

from annotation.models import Study, StudyRater
from annotation.states import StudyEntry
from concord.accounts.models import User, Workspace
from concord.accounts.selectors.lookup import may
from concord.accounts.selectors.people import people_who
from concord.accounts.states import Action


def may_enter(*, user: Any, study: Study) -> bool:
    """Whether a person who may rate in the workspace may take tasks of this study.

    Who has a place may, and who sees the study's page anyway; others only where it is open to every rater.
    """
    return (
        study.entry == StudyEntry.WORKSPACE
        or StudyRater.objects.filter(study=study, rater__user=user).exists()
        or may(user=user, workspace=study.workspace, to=Action.READ)
    )


def enters(user: Any, study_id: int) -> bool:
    """`may_enter` for people who may not rate in the workspace yet: then no."""
    study = (
        Study.objects.visible_to(user, Action.RATE).select_related("workspace").filter(pk=study_id).first()
    )
    return study is not None and may_enter(user=user, study=study)


def study_is_of(workspace_id: int, study_id: int) -> bool:
    """Whether an invitation into this workspace may lead to this study."""
    return Study.objects.filter(pk=study_id, workspace_id=workspace_id).exists()


def raters_to_invite(workspace: Workspace) -> QuerySet[User]:
    """Members who rate and see no study's page: they enter where they were invited."""
    return people_who(workspace, Action.RATE).exclude(pk__in=people_who(workspace, Action.READ).values("pk"))


def not_invited(study: Study) -> QuerySet[User]:
    """Raters of the workspace who have no place in the study, by name."""
    placed = StudyRater.objects.filter(study=study, rater__user__isnull=False).values("rater__user")
    return raters_to_invite(study.workspace).exclude(pk__in=placed).order_by("name", "email")
