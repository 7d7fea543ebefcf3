"""The newest rating says nothing of one that was undone: a snapshot remembers which ratings it knows of."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0004_every_study_is_blind")]

    operations = [
        migrations.RemoveField(model_name="studysnapshot", name="last_rating"),
        migrations.AddField(
            model_name="studysnapshot",
            name="stamp",
            field=models.CharField(
                blank=True, default="", help_text="which ratings it knows of", max_length=60
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="study",
            name="revision",
            field=models.PositiveBigIntegerField(
                default=0, help_text="how many times ratings were taken back or imported"
            ),
        ),
    ]
