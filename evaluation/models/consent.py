"""An administrator's word that an endpoint inside the operator's network may be called."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from concord.accounts.models import WorkspaceQuerySet
from concord.catalog.models import System


class ConsentQuerySet(WorkspaceQuerySet):
    workspace_path = "system__workspace"


class EndpointConsent(models.Model):
    """Holds for one system and exactly this base URL: whoever edits the URL afterwards needs a new consent."""

    system = models.OneToOneField(System, on_delete=models.CASCADE, related_name="endpoint_consent")
    base_url = models.CharField(max_length=500)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    granted_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[ConsentQuerySet] = ConsentQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.base_url
