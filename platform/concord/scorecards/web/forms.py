"""What a designer chooses, checked for shape; what it means is decided by services."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from annotation.models import Study
from concord.accounts.models import Workspace
from concord.catalog.models import Criterion, DatasetVersion, System
from concord.catalog.selectors.questions import unsafe_labels, usual_estimand, usual_labels
from concord.catalog.states import Direction
from concord.scorecards.models import Scorecard
from concord.scorecards.selectors.proposals import Proposal
from concord.scorecards.services.defining import DimensionChoice
from concord.scorecards.states import Estimand, Scope
from evaluation.models import Scorer

EXTRA = 1


class SystemChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Systems as checkboxes."""

    widget = forms.CheckboxSelectMultiple


class ScorecardForm(forms.Form):
    """The question, the systems, and how sure to be."""

    name = forms.CharField(max_length=160, label="Name")
    question = forms.CharField(
        max_length=400,
        label="Which question does it answer?",
        help_text="The decision that it serves, in one sentence: “Which assistant do we ship?”",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.ModelChoiceField(
        DatasetVersion.objects.none(),
        required=False,
        label="Dataset",
        empty_label="that of the studies",
        help_text="Outputs to its examples count; slices are its slices.",
    )
    systems = SystemChoices(System.objects.none(), label="Systems")
    baseline = forms.ModelChoiceField(
        System.objects.none(),
        required=False,
        label="Baseline",
        empty_label="none",
        help_text="With a baseline, every difference is to it. Without one, every pair is compared.",
    )
    scope = forms.ChoiceField(
        choices=Scope.choices,
        initial=Scope.THESE_RATERS,
        required=False,
        label="Figures hold for",
        help_text="People’s answers speak of the raters who gave them, or of others like them: then raters are a sample too, and "
        "intervals are wider. Choose before you look.",
    )
    confidence = forms.FloatField(
        min_value=0.51, max_value=0.999, initial=0.95, label="Confidence of the intervals"
    )

    def clean_scope(self) -> str:
        return self.cleaned_data.get("scope") or Scope.THESE_RATERS

    def __init__(self, *args: Any, workspace: Workspace, systems: QuerySet[System], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = DatasetVersion.objects.filter(dataset__workspace=workspace).select_related("dataset")
        for name, rows in (("systems", systems), ("baseline", systems), ("version", versions)):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]


class DimensionForm(forms.Form):
    """One column. It counts only where its box is ticked."""

    include = forms.BooleanField(required=False, label="Show it")
    primary = forms.BooleanField(
        required=False,
        label="Primary",
        help_text="declared before the data: the headline speaks of primary dimensions alone",
    )
    name = forms.CharField(max_length=120, required=False, label="Name")
    criterion = forms.ModelChoiceField(
        Criterion.objects.none(), required=False, label="Criterion", empty_label="choose"
    )
    study = forms.ModelChoiceField(
        Study.objects.none(), required=False, label="People: study", empty_label="none"
    )
    scorer = forms.ModelChoiceField(
        Scorer.objects.none(), required=False, label="Machine: scorer", empty_label="none"
    )
    estimand = forms.ChoiceField(
        choices=[("", "the usual one"), *Estimand.choices], required=False, label="Figure"
    )
    labels = forms.CharField(
        required=False,
        max_length=400,
        label="Labels that a share counts",
        help_text="words or numbers, with commas",
    )
    where = forms.CharField(
        required=False,
        max_length=400,
        label="Only examples where",
        help_text="slice=value, with commas; empty: all",
    )
    direction = forms.ChoiceField(
        choices=[("", "as the criterion says"), *Direction.choices], required=False, label="Direction"
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in (("criterion", Criterion), ("study", Study), ("scorer", Scorer)):
            self.fields[name].queryset = model.objects.filter(workspace=workspace)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        held: dict[str, Any] = super().clean() or self.cleaned_data
        if not held.get("include"):
            return held
        if held.get("criterion") is None:
            self.add_error("criterion", "Choose a criterion.")
        else:
            self._read_labels(held)
        self._read_where(held)
        return held

    def _read_labels(self, held: dict[str, Any]) -> None:
        words = [word.strip() for word in held.get("labels", "").split(",") if word.strip()]
        try:
            held["label_values"] = [label_value(word, held["criterion"]) for word in words]
        except ValueError as error:
            self.add_error("labels", str(error))

    def _read_where(self, held: dict[str, Any]) -> None:
        pairs = [pair for pair in held.get("where", "").split(",") if pair.strip()]
        if any("=" not in pair for pair in pairs):
            self.add_error("where", "Write slice=value, for example language=de.")
            return
        held["filter"] = {
            name.strip(): value.strip() for name, value in (pair.split("=", 1) for pair in pairs)
        }

    def choice(self) -> DimensionChoice:
        held = self.cleaned_data
        return DimensionChoice(
            criterion=held["criterion"],
            name=held["name"],
            study=held["study"],
            scorer=held["scorer"],
            estimand=held["estimand"],
            labels=held["label_values"],
            where=held["filter"],
            direction=held["direction"],
            primary=held["primary"],
        )


def label_value(word: str, criterion: Criterion) -> float:
    """Return the value of a label given as its words or its number."""
    for label in criterion.labels:
        if word.casefold() == str(label["label"]).casefold() or word == f"{label['value']:g}":
            return float(label["value"])
    known = ", ".join(f"{label['value']:g} {label['label']}" for label in criterion.labels)
    raise ValueError(f"“{word}” is no label of {criterion}. It has: {known or 'none'}.")


def label_words(values: Sequence[float], criterion: Criterion) -> str:
    """Return labels as they are typed: by their words, by number where the words hold a comma."""
    words = [criterion.label_of(value) for value in values]
    return ", ".join(f"{value:g}" if "," in word else word for value, word in zip(values, words, strict=True))


DimensionFormSet = forms.formset_factory(DimensionForm, extra=EXTRA, max_num=20)


def from_proposals(found: list[Proposal]) -> list[dict[str, Any]]:
    """Return the formset's initial rows; a choice without unsafe labels proposes a share of its first label."""
    rows = [_initial(proposal, include=place < 6) for place, proposal in enumerate(found)]
    names = [row["name"] for row in rows]
    for row, proposal in zip(rows, found, strict=True):
        if names.count(row["name"]) > 1:  # a scorecard's columns have names of their own
            row["name"] = _told_apart(proposal)
    return rows


def _told_apart(proposal: Proposal) -> str:
    """Return the proposal's name with where its answers come from, cut to what a name may hold."""
    sides = ", ".join(str(side) for side in (proposal.study, proposal.scorer) if side is not None)
    return f"{proposal.name} ({sides})"[:120]


def _initial(proposal: Proposal, *, include: bool) -> dict[str, Any]:
    criterion = proposal.criterion
    estimand = usual_estimand(criterion)
    labels = usual_labels(criterion) or ([float(criterion.labels[0]["value"])] if criterion.labels else [])
    return {
        "include": include,
        "name": proposal.name,
        "criterion": criterion.pk,
        "study": proposal.study and proposal.study.pk,
        "scorer": proposal.scorer and proposal.scorer.pk,
        "estimand": estimand,
        "labels": label_words(labels, criterion) if str(estimand) == Estimand.RATE else "",
        "direction": Direction.LOWER
        if unsafe_labels(criterion) and str(estimand) == Estimand.RATE
        else criterion.direction,
    }


def from_scorecard(scorecard: Scorecard) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the initial values of both forms for an existing scorecard."""
    main = {
        "name": scorecard.name,
        "question": scorecard.question,
        "version": scorecard.version_id,
        "systems": list(scorecard.systems.values_list("pk", flat=True)),
        "baseline": scorecard.baseline_id,
        "scope": scorecard.scope,
        "confidence": scorecard.confidence,
    }
    rows = [
        {
            "include": True,
            "name": d.name,
            "criterion": d.criterion_id,
            "study": d.study_id,
            "scorer": d.scorer_id,
            "estimand": d.estimand,
            "labels": label_words(d.labels, d.criterion),
            "where": ", ".join(f"{key}={value}" for key, value in d.where.items()),
            "direction": d.direction,
            "primary": d.primary,
        }
        for d in scorecard.dimensions.select_related("criterion")
    ]
    return main, rows
