"""The states of a study and of an assignment, and the moves they allow."""

from django.db import models


class StudyKind(models.TextChoices):
    SCALE = "scale", "scale: one output at a time"
    SIDE_BY_SIDE = "side_by_side", "side by side: two outputs at a time"


class StudyEntry(models.TextChoices):
    """Which raters a study lets in. Roles that may see its page and rate come in as well."""

    INVITED = "invited", "raters who are invited to it"
    WORKSPACE = "workspace", "every rater of the workspace"


class StudyState(models.TextChoices):
    DRAFT = "draft"
    LIVE = "live"
    PAUSED = "paused"
    CLOSED = "closed"


STUDY_MOVES: dict[str, frozenset[str]] = {
    StudyState.DRAFT: frozenset({StudyState.LIVE, StudyState.CLOSED}),
    StudyState.LIVE: frozenset({StudyState.PAUSED, StudyState.CLOSED}),
    StudyState.PAUSED: frozenset({StudyState.LIVE, StudyState.CLOSED}),
    StudyState.CLOSED: frozenset({StudyState.LIVE}),
}


class AssignmentState(models.TextChoices):
    LEASED = "leased", "on a rater's screen"
    SUBMITTED = "submitted", "answered"
    SKIPPED = "skipped", "put aside by the rater"
    EXPIRED = "expired", "not answered in time"
    RETURNED = "returned", "handed back unanswered"


A = AssignmentState
ASSIGNMENT_MOVES: dict[str, frozenset[str]] = {
    A.LEASED: frozenset({A.SUBMITTED, A.SKIPPED, A.EXPIRED, A.RETURNED}),
    A.SUBMITTED: frozenset({A.LEASED}),
    A.SKIPPED: frozenset(),
    A.EXPIRED: frozenset({A.LEASED, A.SUBMITTED, A.SKIPPED, A.RETURNED}),
    A.RETURNED: frozenset({A.LEASED, A.SUBMITTED, A.SKIPPED}),
}
