"""A figure's picture, kept beside what it was drawn from."""

from typing import Any, Self

from django.db import models

from concord.charts.picture import Picture


class DrawnPicture(models.Model):
    """One picture as a worker drew it: at several widths in the theme's colours for pages, and once as a file.

    Each app that has figures makes a table of its own of this, with a key to what the figures belong to.
    """

    key = models.CharField(max_length=60, help_text="which figure it shows; unique beside its figures")
    title = models.TextField()
    description = models.TextField()
    pages = models.JSONField(help_text="width, height and SVG, from narrow to wide")
    file = models.TextField(help_text="the SVG for other programs")
    png = models.BinaryField(help_text="the same as pixels")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @classmethod
    def of(cls, picture: Picture, png: bytes, **owner: Any) -> Self:
        """Return the row of a picture, unsaved."""
        return cls(**picture.as_json(), png=png, **owner)


class CurrentPicture(DrawnPicture):
    """A picture of what may change: as soon as there is other than `shown`, it is out of date and not shown.

    A table of it has one key to an owner, and is unique on owner and `key`. `concord.core.services.pictures` writes it.
    """

    shown = models.JSONField(help_text="what it was drawn from, in its order")

    class Meta:
        abstract = True
