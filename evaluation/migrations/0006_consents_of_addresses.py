"""What the step before has filled in becomes a consent's identity; apart from it, since rows that wait for a check hold a table."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0005_bind_keys_and_consents")]

    operations = [
        migrations.RemoveField(model_name="endpointconsent", name="system"),
        migrations.RenameField(model_name="endpointconsent", old_name="granted_at", new_name="asked_at"),
        migrations.AddField(
            model_name="endpointconsent",
            name="granted_at",
            field=models.DateTimeField(null=True, help_text="null: asked for, and not granted"),
        ),
        migrations.RunSQL(
            "UPDATE evaluation_endpointconsent SET granted_at = asked_at", migrations.RunSQL.noop
        ),
        migrations.AlterField(
            model_name="endpointconsent",
            name="workspace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.workspace"
            ),
        ),
        migrations.AlterField(model_name="endpointconsent", name="ip", field=models.GenericIPAddressField()),
        migrations.AddConstraint(
            model_name="endpointconsent",
            constraint=models.UniqueConstraint(
                fields=("workspace", "base_url", "ip"), name="endpoint_consent_once"
            ),
        ),
    ]
