"""Prompt templates: only names in double braces, replaced once. No logic, no attributes, nothing to escape from."""

import re
from collections.abc import Mapping, Sequence

from concord.core.errors import Invalid

PLACE = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
NAME = re.compile(r"prompt|choices|slice\.[\w-]+(?: [\w-]+)*")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_LENGTH = 50_000


def check_template(template: str) -> None:
    """Raises `Invalid` for an unknown name, or where nothing of the example is asked."""
    if len(template) > MAX_LENGTH:
        raise Invalid(
            f"The template is longer than {MAX_LENGTH:,} characters.", code="bad_template", field="template"
        )
    names = names_in(template)
    for name in names:
        if not NAME.fullmatch(name):
            raise Invalid(
                f"The template names {name[:60]!r}; it may name prompt, choices and slice.<name>.",
                code="bad_template",
                field="template",
            )
    if not names:
        raise Invalid(
            "The template must name {{ prompt }}, or every example would be asked the same.",
            code="bad_template",
            field="template",
        )


def names_in(template: str) -> list[str]:
    return [match.group(1) for match in PLACE.finditer(template)]


def render_prompt(
    template: str, *, prompt: str, choices: Sequence[str] = (), slices: Mapping[str, object] | None = None
) -> str:
    """The prompt of one example. What is put in is never looked at again: braces in an example stay braces."""
    values = {"prompt": prompt, "choices": lettered(choices)}

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name.startswith("slice."):
            return str((slices or {}).get(name.removeprefix("slice."), ""))
        return values.get(name, match.group(0))

    return PLACE.sub(value, template)


def lettered(choices: Sequence[str]) -> str:
    """The options as people see them: "A. Rome" on lines of their own."""
    return "\n".join(f"{LETTERS[index % 26]}. {choice}" for index, choice in enumerate(choices))
