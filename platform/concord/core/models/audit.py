"""What people did that others may have to answer for."""

from django.conf import settings
from django.db import models


class AuditEvent(models.Model):
    """An append-only note: a verb, the object, and what mattered. Written by `concord.core.services.audit.record`."""

    workspace_id = models.BigIntegerField(null=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    part = models.CharField(
        max_length=60, blank=True, help_text="which part of the installation acted, where no person did"
    )
    verb = models.CharField(max_length=60)
    model = models.CharField(max_length=80, blank=True)
    object_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["model", "object_id", "id"], name="audit_of_object")]

    def __str__(self) -> str:
        return f"{self.verb} {self.model} {self.object_id}"
