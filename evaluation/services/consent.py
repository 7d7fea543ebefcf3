"""Consent to IP addresses inside the operator's network, under one URL: asked for by workers, granted by administrators."""

import ipaddress
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.core.actors import Actor, person_of
from concord.core.errors import Forbidden, Invalid
from concord.core.origins import BadAddress, origin_of
from concord.core.services import audit
from evaluation.models import EndpointConsent, Run
from evaluation.selectors.endpoints import called_by


def ask_consent(run: Run, ips: Iterable[str]) -> None:
    """Note that these addresses were not called, so that an administrator sees which they are."""
    EndpointConsent.objects.bulk_create(
        [
            EndpointConsent(workspace_id=run.workspace_id, base_url=called_by(run), ip=ip)
            for ip in sorted(set(ips))
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def allow_private_endpoint(*, actor: Actor, run: Run, ips: Sequence[str] = ()) -> list[str]:
    """An administrator of the installation, not of a workspace, lets the URL of this run lead to these addresses.

    Only to what was asked for, or is the URL's host itself: a name may lead elsewhere a moment later. Without `ips`, to the
    URL's host. Returns what was granted. Raises `Invalid` for an address that nobody asked for.
    """
    require(actor=actor, workspace=run.workspace, to=Action.READ)
    _require_administrator(actor)
    url = called_by(run)
    if not url:
        raise Invalid("Only a run on an endpoint needs this.", code="no_endpoint", field="run")
    own = _own_ip(url)
    chosen = sorted({_ip(ip) for ip in ips} or ({own} if own else set()))
    if not chosen:
        raise Invalid("Say which address may be called.", code="no_address", field="ips")
    if own in chosen:
        ask_consent(run, [own])
    asked = EndpointConsent.objects.select_for_update().filter(
        workspace_id=run.workspace_id, base_url=url, ip__in=chosen
    )
    if missing := sorted(set(chosen) - {_ip(row.ip) for row in asked}):
        raise Invalid(f"No run was led to {', '.join(missing)}.", code="not_asked", field="ips")
    asked.filter(granted_at=None).update(granted_at=timezone.now(), granted_by=person_of(actor))
    audit.record(
        actor=actor, verb="endpoint.allowed", workspace_id=run.workspace_id, obj=run, base_url=url, ips=chosen
    )
    return chosen


@transaction.atomic
def withdraw_consent(*, actor: Actor, run: Run) -> int:
    """Allow none of the private addresses of this run's URL any more; returns how many had been allowed."""
    require(actor=actor, workspace=run.workspace, to=Action.READ)
    _require_administrator(actor)
    rows = EndpointConsent.objects.filter(
        workspace_id=run.workspace_id, base_url=called_by(run), granted_at__isnull=False
    )
    ips = sorted(rows.values_list("ip", flat=True))
    rows.update(granted_at=None, granted_by=None)
    audit.record(
        actor=actor,
        verb="endpoint.refused",
        workspace_id=run.workspace_id,
        obj=run,
        base_url=called_by(run),
        ips=ips,
    )
    return len(ips)


def _require_administrator(actor: Actor) -> None:
    if not getattr(actor, "is_staff", False):
        raise Forbidden(
            "Only an administrator of this installation may allow a private address.",
            code="not_administrator",
        )


def _ip(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise Invalid(f"{text!r:.60} is no IP address.", code="bad_address", field="ips") from error


def _own_ip(url: str) -> str:
    """The IP address that the URL itself names, "" where it names a host."""
    try:
        return str(ipaddress.ip_address(origin_of(url).host))
    except (BadAddress, ValueError):
        return ""
