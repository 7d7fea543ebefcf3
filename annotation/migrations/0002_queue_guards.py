"""Guards of the queue: no unit over its wanted number, and what came back to a rater found by index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0001_initial"),
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="unit",
            name="unit_free_within_wanted",
        ),
        migrations.RemoveIndex(
            model_name="assignment",
            name="assignment_on_screen",
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("state__in", ["leased", "expired", "returned"])),
                fields=["rater", "study"],
                name="assignment_unfinished",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(("given__lte", models.F("wanted") - models.F("free"))),
                name="unit_never_over_wanted",
            ),
        ),
        # Room on each page, so that counting a rating rewrites the row in place and touches no index.
        migrations.RunSQL(
            "ALTER TABLE annotation_unit SET (fillfactor = 80); ALTER TABLE annotation_studyrater SET (fillfactor = 50)",
            "ALTER TABLE annotation_unit RESET (fillfactor); ALTER TABLE annotation_studyrater RESET (fillfactor)",
        ),
    ]
