"""One row for every move of every state machine."""

from django.conf import settings
from django.db import models


class StateChange(models.Model):
    """Who moved what from where to where, when and why; never edited."""

    model = models.CharField(max_length=80)
    object_id = models.BigIntegerField()
    before = models.CharField(max_length=40)
    after = models.CharField(max_length=40)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    why = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["model", "object_id", "id"], name="state_change_of_object")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}: {self.before} to {self.after}"
