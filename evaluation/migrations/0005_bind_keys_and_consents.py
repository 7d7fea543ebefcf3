"""A key belongs to a scheme, host and port, and a consent to the IP address that was reached.

Keys are bound to the address of the systems that use them where that is one and only one; the others are sent nowhere until an
owner binds them. A consent stays where its URL names an IP address; a name may lead elsewhere today, so it is asked for anew.
"""

import ipaddress
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from concord.core.origins import BadAddress, origin_of


def bind_keys(apps: Any, schema_editor: Any) -> None:
    secret, system = apps.get_model("evaluation", "Secret"), apps.get_model("catalog", "System")
    for key in secret.objects.all():
        users = system.objects.filter(
            workspace_id=key.workspace_id, kind="openai", config__key_secret=key.name
        )
        found = {_address(config.get("base_url")) for config in users.values_list("config", flat=True)}
        if len(found) == 1 and "" not in found:
            secret.objects.filter(pk=key.pk).update(address=found.pop())


def place_consents(apps: Any, schema_editor: Any) -> None:
    consent = apps.get_model("evaluation", "EndpointConsent")
    kept = set()
    for row in consent.objects.select_related("system").order_by("id"):
        workspace, ip = row.system.workspace_id, _ip(row.base_url)
        if ip and (workspace, row.base_url, ip) not in kept:
            kept.add((workspace, row.base_url, ip))
            consent.objects.filter(pk=row.pk).update(workspace_id=workspace, ip=ip)
        else:
            consent.objects.filter(pk=row.pk).delete()


def forget_consents(apps: Any, schema_editor: Any) -> None:
    """They are no system's any more; who goes back grants them again."""
    apps.get_model("evaluation", "EndpointConsent").objects.all().delete()


def _address(base_url: Any) -> str:
    try:
        return str(origin_of(base_url))
    except BadAddress:
        return ""


def _ip(base_url: str) -> str:
    try:
        return str(ipaddress.ip_address(origin_of(base_url).host))
    except ValueError:
        return ""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("catalog", "0001_initial"),
        ("evaluation", "0004_benchmark_picture"),
    ]

    operations = [
        migrations.AddField(
            model_name="secret",
            name="address",
            field=models.CharField(
                blank=True,
                default="",
                help_text="scheme, host and port that the key may be sent to; empty: nowhere, until an owner binds it",
                max_length=300,
            ),
        ),
        migrations.AddField(
            model_name="endpointconsent",
            name="workspace",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.AddField(
            model_name="endpointconsent",
            name="ip",
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.AlterField(
            model_name="endpointconsent",
            name="system",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="endpoint_consent",
                to="catalog.system",
            ),
        ),
        migrations.RunPython(bind_keys, migrations.RunPython.noop),
        migrations.RunPython(place_consents, forget_consents),
    ]
