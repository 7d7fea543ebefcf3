"""How raters get into a study."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from annotation.models import Rater, Study, StudyRater
from annotation.selectors.entry import may_enter, raters_to_invite
from annotation.selectors.hot import first_row
from annotation.states import StudyState
from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import fetch, require
from concord.accounts.states import Action, roles_for
from concord.core.actors import Actor
from concord.core.errors import Conflict, Forbidden, Invalid
from concord.core.services import audit


def seat_for(*, user: Any, study_id: int) -> StudyRater:
    """This person's place in the study; on a first visit it is made for whom the study lets in.

    Raises `Missing` to strangers, `Forbidden` where the role may not rate, nobody invited this rater, or the seat was closed,
    `Conflict` for a draft.
    """
    seat = _taken_seat(user=user, study_id=study_id) if user.is_authenticated else None
    if seat is None:
        study = fetch(Study, user=user, pk=study_id, to=Action.RATE)
        if not may_enter(user=user, study=study):
            raise Forbidden(
                "You were not invited to this study. Ask whoever leads it for a link.", code="not_invited"
            )
        if study.state == StudyState.DRAFT:
            raise Conflict("This study has not been opened yet.", code="study_draft")
        seat = seat_rater(study=study, rater=_rater_of(user=user, workspace=study.workspace))
    if not seat.is_active:
        raise Forbidden("Your place in this study was closed. Ask whoever invited you.", code="seat_closed")
    return seat


# The seat with its study and rater, if the person still may rate there. The ORM takes ten times as long to write it.
SEAT_COLUMNS = (
    "id",
    "study_id",
    "rater_id",
    "cursor",
    "given",
    "active_seconds",
    "is_active",
    "joined_at",
    "last_seen_at",
)
STUDY_COLUMNS = (
    "id", "workspace_id", "name", "kind", "version_id", "instructions", "wanted", "lease_seconds", "show_prompt",
    "show_reference", "seed", "state", "is_simulated", "units_count",
)  # fmt: skip
RATER_COLUMNS = ("id", "workspace_id", "user_id", "name", "is_simulated")
TAKEN = (
    "SELECT "
    + ", ".join(
        [f"p.{one}" for one in SEAT_COLUMNS]
        + [f"s.{one}" for one in STUDY_COLUMNS]
        + [f"r.{one}" for one in RATER_COLUMNS]
    )
    + " FROM annotation_rater r JOIN annotation_studyrater p ON p.rater_id = r.id JOIN annotation_study s ON s.id = p.study_id "
    "JOIN accounts_membership m ON m.workspace_id = s.workspace_id AND m.user_id = r.user_id AND m.role = ANY(%(roles)s) "
    "WHERE r.user_id = %(user)s AND s.id = %(study)s"
)


def _taken_seat(*, user: Any, study_id: int) -> StudyRater | None:
    row = first_row(TAKEN, {"roles": roles_for(Action.RATE), "user": user.pk, "study": study_id})
    if row is None:
        return None
    at, to = len(SEAT_COLUMNS), len(SEAT_COLUMNS) + len(STUDY_COLUMNS)
    seat = StudyRater.from_db("default", SEAT_COLUMNS, row[:at])
    seat.study = Study.from_db("default", STUDY_COLUMNS, row[at:to])
    seat.rater = Rater.from_db("default", RATER_COLUMNS, row[to:])
    return seat


def seat_rater(*, study: Study, rater: Rater) -> StudyRater:
    """The rater's place in the study; the same one each time."""
    if study.workspace_id != rater.workspace_id:
        raise Conflict("This rater belongs to another workspace.", code="other_workspace")
    seat, _ = StudyRater.objects.select_related("study", "rater").get_or_create(study=study, rater=rater)
    return seat  # type: ignore[no-any-return]


@transaction.atomic
def invite_raters(*, actor: Actor, study: Study, user_ids: Sequence[int]) -> list[StudyRater]:
    """Let raters of the workspace into the study, without a link: all of them, or none. Who is in already stays in.

    Raises `Invalid` (code `not_a_rater`) where one of these people does not rate in the workspace.
    """
    require(actor=actor, workspace=study.workspace, to=Action.DESIGN)
    people = {user.pk: user for user in raters_to_invite(study.workspace).filter(pk__in=user_ids)}
    if missing := [pk for pk in user_ids if pk not in people]:
        raise Invalid(f"There is no rater {missing[0]} in this workspace.", code="not_a_rater", field="user")
    seats = []
    for user in people.values():
        seat = seat_rater(study=study, rater=_rater_of(user=user, workspace=study.workspace))
        audit.record(
            actor=actor,
            verb="seat.given",
            workspace_id=study.workspace_id,
            obj=seat,
            rater=seat.rater_id,
        )
        seats.append(seat)
    return seats


def give_place(user: Any, study_id: int) -> None:
    """For an invitation that was accepted: it was for this study."""
    study = Study.objects.select_related("workspace").get(pk=study_id)
    seat_rater(study=study, rater=_rater_of(user=user, workspace=study.workspace))


@transaction.atomic
def set_seat_active(*, actor: Actor, seat: StudyRater, active: bool) -> StudyRater:
    """Let a rater take tasks, or stop that. What was given stays."""
    workspace = seat.study.workspace
    require(actor=actor, workspace=workspace, to=Action.DESIGN)
    StudyRater.objects.filter(pk=seat.pk).update(is_active=active)
    seat.is_active = active
    verb = "seat.opened" if active else "seat.closed"
    audit.record(actor=actor, verb=verb, workspace_id=workspace.pk, obj=seat, rater=seat.rater_id)
    return seat


def rater_named(*, workspace: Workspace, name: str, user: Any = None, is_simulated: bool = False) -> Rater:
    """The rater of this name in the workspace, made where there is none."""
    rater, _ = Rater.objects.get_or_create(
        workspace=workspace, name=name[:160], defaults={"user": user, "is_simulated": is_simulated}
    )
    return rater


def _rater_of(*, user: Any, workspace: Workspace) -> Rater:
    """The rater behind a user. Its name is a pseudonym: reviewers see it, and raters never see each other's."""
    found = Rater.objects.filter(workspace=workspace, user=user).first()
    if found is not None:
        return found  # type: ignore[no-any-return]
    name = f"{user.get_short_name()[:140]} ({user.pk})"
    try:
        with transaction.atomic():
            return Rater.objects.create(
                workspace=workspace, user=user, name=name, is_simulated=user.is_simulated
            )
    except IntegrityError:  # another tab of the same person was quicker
        return Rater.objects.get(workspace=workspace, user=user)
