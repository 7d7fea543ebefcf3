"""Keys of endpoints, encrypted at rest; never part of a result, a page or an export."""

from django.db import models

from concord.accounts.models import WorkspaceOwned


class Secret(WorkspaceOwned):
    """`ciphertext` is Fernet under a key derived from SECRET_KEY (see `evaluation.services.secrets`)."""

    name = models.CharField(max_length=80)
    address = models.CharField(
        max_length=300,
        blank=True,
        default="",
        help_text="scheme, host and port that the key may be sent to; empty: nowhere, until an owner binds it",
    )
    ciphertext = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="secret_name")]

    def __str__(self) -> str:
        return self.name
