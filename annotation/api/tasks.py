"""Tasks for programmatic raters: the same services as the rating page."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api.serializers import (
    AnswerSerializer,
    AskSerializer,
    KeySerializer,
    SubmittedSerializer,
    TaskSerializer,
)
from annotation.models import StudyRater
from annotation.services.assigning import next_task
from annotation.services.joining import seat_for
from annotation.services.submitting import read_answers, return_task, skip, submit, undo_last


class TaskActions:
    """Mixed into the view of studies. The person of the token is the rater."""

    @extend_schema(request=AskSerializer, responses={200: TaskSerializer, 204: None})
    @action(detail=True, methods=["post"], url_path="next")
    def next_task(self, request: Request, pk: str) -> Response:
        """The next task, held for this rater; asking again gives the same one. 204 where nothing is left."""
        seat, given = _seat(request, pk), _given(AskSerializer, request)
        task = next_task(seat=seat, ahead=given["ahead"])
        return Response(task.as_dict()) if task else Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=AnswerSerializer, responses=SubmittedSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Save the answers to a task. The same key twice is one rating."""
        seat, given = _seat(request, pk), _given(AnswerSerializer, request)
        given["answers"] = read_answers(given["answers"])
        return Response(SubmittedSerializer(submit(seat=seat, **given)).data)

    @extend_schema(request=KeySerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, pk: str) -> Response:
        """Put a task aside for good."""
        skip(seat=_seat(request, pk), **_given(KeySerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=KeySerializer, responses={204: None})
    @action(detail=True, methods=["post"], url_path="return")
    def hand_back(self, request: Request, pk: str) -> Response:
        """Hand a task back; it may come again."""
        return_task(seat=_seat(request, pk), **_given(KeySerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take the last answer back; it is the next task again."""
        return Response(undo_last(seat=_seat(request, pk)).as_dict())


def _seat(request: Request, pk: str) -> StudyRater:
    return seat_for(user=request.user, study_id=int(pk))


def _given(serializer: Any, request: Request) -> dict[str, Any]:
    read = serializer(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)
