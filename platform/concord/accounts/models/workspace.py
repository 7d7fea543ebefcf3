"""Workspaces, who belongs to them, and the one way to look up what lies in them."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models

from concord.accounts.states import Action, Role, roles_for
from concord.core.actors import Installation


class Workspace(models.Model):
    """The wall between teams: everything belongs to one workspace, and workspaces never see each other."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class WorkspaceQuerySet(models.QuerySet[Any]):
    """Lookup and permission in one call."""

    workspace_path: ClassVar[str] = "workspace"

    def visible_to(self, user: Any, to: str = Action.READ) -> Self:
        """Rows of the workspaces in which `user` may do `to`; nothing for anonymous people, all for the installation."""
        if isinstance(user, Installation):
            return self.all()
        if not getattr(user, "is_authenticated", False):
            return self.none()
        spaces = Membership.objects.filter(user=user, role__in=roles_for(to)).values("workspace_id")
        return self.filter(**{f"{self.workspace_path}__in": spaces})


class Membership(models.Model):
    """One person's role in one workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} is {self.role} in {self.workspace_id}"


class WorkspaceOwned(models.Model):
    """Base of whatever belongs directly to a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")

    objects: ClassVar[Any] = WorkspaceQuerySet.as_manager()

    class Meta:
        abstract = True
