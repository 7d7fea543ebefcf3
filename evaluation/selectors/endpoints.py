"""Which endpoint a run calls, and which addresses inside the network it may reach there."""

from typing import Any

from django.conf import settings

from concord.catalog.states import SystemKind
from evaluation.models import EndpointConsent, Run


def called_by(run: Run) -> str:
    """The URL that the run froze when it was planned, whatever its system's is today; "" where it calls none."""
    frozen: dict[str, Any] = run.settings["system"]
    return str(frozen["config"].get("base_url") or "") if frozen["kind"] == SystemKind.OPENAI else ""


def may_reach_all() -> bool:
    """By the operator's setting, for every workspace and every address."""
    return bool(settings.ALLOW_PRIVATE_ENDPOINTS)


def consents_of(run: Run) -> list[EndpointConsent]:
    """What was asked for or granted for exactly the URL that this run calls, by address."""
    if not called_by(run):
        return []
    rows = EndpointConsent.objects.filter(workspace_id=run.workspace_id, base_url=called_by(run))
    return list(rows.select_related("granted_by").order_by("ip"))


def allowed_ips(run: Run) -> frozenset[str]:
    return frozenset(row.ip for row in consents_of(run) if row.granted_at is not None)


def asked_ips(run: Run) -> list[str]:
    """Addresses that a run was led to and that nobody has allowed."""
    if may_reach_all():
        return []
    return [row.ip for row in consents_of(run) if row.granted_at is None]
