"""No study ever showed a rater which system answered, whatever this column said."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("annotation", "0003_study_snapshot")]

    operations = [migrations.RemoveField(model_name="study", name="blind")]
