"""The catalog's forms. They check shapes; what may be done is decided by services."""

from typing import Any

from django import forms

from concord.catalog.criteria.templates import TEMPLATES
from concord.catalog.states import Direction, SystemKind

TEMPLATE_NAMES = {
    "likert": "Likert scale, 1 to 5",
    "yes_no": "Yes or no",
    "safety": "Safe or unsafe",
    "preference": "Which of two is better: left, equally good, right, both bad",
    "graded_preference": "Which of two is better, in five steps",
    "numeric": "A number in a range",
}


class SystemForm(forms.Form):
    name = forms.CharField(max_length=160)
    version = forms.CharField(
        max_length=80, required=False, help_text="Where one name stands for several states of a model."
    )
    kind = forms.ChoiceField(
        choices=SystemKind.choices,
        initial=SystemKind.RECORDED,
        help_text="How it is called. Recorded: its outputs are imported.",
    )
    config = forms.JSONField(
        required=False,
        initial=dict,
        label="Configuration",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
        help_text=(
            'JSON. Transformers: {"path": "/models/my-model"}. '
            'PyTorch: {"path": "/models/net.pt2", "input": {…}, "output": {…}}. '
            'Endpoint: {"base_url": "https://host/v1", "model": "name", "key_secret": "name of a key"}; never the key itself, '
            "and only a key that is kept for this scheme, host and port."
        ),
    )
    prices = forms.JSONField(
        required=False,
        initial=dict,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "mono"}),
        help_text='For the cost columns: {"currency": "EUR", "input_per_million": 1.5, "output_per_million": 6}.',
    )
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def arguments(self) -> dict[str, Any]:
        """What the services take; an empty JSON box is an empty object."""
        data = dict(self.cleaned_data)
        return {**data, "config": data["config"] or {}, "prices": data["prices"] or {}}


class DatasetForm(forms.Form):
    name = forms.CharField(max_length=160)
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    licence = forms.CharField(required=False, max_length=120)
    source = forms.CharField(required=False, max_length=400, help_text="Where the examples come from.")


class CriterionForm(forms.Form):
    SAID_AT = {"slug": "name"}  # which is made of it

    template = forms.ChoiceField(label="Kind of answer", choices=list(TEMPLATE_NAMES.items()))
    name = forms.CharField(max_length=120)
    question = forms.CharField(max_length=400, help_text="As raters read it: Which answer helps more?")
    direction = forms.ChoiceField(
        choices=[("", "Choose…"), *Direction.choices],
        help_text="Which end is good. It is declared here, never guessed from data.",
    )
    dimension = forms.CharField(max_length=60, initial="quality", help_text="quality, safety, style…")
    labels = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One label a line, from the first key to the last. Leave empty for those of the kind.",
    )
    minimum = forms.FloatField(required=False, help_text="For numbers only.")
    maximum = forms.FloatField(required=False)
    help = forms.CharField(
        required=False,
        label="Guidance for raters",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Markdown.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (given := data.get("labels")) and data.get("template") not in (None, "likert", "numeric"):
            wanted, words = len(TEMPLATES[data["template"]]["labels"]), len(_lines(given))
            if words != wanted:
                self.add_error("labels", f"This kind has {wanted} labels; {words} were given.")
        return data

    def definition(self) -> dict[str, Any]:
        """The criterion's definition: the template with the form's words in it."""
        data = self.cleaned_data
        keys = ("template", "name", "question", "direction", "dimension", "help")
        found = {key: data[key] for key in keys}
        if data["template"] == "numeric":
            return {**found, **{key: data[key] for key in ("minimum", "maximum") if data[key] is not None}}
        return {**found, **self._labels(data)}

    def _labels(self, data: dict[str, Any]) -> dict[str, Any]:
        words = _lines(data["labels"])
        given = TEMPLATES[data["template"]]["labels"]
        if not words:
            return {}
        if data["template"] == "likert":
            return {"labels": [{"value": value, "label": word} for value, word in enumerate(words, 1)]}
        return {"labels": [{**label, "label": word} for label, word in zip(given, words, strict=True)]}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class UploadForm(forms.Form):
    file = forms.FileField(help_text="CSV, TSV, JSON lines, a JSON array, or Parquet; plain or gzipped.")
    saved = forms.ChoiceField(
        required=False, label="Mapping", help_text="Propose one from the columns, or use one that was saved."
    )

    def __init__(self, *args: Any, saved: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["saved"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [("", "Propose a mapping"), *((str(pk), name) for pk, name in saved)]
