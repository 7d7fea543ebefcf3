"""The forms of the automatic side. They check shapes; what may be done is decided by services."""

from typing import Any

from django import forms

from concord.accounts.models import Workspace
from evaluation import scorers as registry
from evaluation.models import Benchmark
from evaluation.selectors.pages import benchmarks_of, runnable_systems, versions_of
from evaluation.services.planning import QUEUES
from evaluation.services.sampling import DEFAULTS
from evaluation.states import TaskKind

MONO = {"spellcheck": "false", "class": "mono"}


class BenchmarkForm(forms.Form):
    name = forms.CharField(max_length=160)
    version: Any = forms.ModelChoiceField(queryset=None, label="Dataset", empty_label="Choose…")
    task = forms.ChoiceField(
        choices=TaskKind.choices, initial=TaskKind.GENERATE, label="What a system must do"
    )
    template = forms.CharField(
        initial="{{ prompt }}",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, **MONO}),
        help_text="The prompt of each example. {{ prompt }} is its text, {{ choices }} its options as A., B., C., "
        "{{ slice.language }} one of its slices.",
    )
    system_prompt = forms.CharField(required=False, strip=False, widget=forms.Textarea(attrs={"rows": 2}))
    scorers = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Scored by",
        help_text="The first one counts as the accuracy. None: outputs are only made and timed.",
    )
    parameters = forms.JSONField(
        required=False,
        initial=dict,
        label="Scorers' parameters",
        widget=forms.Textarea(attrs={"rows": 2, **MONO}),
        help_text='JSON, where the standard ones do not fit: {"exact_match": {"ignore_punctuation": true}}.',
    )
    max_tokens = forms.IntegerField(initial=DEFAULTS["max_tokens"], min_value=1)
    temperature = forms.FloatField(
        initial=DEFAULTS["temperature"], min_value=0, help_text="0 always takes the likeliest token."
    )
    seed = forms.IntegerField(initial=DEFAULTS["seed"], min_value=0)
    stop = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, **MONO}),
        help_text="Texts that end an answer, one a line.",
    )
    epochs = forms.IntegerField(
        initial=1, min_value=1, max_value=100, help_text="How often each example is asked."
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = versions_of(workspace)  # type: ignore[attr-defined]
        self.fields["scorers"].choices = [  # type: ignore[attr-defined]
            (method, f"{cls.title}: {cls.help}") for method, cls in registry.methods().items()
        ]

    def clean_parameters(self) -> dict[str, Any]:
        given = self.cleaned_data["parameters"] or {}
        if not isinstance(given, dict) or not all(isinstance(value, dict) for value in given.values()):
            raise forms.ValidationError('Give an object by scorer: {"contains": {"whole_words": false}}.')
        return given

    def arguments(self) -> dict[str, Any]:
        """What `create_benchmark` takes."""
        data = self.cleaned_data
        chosen = [
            *data["scorers"],
            *(method for method in data["parameters"] if method not in data["scorers"]),
        ]
        return {
            "name": data["name"],
            "version": data["version"],
            "task": data["task"],
            "template": data["template"],
            "system_prompt": data["system_prompt"],
            "epochs": data["epochs"],
            "scorers": [{"method": method, **data["parameters"].get(method, {})} for method in chosen],
            "settings": {
                "max_tokens": data["max_tokens"],
                "temperature": data["temperature"],
                "seed": data["seed"],
                "stop": [line for line in data["stop"].splitlines() if line],
            },
        }


class RunForm(forms.Form):
    SAID_AT = {"system": "systems"}

    benchmark: Any = forms.ModelChoiceField(queryset=None, empty_label="Choose…")
    systems: Any = forms.ModelMultipleChoiceField(
        queryset=None, widget=forms.CheckboxSelectMultiple, help_text="Each gets a run of its own."
    )
    batch_size = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=4096,
        help_text="Examples answered together: 1 measures single requests, more is faster. Empty: what suits the system.",
    )
    workers = forms.IntegerField(
        required=False, min_value=1, max_value=64, initial=1, help_text="How many workers may share the run."
    )
    limit = forms.IntegerField(
        required=False, min_value=1, label="Examples", help_text="Only the first so many. Empty: all."
    )
    queue = forms.ChoiceField(
        choices=[("", "by the system's device"), *((queue, queue) for queue in QUEUES)],
        required=False,
        help_text="Which workers run it.",
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["benchmark"].queryset = benchmarks_of(workspace)  # type: ignore[attr-defined]
        self.fields["systems"].queryset = runnable_systems(workspace)  # type: ignore[attr-defined]

    def options(self) -> dict[str, Any]:
        names = ("batch_size", "workers", "limit", "queue")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data[name]}

    def chosen(self) -> Benchmark:
        return self.cleaned_data["benchmark"]  # type: ignore[no-any-return]


class SecretForm(forms.Form):
    name = forms.CharField(max_length=80, help_text='A system refers to it: {"key_secret": "this name"}.')
    address = forms.CharField(
        max_length=500,
        widget=forms.TextInput(attrs={"placeholder": "https://api.example.com", **MONO}),
        help_text="Where it may be sent to: scheme, host and port. A system at any other address cannot use it, and this "
        "is not changed later.",
    )
    value = forms.CharField(
        max_length=4096,
        label="Key",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Encrypted before it is kept, and never shown again.",
    )
