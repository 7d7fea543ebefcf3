"""Criteria: one question asked of an output, with its scale, level, direction and dimension."""

from django.db import models

from concord.accounts.models import WorkspaceOwned
from concord.catalog.models.imports import ImportBatch
from concord.catalog.states import CriterionKind, Direction, Level

OUTCOMES = {"left": 1.0, "right": 0.0, "tie": 0.5}


class Criterion(WorkspaceOwned):
    """A question that people and machines answer alike.

    `labels` is a list of `{"value": number, "label": text, "help"?: text, "unsafe"?: bool,
    "outcome"?: "left"|"right"|"tie", "mirror"?: number}`.
    Answers are stored as the number. `outcome` and `mirror` belong to preferences: what the label says about the pair, and
    which label says the same when the sides are swapped. Numeric criteria have no labels but `minimum` and `maximum`.
    """

    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    question = models.CharField(max_length=400)
    help = models.TextField(blank=True, help_text="guidance for raters, markdown")
    kind = models.CharField(max_length=10, choices=CriterionKind.choices)
    level = models.CharField(max_length=8, choices=Level.choices)
    direction = models.CharField(max_length=6, choices=Direction.choices, default=Direction.HIGHER)
    dimension = models.CharField(max_length=60, default="quality", help_text="quality, safety, ...")
    labels = models.JSONField(default=list)
    minimum = models.FloatField(null=True, blank=True)
    maximum = models.FloatField(null=True, blank=True)
    step = models.FloatField(null=True, blank=True)
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "slug"], name="criterion_slug"),
            models.CheckConstraint(
                condition=models.Q(kind__in=CriterionKind.values), name="criterion_kind_known"
            ),
            models.CheckConstraint(condition=models.Q(level__in=Level.values), name="criterion_level_known"),
            models.CheckConstraint(
                condition=models.Q(direction__in=Direction.values), name="criterion_direction_known"
            ),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_pairwise(self) -> bool:
        return self.kind == CriterionKind.PREFERENCE

    @property
    def outcomes(self) -> dict[float, float]:
        """What each label of a preference says: 1 the left output won, 0 the right one, 0.5 a tie; nothing for other labels."""
        return {
            float(label["value"]): OUTCOMES[label["outcome"]]
            for label in self.labels
            if label.get("outcome") in OUTCOMES
        }

    def label_of(self, value: float | None) -> str:
        """The label of a stored value; the number itself where there is none."""
        for label in self.labels:
            if label["value"] == value:
                return str(label["label"])
        return "" if value is None else f"{value:g}"
