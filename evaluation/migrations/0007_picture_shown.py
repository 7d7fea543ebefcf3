from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0006_consents_of_addresses"),
    ]

    operations = [
        migrations.RenameField(model_name="benchmarkpicture", old_name="runs", new_name="shown"),
        migrations.AlterField(
            model_name="benchmarkpicture",
            name="shown",
            field=models.JSONField(help_text="what it was drawn from, in its order"),
        ),
    ]
