"""The closed vocabularies of the catalog and the moves of an import."""

from django.db import models


class SystemKind(models.TextChoices):
    TRANSFORMERS = "transformers", "Transformers model folder"
    TORCH = "torch", "PyTorch exported program or TorchScript file"
    OPENAI = "openai", "OpenAI-compatible endpoint"
    RECORDED = "recorded", "Recorded outputs"


class Level(models.TextChoices):
    """Level of measurement: decides which distances and means make sense."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


class Direction(models.TextChoices):
    """Which end is good. Declared, never guessed."""

    HIGHER = "higher", "higher is better"
    LOWER = "lower", "lower is better"
    NONE = "none", "neither end is better"


class CriterionKind(models.TextChoices):
    """How the question is answered; the first four ask about one output, the last about a pair."""

    LIKERT = "likert", "Likert scale"
    CHOICE = "choice", "one of several labels"
    YES_NO = "yes_no", "yes or no"
    NUMERIC = "numeric", "a number"
    PREFERENCE = "preference", "which of two is better"


class OutputSetKind(models.TextChoices):
    RUN = "run", "produced by a run"
    IMPORT = "import", "imported"


class ImportState(models.TextChoices):
    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


_S = ImportState
IMPORT_MOVES: dict[str, frozenset[str]] = {
    _S.UPLOADED: frozenset({_S.CHECKING, _S.FAILED}),
    _S.CHECKING: frozenset({_S.CHECKED, _S.UPLOADED, _S.FAILED}),
    _S.CHECKED: frozenset({_S.CHECKING, _S.WRITING, _S.UPLOADED, _S.FAILED}),
    _S.WRITING: frozenset({_S.DONE, _S.FAILED}),
    _S.DONE: frozenset({_S.UNDONE}),
    _S.FAILED: frozenset({_S.CHECKING}),
    _S.UNDONE: frozenset({_S.CHECKING}),
}
