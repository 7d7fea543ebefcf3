"""A study collects ratings."""

from django.conf import settings
from django.db import models

from annotation.states import StudyEntry, StudyKind, StudyState
from concord.accounts.models import WorkspaceOwned
from concord.catalog.models import Criterion, DatasetVersion, ImportBatch, System


class Study(WorkspaceOwned):
    """What is asked about which systems' outputs. Raters never see which system answered."""

    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=14, choices=StudyKind.choices)
    version = models.ForeignKey(
        DatasetVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    systems = models.ManyToManyField(System, related_name="+")
    criteria = models.ManyToManyField(Criterion, through="StudyCriterion", related_name="+")
    instructions = models.TextField(blank=True, help_text="markdown, shown to raters")
    wanted = models.PositiveSmallIntegerField(default=3, help_text="ratings wanted per unit")
    lease_seconds = models.PositiveIntegerField(default=1800)
    show_prompt = models.BooleanField(default=True)
    show_reference = models.BooleanField(default=False, help_text="show the reference answer to raters")
    seed = models.BigIntegerField(
        default=0, help_text="orders units and sides; the same seed gives the same study"
    )
    state = models.CharField(max_length=8, choices=StudyState.choices, default=StudyState.DRAFT)
    entry = models.CharField(
        max_length=9, choices=StudyEntry.choices, default=StudyEntry.INVITED, help_text="whom it lets in"
    )
    is_simulated = models.BooleanField(
        default=False, help_text="its ratings come from simulated raters; every page says so"
    )
    declared_random = models.BooleanField(
        default=False,
        help_text="somebody answers for it that the outputs were drawn at random, where the platform did not draw them",
    )
    units_count = models.PositiveBigIntegerField(default=0)
    revision = models.PositiveBigIntegerField(
        default=0, help_text="how many times ratings were taken back or imported"
    )
    batch = models.ForeignKey(ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "studies"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="study_name"),
            models.CheckConstraint(condition=models.Q(wanted__gte=1), name="study_wants_a_rating"),
            models.CheckConstraint(condition=models.Q(state__in=StudyState.values), name="study_state_known"),
            models.CheckConstraint(condition=models.Q(kind__in=StudyKind.values), name="study_kind_known"),
            models.CheckConstraint(condition=models.Q(entry__in=StudyEntry.values), name="study_entry_known"),
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    def asked(self) -> list[Criterion]:
        """The criteria of this study, in the order in which they are asked."""
        return [one.criterion for one in self.study_criteria.select_related("criterion")]


class StudyCriterion(models.Model):
    """A question of a study, in its order."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="study_criteria")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    required = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "criterion"], name="study_criterion_once")]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.study_id}: {self.criterion_id}"
