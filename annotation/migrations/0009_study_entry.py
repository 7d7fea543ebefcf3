from django.db import migrations, models

CHOICES = [("invited", "raters who are invited to it"), ("workspace", "every rater of the workspace")]


class Migration(migrations.Migration):
    """Studies from before go on letting in every rater of their workspace; new ones let in who was invited."""

    dependencies = [("annotation", "0008_draw")]

    operations = [
        migrations.AddField(
            model_name="study",
            name="entry",
            field=models.CharField(
                choices=CHOICES, default="workspace", help_text="whom it lets in", max_length=9
            ),
        ),
        migrations.AlterField(
            model_name="study",
            name="entry",
            field=models.CharField(
                choices=CHOICES, default="invited", help_text="whom it lets in", max_length=9
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(entry__in=["invited", "workspace"]), name="study_entry_known"
            ),
        ),
    ]
