"""What designers type, checked for shape; what it means is decided by services."""

from collections.abc import Iterable
from typing import Any

from django import forms

from annotation.selectors.pages import systems_in
from annotation.states import StudyEntry, StudyKind
from concord.accounts.models import User, Workspace
from concord.catalog.models import Criterion, DatasetVersion
from concord.catalog.states import CriterionKind

NEW_CRITERIA = [
    ("", "none"),
    ("likert", "five steps, very poor to very good"),
    ("yes_no", "yes or no"),
    ("safety", "safe or unsafe"),
    ("numeric", "a number from 0 to 100"),
    ("preference", "left, right, equal or both bad"),
    ("graded_preference", "much or slightly better, five steps"),
]
DIRECTIONS = [("higher", "higher is better"), ("lower", "lower is better"), ("none", "neither end is better")]
KINDS = [
    (StudyKind.SCALE.value, "One output at a time, on a scale"),
    (StudyKind.SIDE_BY_SIDE.value, "Two outputs side by side"),
]


ENTRIES = [
    (StudyEntry.INVITED.value, "Only raters whom you invite to it"),
    (StudyEntry.WORKSPACE.value, "Every rater of the workspace"),
]


class EntryField(forms.ChoiceField):
    """The page always sends one; what sends none decides nothing."""

    def clean(self, value: Any) -> str | None:
        return super().clean(value) if value else None


def entry_field() -> EntryField:
    return EntryField(
        choices=ENTRIES,
        initial=StudyEntry.INVITED.value,
        widget=forms.RadioSelect,
        label="Who may rate",
        help_text="Owners, designers and reviewers may rate as well.",
    )


class StudyForm(forms.Form):
    """A whole plan on one page. The choice of systems follows from the dataset version."""

    SAID_AT = {
        "pairs_per_example": "pairs",
        "lease_seconds": "lease_minutes",
        "new_criterion": "new_template",
        "new_criterion.template": "new_template",
        "new_criterion.name": "new_name",
        "new_criterion.slug": "new_name",
        "new_criterion.question": "new_question",
        "new_criterion.direction": "new_direction",
    }

    name = forms.CharField(max_length=160, label="Name", help_text="Raters see it.")
    kind = forms.ChoiceField(
        choices=KINDS, initial=StudyKind.SCALE.value, widget=forms.RadioSelect, label="What a rater sees"
    )
    version = forms.ModelChoiceField(
        queryset=DatasetVersion.objects.none(), label="Dataset", empty_label=None
    )
    systems = forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.CheckboxSelectMultiple, label="Systems"
    )
    examples = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=10_000_000,
        label="Examples",
        help_text="Empty means all. Fewer are drawn at random, by the study's seed.",
    )
    pairs = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100_000,
        label="Pairs per example",
        help_text="Empty means all pairs. Fewer are chosen so that systems meet, and stand on each side, equally often.",
    )
    criteria = forms.ModelMultipleChoiceField(
        queryset=Criterion.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Questions",
    )
    new_template = forms.ChoiceField(choices=NEW_CRITERIA, required=False, label="A new question")
    new_name = forms.CharField(
        max_length=120, required=False, label="Its name", help_text="Such as “Helpfulness”."
    )
    new_question = forms.CharField(max_length=400, required=False, label="As raters read it")
    new_direction = forms.ChoiceField(choices=DIRECTIONS, required=False, label="Which end is good")
    wanted = forms.IntegerField(
        min_value=1,
        max_value=1000,
        initial=3,
        label="Ratings wanted per unit",
        help_text="Three or more let agreement be measured well.",
    )
    instructions = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        label="Instructions",
        help_text="Markdown. Raters read them first, and have them at hand while they work.",
    )
    show_prompt = forms.BooleanField(required=False, initial=True, label="Show the prompt")
    show_reference = forms.BooleanField(required=False, label="Show the reference answer")
    lease_minutes = forms.IntegerField(
        min_value=1,
        max_value=1440,
        initial=30,
        label="Minutes a rater may keep a task",
        help_text="Then it goes to somebody else.",
    )
    entry = entry_field()

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = DatasetVersion.objects.filter(dataset__workspace=workspace).select_related("dataset")
        self.fields["version"].queryset = versions.order_by("-id")  # type: ignore[attr-defined]
        self.fields["criteria"].queryset = Criterion.objects.filter(workspace=workspace)  # type: ignore[attr-defined]
        self.fields["criteria"].label_from_instance = _criterion_label  # type: ignore[attr-defined]
        self.chosen_version = self._version(versions)
        offered = systems_in(self.chosen_version) if self.chosen_version else []
        self.offered = [(system.pk, f"{system} ({count} outputs)") for system, count in offered]
        self.fields["systems"].choices = self.offered  # type: ignore[attr-defined]
        if not self.is_bound:
            if not {str(pk) for pk, _ in self.offered} & {
                str(pk) for pk in self.initial.get("systems") or []
            }:
                self.initial.pop("systems", None)  # they belong to the dataset that was chosen before
            self.fields["systems"].initial = [pk for pk, _ in self.offered] if len(self.offered) <= 8 else []

    def _version(self, versions: Any) -> DatasetVersion | None:
        """The version whose systems are offered: the one chosen, else the newest that has outputs."""
        given = self.data.get("version") if self.is_bound else self.initial.get("version")
        if given and str(given).isdigit():
            return versions.filter(pk=given).first()  # type: ignore[no-any-return]
        newest = versions.order_by("-id").first()
        if newest is not None and not self.is_bound:
            self.fields["version"].initial = newest.pk
        return newest  # type: ignore[no-any-return]

    @property
    def is_chosen(self) -> dict[int, bool]:
        """Which criteria are ticked, for the template."""
        given = self["criteria"].value() or []
        return {int(getattr(one, "pk", one)): True for one in given if str(getattr(one, "pk", one)).isdigit()}

    def clean(self) -> dict[str, Any]:
        held = super().clean() or {}
        if not held.get("criteria") and not held.get("new_template"):
            self.add_error("criteria", "Choose a question, or make a new one below.")
        for name in ("new_name", "new_question"):
            if held.get("new_template") and not held.get(name):
                self.add_error(name, "A new question needs this.")
        if not held.get("systems"):
            self.add_error("systems", "Choose the systems to be judged.")
        return held

    def new_criterion(self) -> dict[str, Any] | None:
        """The definition of the question made here, if any."""
        held = self.cleaned_data
        if not held["new_template"]:
            return None
        made = {"template": held["new_template"], "name": held["new_name"], "question": held["new_question"]}
        if held["new_template"] in ("yes_no", "numeric", "likert"):
            made["direction"] = held["new_direction"] or "higher"
        return made


def _criterion_label(criterion: Criterion) -> str:
    asks = "compares two" if criterion.kind == CriterionKind.PREFERENCE else criterion.get_kind_display()
    return f"{criterion.name} ({asks})"


class DescribeForm(forms.Form):
    """What may change in any state."""

    name = forms.CharField(max_length=160, label="Name")
    wanted = forms.IntegerField(
        min_value=1,
        max_value=1000,
        label="Ratings wanted per unit",
        help_text="What was given stays: a unit may keep more ratings than a lower number asks for.",
    )
    instructions = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 10}), label="Instructions", help_text="Markdown."
    )
    entry = entry_field()
    declared_random = forms.BooleanField(
        required=False,
        label="The outputs were drawn at random",
        help_text="For ratings that were imported: you answer for it that nobody chose which outputs people judged. "
        "A scorecard then lets figures of people and machine together lead, and says that it rests on this.",
    )


class PlacesForm(forms.Form):
    """Raters of the workspace who were not invited yet."""

    raters = forms.TypedMultipleChoiceField(
        coerce=int, widget=forms.CheckboxSelectMultiple, label="Raters of this workspace"
    )

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["raters"].choices = [(one.pk, f"{one.get_short_name()} ({one.email})") for one in people]  # type: ignore[attr-defined]


class InviteForm(forms.Form):
    SAID_AT = {"uses": "people"}

    people = forms.IntegerField(
        min_value=1, max_value=1000, initial=10, label="How many people may use the link"
    )
