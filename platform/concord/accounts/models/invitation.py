"""An invitation by link."""

from django.conf import settings
from django.db import models

from concord.accounts.models.workspace import WorkspaceOwned
from concord.accounts.states import Role


class Invitation(WorkspaceOwned):
    """Whoever opens the link joins with this role. The link's secret is shown once and stored hashed."""

    role = models.CharField(max_length=10, choices=Role.choices)
    email = models.EmailField(blank=True, help_text="where given, only this address may use it")
    secret_digest = models.CharField(max_length=64, unique=True)
    uses_left = models.PositiveIntegerField(default=1)
    expires_at = models.DateTimeField()
    study_id = models.BigIntegerField(
        null=True, help_text="the study a rater lands in; looked up by the human side"
    )
    revoked_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"invitation as {self.role}"
