"""Files by content: the same bytes are kept once."""

from django.db import models


class StoredFile(models.Model):
    """A file in the default storage under its SHA-256; `name` is what the person called it."""

    workspace_id = models.BigIntegerField(db_index=True)
    digest = models.CharField(max_length=64)
    size = models.BigIntegerField(help_text="bytes")
    media_type = models.CharField(max_length=120)
    name = models.CharField(max_length=255)
    path = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace_id", "digest", "name"], name="stored_file_once")
        ]

    def __str__(self) -> str:
        return self.name
