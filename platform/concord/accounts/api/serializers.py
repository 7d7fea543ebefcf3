"""How people and their things look in the API. What a write means is decided by services."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from concord.accounts.models import ApiToken, Invitation, Membership, Workspace
from concord.accounts.services.invitations import MOST_USES
from concord.accounts.states import Role

MOST_ID = 2**63 - 1  # of a bigint


class WorkspaceSerializer(serializers.ModelSerializer[Workspace]):
    role = serializers.SerializerMethodField(help_text="yours in this workspace")

    class Meta:
        model = Workspace
        fields = ("slug", "name", "role", "created_at")
        read_only_fields = ("slug", "created_at")

    def get_role(self, workspace: Any) -> str:
        """Annotated by the view's query."""
        return str(workspace.role)


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    email = serializers.EmailField()
    name = serializers.CharField()
    is_simulated = serializers.BooleanField()


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    workspace = serializers.SlugRelatedField[Workspace](slug_field="slug", read_only=True)
    person = PersonSerializer(source="user", read_only=True)

    class Meta:
        model = Membership
        fields = ("id", "workspace", "person", "role", "created_at")
        read_only_fields = ("created_at",)


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """`days` is how long the link works; `link` is in the answer to the POST, and nowhere else."""

    workspace = serializers.SlugRelatedField[Workspace](slug_field="slug", read_only=True)
    uses = serializers.IntegerField(min_value=1, max_value=MOST_USES, default=1, write_only=True)
    days = serializers.IntegerField(min_value=1, max_value=365, default=14, write_only=True)
    role = serializers.ChoiceField(choices=Role.choices, default=Role.RATER)
    study_id = serializers.IntegerField(
        min_value=1, max_value=MOST_ID, required=False, allow_null=True, help_text="where a rater lands"
    )

    class Meta:
        model = Invitation
        fields = (
            "id",
            "workspace",
            "role",
            "email",
            "study_id",
            "uses",
            "days",
            "uses_left",
            "expires_at",
            "revoked_at",
            "created_at",
        )
        read_only_fields = ("uses_left", "expires_at", "revoked_at", "created_at")

    def arguments(self) -> dict[str, Any]:
        """What `invite` takes."""
        given: dict[str, Any] = dict(self.validated_data)
        return {"valid_for": timedelta(days=given.pop("days")), **given}


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """`days` null means until it is revoked; `secret` is in the answer to the POST, and nowhere else."""

    days = serializers.IntegerField(min_value=1, max_value=730, default=90, allow_null=True, write_only=True)

    class Meta:
        model = ApiToken
        fields = ("id", "name", "prefix", "days", "created_at", "expires_at", "last_used_at", "revoked_at")
        read_only_fields = ("prefix", "created_at", "expires_at", "last_used_at", "revoked_at")

    def valid_for(self) -> timedelta | None:
        """What `create_token` takes."""
        days = self.validated_data["days"]
        return None if days is None else timedelta(days=days)
