"""The API of studies, units and ratings."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api.serializers import (
    ChangesSerializer,
    PlaceSerializer,
    PlanSerializer,
    ProgressSerializer,
    QualitySerializer,
    RatingSerializer,
    SeatSerializer,
    StudySerializer,
    UnitSerializer,
)
from annotation.api.tasks import TaskActions
from annotation.models import Rating, Study, StudyRater, Unit
from annotation.selectors.freshness import is_stale, newest_snapshot
from annotation.selectors.progress import study_progress
from annotation.services import studies
from annotation.services.joining import invite_raters, set_seat_active
from annotation.services.planning import plan_study
from annotation.services.snapshots import request_snapshot
from concord.accounts.api.scope import workspace_named_in
from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import fetch
from concord.accounts.states import Action
from concord.catalog.api.base import WorkspaceViewSet
from concord.catalog.models import Criterion, DatasetVersion
from concord.core.api.serializers import JobSerializer
from concord.core.errors import Invalid, Missing


class StudyViewSet(TaskActions, WorkspaceViewSet):
    """Studies: planned, opened, paused, closed; what their ratings say; and tasks for programmatic raters."""

    model = Study
    related = ("workspace", "version")
    serializer_class = StudySerializer
    filterset_fields = ("state", "kind")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().prefetch_related("systems", "study_criteria")

    @extend_schema(request=PlanSerializer, responses={201: StudySerializer})
    def create(self, request: Request) -> Response:
        """A draft with its units: one for each output of the systems, or pairs of them."""
        workspace = workspace_named_in(request)
        given = _valid(PlanSerializer(data=request.data))
        version = DatasetVersion.objects.filter(dataset__workspace=workspace, pk=given.pop("version")).first()
        if version is None:
            raise Invalid(
                "There is no such dataset version in this workspace.", code="unknown_version", field="version"
            )
        given |= {"version": version, "criteria": _criteria(workspace, given["criteria"])}
        made = plan_study(workspace=workspace, actor=request.user, system_ids=given.pop("systems"), **given)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ChangesSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Words and the wanted number, in any state."""
        changes = _valid(ChangesSerializer(data=request.data))
        changed = studies.change_study(actor=request.user, study=self.one(request, pk), **changes)
        return Response(self.get_serializer(changed).data)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def open(self, request: Request, pk: str) -> Response:
        """Let raters in (again)."""
        return self._moved(request, pk, studies.open_study)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Hand out no more tasks; what is on a screen may still be submitted."""
        return self._moved(request, pk, studies.pause_study)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Count no more ratings."""
        return self._moved(request, pk, studies.close_study)

    def _moved(self, request: Request, pk: str, move: Any) -> Response:
        moved = move(actor=request.user, study=self.one(request, pk))
        return Response(self.get_serializer(moved).data)

    @extend_schema(responses=ProgressSerializer)
    @action(detail=True, methods=["get"], filterset_fields=())
    def progress(self, request: Request, pk: str) -> Response:
        """How far it has come, live."""
        study = self.one(request, pk)
        return Response(ProgressSerializer(study_progress(study)).data)

    @extend_schema(responses=QualitySerializer)
    @action(detail=True, methods=["get"], filterset_fields=())
    def quality(self, request: Request, pk: str) -> Response:
        """Agreement, systems, raters: the newest figures. 404 while there are none."""
        study = self.one(request, pk, to=Action.REVIEW)
        snapshot = newest_snapshot(study)
        if snapshot is None:
            raise Missing("No figures were computed yet. POST to compute.", code="no_snapshot")
        snapshot.stale = is_stale(study, snapshot)  # type: ignore[attr-defined]
        return Response(QualitySerializer(snapshot).data)

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def compute(self, request: Request, pk: str) -> Response:
        """Have the figures computed in the background."""
        job = request_snapshot(actor=request.user, study=self.one(request, pk))
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


class UnitViewSet(WorkspaceViewSet):
    """Units: an output, or a pair of outputs, in a study. `?study=` narrows."""

    model = Unit
    related = ()
    reads = Action.REVIEW
    serializer_class = UnitSerializer
    filterset_fields = ("study", "example")
    http_method_names = ["get", "head", "options"]


class SeatViewSet(WorkspaceViewSet):
    """Raters' places in studies: how much each gave, and whether each may take tasks. `?study=` narrows."""

    model = StudyRater
    related = ("rater",)
    reads = Action.REVIEW
    serializer_class = SeatSerializer
    filterset_fields = ("study", "is_active")
    http_method_names = ["get", "post", "patch", "head", "options"]

    @extend_schema(request=PlaceSerializer, responses={201: SeatSerializer})
    def create(self, request: Request) -> Response:
        """Let a rater of the workspace into a study, without a link. Who is in already stays in."""
        workspace = workspace_named_in(request)
        given = _valid(PlaceSerializer(data=request.data))
        study = fetch(Study, user=request.user, pk=given["study"], to=Action.DESIGN, workspace=workspace)
        [seat] = invite_raters(actor=request.user, study=study, user_ids=[given["user"]])
        return Response(self.get_serializer(seat).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Stop a rater from taking tasks, or let them again. What was given stays."""
        seat, given = self.one(request, pk), _valid(SeatSerializer(data=request.data))
        changed = set_seat_active(actor=request.user, seat=seat, active=given["is_active"])
        return Response(self.get_serializer(changed).data)


class RatingViewSet(WorkspaceViewSet):
    """Ratings, superseded ones included: `?current=true&study=..&criterion=..` narrows."""

    model = Rating
    related = ("rater",)
    reads = Action.REVIEW
    serializer_class = RatingSerializer
    filterset_fields = ("study", "criterion", "unit", "current")
    http_method_names = ["get", "head", "options"]


def _valid(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _criteria(workspace: Workspace, ids: list[int]) -> list[Criterion]:
    """In the order given."""
    found = {one.pk: one for one in Criterion.objects.filter(workspace=workspace, pk__in=ids)}
    if missing := [pk for pk in ids if pk not in found]:
        raise Invalid(
            f"There is no criterion {missing[0]} in this workspace.",
            code="unknown_criterion",
            field="criteria",
        )
    return [found[pk] for pk in dict.fromkeys(ids)]
