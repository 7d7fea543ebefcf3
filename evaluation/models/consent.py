"""An administrator's word that an endpoint inside the operator's network may be called."""

from django.conf import settings
from django.db import models

from concord.accounts.models import WorkspaceOwned


class EndpointConsent(WorkspaceOwned):
    """One IP address that exactly this base URL led to when a run called it.

    Asked for by the worker that was not let through; granted by an administrator. A URL that is edited, or a name that leads
    elsewhere, needs a new one.
    """

    base_url = models.CharField(max_length=500)
    ip = models.GenericIPAddressField()
    asked_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    granted_at = models.DateTimeField(null=True, help_text="null: asked for, and not granted")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "base_url", "ip"], name="endpoint_consent_once")
        ]

    def __str__(self) -> str:
        return f"{self.base_url} at {self.ip}"
