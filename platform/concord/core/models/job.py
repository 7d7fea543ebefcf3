"""Background work as rows: the broker only carries the news of them."""

from django.db import models
from django.utils import timezone


class Job(models.Model):
    """One call of a registered task with ids as arguments.

    PostgreSQL is the truth: a job is due until it is finished, and a periodic sweep sends again what no worker holds.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    name = models.CharField(max_length=120)
    arguments = models.JSONField(default=dict)
    key = models.CharField(max_length=200, blank=True, help_text="at most one live job per key")
    workspace_id = models.BigIntegerField(
        null=True, db_index=True, help_text="whose people may see its progress"
    )
    queue = models.CharField(max_length=40, default="default")
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    done = models.BigIntegerField(default=0, help_text="units of progress finished")
    total = models.BigIntegerField(default=0, help_text="units of progress in all; 0 while unknown")
    message = models.TextField(blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=models.Q(state__in=["queued", "running"]) & ~models.Q(key=""),
                name="job_one_live_per_key",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state__in=["queued", "running"]), name="job_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"
