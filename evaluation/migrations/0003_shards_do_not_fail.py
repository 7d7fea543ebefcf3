"""No shard ever failed: examples do, and a shard is done when each was answered or given up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0002_scored_recordings_and_endpoint_consent"),
    ]

    operations = [
        migrations.AlterField(
            model_name="shard",
            name="state",
            field=models.CharField(
                choices=[("waiting", "Waiting"), ("claimed", "Claimed"), ("done", "Done")],
                default="waiting",
                max_length=8,
            ),
        ),
    ]
