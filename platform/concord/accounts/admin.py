"""The tables in the administrators' back office. People are locked out there, never deleted: their ratings stay theirs."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from concord.accounts.models import ApiToken, Invitation, Membership, User, Workspace
from concord.core.services.audit import record

# The back office has no sign-in of its own: one page, throttled.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class Kept:
    """Rows that are changed by services, or not at all."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Told:
    """What is changed here changes who may do what, so it is in the audit log like what services do."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)  # type: ignore[misc]
        self._note(request, obj, "changed" if change else "created", parts=list(form.changed_data))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._note(request, obj, "deleted")
        super().delete_model(request, obj)  # type: ignore[misc]

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def _note(self, request: HttpRequest, obj: Any, what: str, **details: Any) -> None:
        workspace_id = obj.pk if isinstance(obj, Workspace) else getattr(obj, "workspace_id", None)
        verb = f"{obj._meta.verbose_name}.{what}"
        record(
            actor=request.user, verb=verb, workspace_id=workspace_id, obj=obj, where="back office", **details
        )


@admin.register(User)
class PersonAdmin(Told, UserAdmin[User]):
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "is_simulated", "last_login")
    list_filter = ("is_active", "is_staff", "is_simulated")
    search_fields = ("email", "name")
    readonly_fields = ("joined_at", "last_login")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("May sign in", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("About", {"fields": ("is_simulated", "preferences", "joined_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Workspace)
class WorkspaceAdmin(Told, admin.ModelAdmin[Workspace]):
    list_display = ("name", "slug", "created_at")
    search_fields = ("name", "slug")


@admin.register(Membership)
class MembershipAdmin(Told, admin.ModelAdmin[Membership]):
    list_display = ("user", "workspace", "role", "created_at")
    list_filter = ("role",)
    search_fields = ("user__email", "workspace__name")
    autocomplete_fields = ("user", "workspace")
    list_select_related = ("user", "workspace")


@admin.register(Invitation)
class InvitationAdmin(Kept, admin.ModelAdmin[Invitation]):
    list_display = ("workspace", "role", "email", "uses_left", "expires_at", "revoked_at", "created_by")
    list_select_related = ("workspace", "created_by")
    exclude = ("secret_digest",)


@admin.register(ApiToken)
class ApiTokenAdmin(Kept, admin.ModelAdmin[ApiToken]):
    list_display = ("prefix", "name", "user", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    exclude = ("secret_digest",)
