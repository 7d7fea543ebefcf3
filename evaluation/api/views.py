"""The API of the automatic side. Views translate; services decide."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from concord.accounts.api.scope import IN_WORKSPACE, narrowed, workspace_named_in
from concord.accounts.selectors.lookup import fetch
from concord.accounts.states import Action
from concord.catalog.models import DatasetVersion, System
from concord.core.errors import Invalid
from evaluation.api.serializers import (
    AllowedSerializer,
    BenchmarkSerializer,
    BindingSerializer,
    EndpointSerializer,
    FailureSerializer,
    NewRunSerializer,
    RunAnswerSerializer,
    RunSerializer,
    ScorerSerializer,
    SecretSerializer,
    summary_body,
)
from evaluation.models import Benchmark, Run, Scorer, Secret
from evaluation.selectors.answers import SHOWN, answers_of
from evaluation.selectors.endpoints import asked_ips, called_by, consents_of
from evaluation.selectors.pages import failures_of
from evaluation.selectors.progress import progress_of
from evaluation.selectors.summary import summary
from evaluation.services import control
from evaluation.services.benchmarks import create_benchmark, delete_benchmark
from evaluation.services.consent import allow_private_endpoint, withdraw_consent
from evaluation.services.planning import plan_run
from evaluation.services.secrets import add_secret, bind_secret, delete_secret


class InWorkspace(GenericViewSet[Any]):
    """Lists are of all your workspaces, or of `?workspace=`; a new thing names its workspace in the body."""

    lookup_value_regex = r"\d+"
    needs = Action.READ

    def rows(self) -> QuerySet[Any]:
        return self.get_queryset().visible_to(self.request.user, self.needs)  # type: ignore[attr-defined, no-any-return]

    @extend_schema(parameters=[IN_WORKSPACE])
    def list(self, request: Request) -> Response:
        return self.listed(self.get_serializer_class(), narrowed(self.rows(), request, to=self.needs))

    def listed(self, serializer: Any, rows: QuerySet[Any]) -> Response:
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(
            serializer(page, many=True, context=self.get_serializer_context()).data
        )

    def found(self, to: str = Action.READ) -> Any:
        return fetch(self.get_queryset().model, user=self.request.user, pk=self.kwargs["pk"], to=to)

    def valid(self, serializer: Any = None) -> dict[str, Any]:
        made = (serializer or self.get_serializer)(data=self.request.data)
        made.is_valid(raise_exception=True)
        return dict(made.validated_data)


class BenchmarkViewSet(InWorkspace):
    serializer_class = BenchmarkSerializer
    queryset = Benchmark.objects.all()

    def create(self, request: Request) -> Response:
        workspace = workspace_named_in(request)
        given = self.valid()
        version = fetch(
            DatasetVersion, user=request.user, pk=given.pop("version_id"), dataset__workspace=workspace
        )
        made = create_benchmark(actor=request.user, workspace=workspace, version=version, **given)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(self.get_serializer(self.found()).data)

    def destroy(self, request: Request, pk: str) -> Response:
        delete_benchmark(actor=request.user, benchmark=self.found())
        return Response(status=status.HTTP_204_NO_CONTENT)


class RunViewSet(InWorkspace):
    serializer_class = RunSerializer
    queryset = Run.objects.select_related("benchmark", "system")

    def listed(self, serializer: Any, rows: QuerySet[Any]) -> Response:
        """With the progress of all runs of the page asked for at once."""
        if serializer is not RunSerializer:
            return super().listed(serializer, rows)
        page: list[Run] = self.paginate_queryset(rows) or []
        now = {run.pk: each for run, each in zip(page, progress_of(page), strict=True)}
        context = {**self.get_serializer_context(), "progress": now}
        return self.get_paginated_response(RunSerializer(page, many=True, context=context).data)

    @extend_schema(request=NewRunSerializer)
    @transaction.atomic
    def create(self, request: Request) -> Response:
        workspace = workspace_named_in(request)
        given = self.valid(NewRunSerializer)
        benchmark = fetch(Benchmark, user=request.user, pk=given["benchmark"], workspace=workspace)
        system = fetch(System, user=request.user, pk=given["system"], workspace=workspace)
        made = plan_run(actor=request.user, benchmark=benchmark, system=system, options=given["options"])
        if given["start"]:
            control.start(actor=request.user, run=made)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(self.get_serializer(self.found()).data)

    @extend_schema(responses={200: dict})
    @action(detail=True)
    def results(self, request: Request, pk: str) -> Response:
        return Response(summary_body(summary(self.found())))

    @extend_schema(responses=RunAnswerSerializer(many=True))
    @action(detail=True)
    def outputs(self, request: Request, pk: str) -> Response:
        run, shown = self.found(), request.query_params.get("show", "all")
        if shown not in SHOWN:
            raise Invalid(f"show is one of {', '.join(SHOWN)}.", code="bad_filter", field="show")
        return self.listed(RunAnswerSerializer, answers_of(run, shown=shown))

    @extend_schema(responses=FailureSerializer(many=True))
    @action(detail=True)
    def failures(self, request: Request, pk: str) -> Response:
        return self.listed(FailureSerializer, failures_of(self.found()))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        return self._moved(control.start)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        return self._moved(control.pause)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        return self._moved(control.resume)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        return self._moved(control.cancel)

    @extend_schema(responses=EndpointSerializer)
    @action(detail=True)
    def endpoint(self, request: Request, pk: str) -> Response:
        return self._endpoint(self.found())

    @extend_schema(request=AllowedSerializer, responses=EndpointSerializer)
    @endpoint.mapping.post
    def allow_endpoint(self, request: Request, pk: str) -> Response:
        """Only for administrators of the installation."""
        run = self.found()
        allow_private_endpoint(actor=request.user, run=run, **self.valid(AllowedSerializer))
        return self._endpoint(run)

    @extend_schema(request=None, responses=EndpointSerializer)
    @endpoint.mapping.delete
    def refuse_endpoint(self, request: Request, pk: str) -> Response:
        """Only for administrators of the installation."""
        run = self.found()
        withdraw_consent(actor=request.user, run=run)
        return self._endpoint(run)

    def _endpoint(self, run: Run) -> Response:
        told = consents_of(run) if getattr(self.request.user, "is_staff", False) else []
        body = {"base_url": called_by(run), "awaits_consent": bool(asked_ips(run)), "private": told}
        return Response(EndpointSerializer(body).data)

    def _moved(self, service: Any) -> Response:
        return Response(self.get_serializer(service(actor=self.request.user, run=self.found())).data)


class ScorerViewSet(InWorkspace):
    serializer_class = ScorerSerializer
    queryset = Scorer.objects.all()

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(self.get_serializer(self.found()).data)


class SecretViewSet(InWorkspace):
    serializer_class = SecretSerializer
    queryset = Secret.objects.defer("ciphertext")
    needs = Action.MANAGE

    def create(self, request: Request) -> Response:
        workspace = workspace_named_in(request, to=Action.MANAGE)
        made = add_secret(actor=request.user, workspace=workspace, **self.valid())
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=BindingSerializer)
    @action(detail=True, methods=["post"])
    def bind(self, request: Request, pk: str) -> Response:
        made = bind_secret(actor=request.user, secret=self.found(), **self.valid(BindingSerializer))
        return Response(self.get_serializer(made).data)

    def destroy(self, request: Request, pk: str) -> Response:
        delete_secret(actor=request.user, secret=self.found())
        return Response(status=status.HTTP_204_NO_CONTENT)
