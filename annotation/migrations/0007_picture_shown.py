from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0006_study_picture"),
    ]

    operations = [
        migrations.RenameField(model_name="studypicture", old_name="snapshots", new_name="shown"),
        migrations.AlterField(
            model_name="studypicture",
            name="shown",
            field=models.JSONField(help_text="what it was drawn from, in its order"),
        ),
    ]
