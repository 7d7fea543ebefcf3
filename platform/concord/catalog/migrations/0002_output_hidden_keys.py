"""How often a key was taken out of an answer. The default is the database's: a table of any size is altered in a moment."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="output",
            name="hidden_keys",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="places where the system repeated a key of its endpoint, and [key] stands instead",
            ),
        ),
    ]
