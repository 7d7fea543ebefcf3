"""A job belongs to a workspace, so that its people may see its progress."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="workspace_id",
            field=models.BigIntegerField(
                db_index=True, help_text="whose people may see its progress", null=True
            ),
        ),
    ]
