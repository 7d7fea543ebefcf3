"""An audit event names the part of the installation that acted where no person did."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_job_workspace")]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="part",
            field=models.CharField(
                blank=True,
                default="",
                help_text="which part of the installation acted, where no person did",
                max_length=60,
            ),
            preserve_default=False,
        ),
    ]
