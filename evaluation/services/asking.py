"""From an example to what an engine is asked, by the settings that the run froze."""

from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage

from concord.core.models import StoredFile
from evaluation.engines import Message, Request, Sampling
from evaluation.scorers import Task
from evaluation.selectors.open_examples import Facts
from evaluation.services.templates import LETTERS, render_prompt
from evaluation.states import AskedBy

MAX_IMAGE_BYTES = 32 << 20


@dataclass(frozen=True)
class Asked:
    """An example that is still open: what the engine gets, and what the scorers compare with."""

    example_id: int
    request: Request
    task: Task


def ask(facts: Facts, settings: dict[str, Any], *, workspace_id: int) -> Asked:
    """The request of one example. Files of another workspace are not read, whatever the content says."""
    choices = tuple(str(choice) for choice in facts.choices or ())
    template = settings["template"]
    prompt = render_prompt(template, prompt=plain(facts.content), choices=choices, slices=facts.slices)
    images = images_of(facts.content, workspace_id)
    request = Request(
        id=facts.id,
        prompt="\n\n".join(part for part in (settings.get("system_prompt", ""), prompt) if part),
        messages=messages(facts.content, settings, prompt, images),
        choices=continuations(choices, template) if settings["asked_by"] == AskedBy.LIKELIHOOD else (),
        image=images[0][1] if images else None,
    )
    return Asked(facts.id, request, Task(reference=facts.reference, choices=choices))


def continuations(choices: tuple[str, ...], template: str) -> tuple[str, ...]:
    """What is weighed after the prompt: the letters where the prompt shows lettered choices, else the choices' own texts."""
    shown = "{{ choices }}" in template or "{{choices}}" in template
    return tuple(f" {LETTERS[i % 26]}" if shown else f" {choice}" for i, choice in enumerate(choices))


def messages(
    content: list[dict[str, Any]],
    settings: dict[str, Any],
    prompt: str,
    images: tuple[tuple[str, bytes], ...],
) -> tuple[Message, ...]:
    """The conversation: a chat example keeps its own turns where the template adds nothing to them."""
    system = [Message(role="system", text=settings["system_prompt"])] if settings.get("system_prompt") else []
    chats = [block for block in content if block.get("type") == "chat"]
    if (
        len(chats) == 1
        and len(content) == 1
        and settings["template"].strip() in {"{{ prompt }}", "{{prompt}}"}
    ):
        turns = [Message(role=turn["role"], text=turn_text(turn)) for turn in chats[0]["turns"]]
        return tuple(turns if turns and turns[0].role == "system" else [*system, *turns])
    return (*system, Message(role="user", text=prompt, images=images))


def plain(content: list[dict[str, Any]]) -> str:
    """The words of the content; images have none."""
    parts = []
    for block in content:
        if block.get("type") == "chat":
            parts.append("\n\n".join(f"{turn['role']}: {turn_text(turn)}" for turn in block["turns"]))
        elif isinstance(block.get("text"), str):
            parts.append(block["text"])
    return "\n\n".join(parts)


def turn_text(turn: dict[str, Any]) -> str:
    return str(turn.get("text", turn.get("content", "")))


def images_of(content: list[dict[str, Any]], workspace_id: int) -> tuple[tuple[str, bytes], ...]:
    found = []
    for block in content:
        if block.get("type") == "image":
            file = StoredFile.objects.filter(pk=int(block["file"]), workspace_id=workspace_id).first()
            if file is not None and file.size <= MAX_IMAGE_BYTES:
                with default_storage.open(file.path, "rb") as stream:
                    found.append((file.media_type, stream.read()))
    return tuple(found)


def sampling(settings: dict[str, Any], *, epoch: int) -> Sampling:
    """The engine's settings of one epoch; each epoch has its own seed."""
    given = settings["sampling"]
    return Sampling(
        max_tokens=given["max_tokens"],
        temperature=given["temperature"],
        top_p=given["top_p"],
        stop=tuple(given["stop"]),
        seed=given["seed"] + epoch - 1,
        batch_size=settings["batch_size"],
        normalise=given["normalise"],
    )
