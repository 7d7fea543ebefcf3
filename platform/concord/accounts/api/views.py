"""The API of people: workspaces, memberships, invitations, tokens."""

from typing import Any

from django.db.models import F, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from concord.accounts.api.scope import IN_WORKSPACE, narrowed, workspace_named_in
from concord.accounts.api.serializers import (
    InvitationSerializer,
    MembershipSerializer,
    TokenSerializer,
    WorkspaceSerializer,
)
from concord.accounts.links import invitation_url
from concord.accounts.models import ApiToken, Invitation, Membership, Workspace
from concord.accounts.selectors.lookup import fetch, workspace_for
from concord.accounts.selectors.people import live_tokens
from concord.accounts.services import invitations, people, tokens, workspaces
from concord.accounts.states import Action

NAMED = {"workspace": serializers.CharField(help_text="the slug of the workspace")}


class WorkspaceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Workspace]):
    """Your workspaces."""

    serializer_class = WorkspaceSerializer
    lookup_field = "slug"
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[Workspace]:
        mine = Workspace.objects.filter(memberships__user=self.request.user.pk)
        return mine.annotate(role=F("memberships__role"))

    def create(self, request: Request) -> Response:
        """A new workspace that you own."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = workspaces.create_workspace(actor=request.user, name=serializer.validated_data["name"])  # type: ignore[arg-type]
        shown = self.get_serializer(self.get_queryset().get(pk=made.pk))
        return Response(shown.data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, slug: str) -> Response:
        """Another name; the slug stays."""
        workspace = workspace_for(user=request.user, slug=slug, to=Action.MANAGE)
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        workspaces.rename_workspace(
            actor=request.user,  # type: ignore[arg-type]
            workspace=workspace,
            name=serializer.validated_data["name"],
        )
        return Response(self.get_serializer(self.get_queryset().get(pk=workspace.pk)).data)


class MembershipViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Membership]):
    """Who is in your workspaces. Owners change roles and remove people; anyone may leave."""

    serializer_class = MembershipSerializer
    lookup_value_regex = r"\d+"
    http_method_names = ["get", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Membership]:
        seen: QuerySet[Membership] = Membership.objects.visible_to(self.request.user, Action.DESIGN)
        return seen.select_related("user", "workspace")

    @extend_schema(parameters=[IN_WORKSPACE])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(narrowed(self.get_queryset(), request, to=Action.DESIGN))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        found = fetch(Membership, user=request.user, pk=pk, to=Action.DESIGN)
        return Response(self.get_serializer(found).data)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Another role."""
        fetch(Membership, user=request.user, pk=pk, to=Action.MANAGE)
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        changed = people.change_role(
            actor=request.user,  # type: ignore[arg-type]
            membership_id=int(pk),
            role=serializer.validated_data["role"],
        )
        return Response(self.get_serializer(changed).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Take a member out, or leave oneself."""
        people.remove_member(actor=request.user, membership_id=int(pk))  # type: ignore[arg-type]
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Invitation]):
    """Invitations by link. The link is in the answer to the POST, and nowhere else."""

    serializer_class = InvitationSerializer
    lookup_value_regex = r"\d+"
    http_method_names = ["get", "post", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Invitation]:
        seen: QuerySet[Invitation] = Invitation.objects.visible_to(self.request.user, Action.DESIGN)
        return seen.select_related("workspace")

    @extend_schema(parameters=[IN_WORKSPACE])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(narrowed(self.get_queryset(), request, to=Action.DESIGN))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        found = fetch(Invitation, user=request.user, pk=pk, to=Action.DESIGN)
        return Response(self.get_serializer(found).data)

    def create(self, request: Request) -> Response:
        """A new link. Owners invite anyone, designers raters."""
        workspace = workspace_named_in(request)
        serializer = InvitationSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        issued = invitations.invite(actor=request.user, workspace=workspace, **serializer.arguments())  # type: ignore[arg-type]
        link = invitation_url(request._request, issued.secret)
        return Response(
            {**self.get_serializer(issued.invitation).data, "link": link}, status=status.HTTP_201_CREATED
        )

    def destroy(self, request: Request, pk: str) -> Response:
        """The link stops working."""
        invitations.revoke_invitation(actor=request.user, invitation_id=int(pk))  # type: ignore[arg-type]
        return Response(status=status.HTTP_204_NO_CONTENT)


class TokenViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[ApiToken]):
    """Your own API tokens. The secret is in the answer to the POST, and nowhere else."""

    serializer_class = TokenSerializer
    lookup_value_regex = r"\d+"
    http_method_names = ["get", "post", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[ApiToken]:
        return live_tokens(self.request.user)

    def create(self, request: Request) -> Response:
        serializer = TokenSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        issued = tokens.create_token(
            actor=request.user,  # type: ignore[arg-type]
            name=serializer.validated_data["name"],
            valid_for=serializer.valid_for(),
        )
        return Response(
            {**self.get_serializer(issued.token).data, "secret": issued.secret},
            status=status.HTTP_201_CREATED,
        )

    def destroy(self, request: Request, pk: str) -> Response:
        """The token stops working."""
        tokens.revoke_token(actor=request.user, token_id=int(pk))  # type: ignore[arg-type]
        return Response(status=status.HTTP_204_NO_CONTENT)
