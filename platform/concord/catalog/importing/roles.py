"""The role of each column of a file: told by its name and by what stands in it."""

import re

from concord.catalog.importing.sample import Sample

# role -> names by which its columns often go, the likeliest first
NAMES: dict[str, tuple[str, ...]] = {
    "left_system": ("left_system", "left", "model_a", "system_a", "model_x", "left_model", "a_model", "model_1"),
    "right_system": ("right_system", "right", "model_b", "system_b", "model_y", "right_model", "b_model", "model_2"),
    "left_output": ("left_output", "response_a", "output_a", "answer_a", "completion_a", "response_1"),
    "right_output": ("right_output", "response_b", "output_b", "answer_b", "completion_b", "response_2"),
    "system": ("system", "model_name", "model", "name", "llm", "engine"),
    "example": (
        "example", "example_id", "prompt_id", "question_id", "hitid", "doc_id", "item_id",
        "instance_id", "prompt", "item", "key", "id",
    ),
    "epoch": ("epoch", "trial", "sample_index"),
    "prompt": ("prompt", "input", "question", "instruction", "source", "document"),
    "reference": ("reference", "target", "gold", "gold_answer", "expected"),
    "output": ("output", "completion", "response", "answer", "result", "generation", "summary", "prediction", "text"),
    "rater": ("rater", "rater_id", "annotator", "annotator_id", "worker", "worker_id", "workerid", "judge_id", "user"),
    "scorer": ("judge", "scorer", "metric", "judge_model"),
    "criterion": ("criterion", "dimension", "aspect", "metric_name"),
    "duration": ("duration_ms", "latency_ms", "duration", "latency", "time_ms", "elapsed", "seconds"),
    "input_tokens": ("input_tokens", "prompt_tokens"),
    "output_tokens": ("output_tokens", "completion_tokens"),
    "cost": ("cost", "price"),
    "rating": ("rating", "winner", "vote", "preference", "label", "human_label", "verdict", "choice", "value", "final_label"),
    "score": ("score",),
}  # fmt: skip
ANSWERS = (
    "output",
    "answer",
    "completion",
    "response",
    "generation",
    "prediction",
)  # a system may answer a number
SLICES = (
    "type",
    "category",
    "topic",
    "language",
    "lang",
    "domain",
    "group",
    "hazard",
    "subject",
    "difficulty",
)
# role -> words that speak for it within a longer name ("which model", "rater name"), the surest first
WORDS: dict[str, tuple[str, ...]] = {
    "rater": ("rater", "annotator", "worker", "who"),
    "system": ("model", "system", "modell"),
    "example": ("item", "q", "nr"),
    "prompt": ("prompt", "question", "frage"),
    "output": ("answer", "output", "response", "completion", "antwort"),
    "reference": ("reference", "gold"),
    "duration": ("duration", "latency", "took", "seconds"),
    "rating": ("rating", "helpfulness", "quality", "safety", "correctness", "fluency", "preference"),
}
MACHINE = re.compile(
    r"(^|_)(gpt\w*|llm|judge|auto|automatic|metric|score|strmatch|bleu|rouge\w*|bert\w*|f1|claude|gemini)(_|$)"
)
# What stands in a column of judges: a machine's name begins with one of these words, a person's does not.
MACHINE_NAME = re.compile(
    r"(^|[^a-z])(gpt|o\d|claude|gemini|gemma|llama|mi[sx]tral|qwen|deepseek|grok|llm|model|judge|bot|auto|metric|rouge|bleu|bert)"
)
ANSWERED = "answer."  # a crowd platform puts this before the names of what people answered
HUMAN = re.compile(r"^(annotation|annotator|rating|rater|label|human|vote)_?\d*(_label)?$")
MANY = 12  # more distinct values than this are no labels
FEW_FOR_SLICE = 40


def guess_roles(sample: Sample) -> dict[str, str]:
    """Column -> role; columns without a role are left out."""
    plain = {column: re.sub(r"\W+", "_", column.strip().lower()).strip("_") for column in sample.columns}
    roles: dict[str, str] = {}
    for role, names in NAMES.items():
        for name in names:
            found = [
                c for c in sample.columns if plain[c] == name and c not in roles and _fits(role, c, sample)
            ]
            if found:
                roles[found[0]] = role
                break
    roles = {
        column: _person_or_machine(role, plain[column], column, sample) for column, role in roles.items()
    }
    for column in sample.columns:
        if column not in roles and (role := _guess_rest(plain[column], column, sample)):
            roles[column] = role
    for column in sample.columns:
        if column not in roles and (role := _guess_by_word(plain[column], column, roles, sample)):
            roles[column] = role
    return roles | _only_text_left(roles, sample)


def _person_or_machine(role: str, plain: str, column: str, sample: Sample) -> str:
    """A column "judge" with names that are no machine's could be people: that is asked, not guessed (role "judge")."""
    if role != "scorer" or plain != "judge":
        return role
    machines = all(MACHINE_NAME.search(name.lower()) for name in sample.distinct(column))
    return "scorer" if machines else "judge"


def _only_text_left(roles: dict[str, str], sample: Sample) -> dict[str, str]:
    """Where systems and prompts are told and no answers, the one column left that says something new in each line."""
    told = set(roles.values())
    if not {"system", "prompt"} <= told or told & {"output", "rating", "score"}:
        return {}
    left = [
        column
        for column in sample.columns
        if column not in roles
        and not sample.is_numeric(column)
        and 2 * len(sample.distinct(column)) > len(sample.rows)
    ]
    return {left[0]: "output"} if len(left) == 1 else {}


def _guess_by_word(plain: str, column: str, roles: dict[str, str], sample: Sample) -> str:
    """The role that a word within a longer name speaks for, where no other column has it."""
    words = plain.split("_")
    if "id" in words or column.lower().startswith(
        ANSWERED
    ):  # the key of something else; what people answered
        return ""
    for role, telling in WORDS.items():
        if role in roles.values() or not any(word in telling for word in words):
            continue
        if _fits(role, column, sample) and (role != "prompt" or sample.is_long(column)):
            return role
    few = len(sample.distinct(column)) <= FEW_FOR_SLICE and not sample.is_long(column)
    return "slice" if few and any(word in SLICES for word in words) else ""


def _fits(role: str, column: str, sample: Sample) -> bool:
    """Whether what stands in a column can be that: a prompt that is a number is the name of a prompt."""
    if role == "output":
        return not sample.is_numeric(column) or (column.lower() in ANSWERS and not _has_raters(sample))
    if role in ("prompt", "left_output", "right_output"):
        return not sample.is_numeric(column)
    if role == "example":
        if column.lower() in NAMES["prompt"] and not sample.is_numeric(column):
            return False
        return not sample.is_long(column) or column.lower().endswith("id")
    if role in ("system", "left_system", "right_system"):
        return not sample.is_numeric(column) and not sample.is_long(column)
    if role in ("duration", "input_tokens", "output_tokens", "cost", "epoch"):
        return sample.is_numeric(column)
    if role == "rating":
        return len(sample.distinct(column)) <= MANY
    return True


def _has_raters(sample: Sample) -> bool:
    """Whether people are named: then a number called "answer" is what one of them answered, not what a system did."""
    return any(column.lower() in NAMES["rater"] for column in sample.columns)


def _guess_rest(plain: str, column: str, sample: Sample) -> str:
    few = len(sample.distinct(column)) <= MANY
    if column.lower().startswith(ANSWERED):
        return "rating" if few else ""
    if MACHINE.search(plain) and not sample.is_long(column):
        return "score"
    if HUMAN.match(plain) and few:
        return "rating"
    if plain in SLICES and not sample.is_long(column) and len(sample.distinct(column)) <= FEW_FOR_SLICE:
        return "slice"
    return ""
