"""Whether an endpoint inside the operator's network may be called."""

from django.conf import settings
from django.db import transaction

from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.catalog.models import System
from concord.catalog.states import SystemKind
from concord.core.actors import Actor, person_of
from concord.core.errors import Forbidden, Invalid
from concord.core.services import audit
from evaluation.models import EndpointConsent


def may_reach_private(system: System) -> bool:
    """By the operator's setting, or an administrator's consent to exactly this URL."""
    if settings.ALLOW_PRIVATE_ENDPOINTS:
        return True
    url = str(system.config.get("base_url") or "")
    return bool(url) and EndpointConsent.objects.filter(system=system, base_url=url).exists()


@transaction.atomic
def allow_private_endpoint(*, actor: Actor, system: System) -> EndpointConsent:
    """An administrator of the installation, not of a workspace, lets this system's URL be called."""
    require(actor=actor, workspace=system.workspace, to=Action.READ)
    if not getattr(actor, "is_staff", False):
        raise Forbidden(
            "Only an administrator of this installation may allow a private address.",
            code="not_administrator",
        )
    if system.kind != SystemKind.OPENAI or not system.config.get("base_url"):
        raise Invalid("Only a system that is an endpoint needs this.", code="no_endpoint", field="system")
    url = str(system.config["base_url"])[:500]
    consent, _ = EndpointConsent.objects.update_or_create(
        system=system, defaults={"base_url": url, "granted_by": person_of(actor)}
    )
    audit.record(
        actor=actor, verb="endpoint.allowed", workspace_id=system.workspace_id, obj=system, base_url=url
    )
    return consent
