"""Whether a model file is a program that torch can load without running anybody's code.

`torch.export.load` falls back to full unpickling and evaluates expressions, and a plain `torch.save` file is a pickle. So
the archive is read here first, and only what needs neither is handed on.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evaluation.engines.base import EngineError

TARGET = re.compile(
    r"torch\.ops\.[\w.]+|_operator\.(?!attrgetter|methodcaller|itemgetter)\w+|math\.\w+|torch\.sym_\w+"
)
NAME = re.compile(r"[\w.\-]*")
EXPRESSION = re.compile(r"[\w\s+\-*/%(),.<>=!&|~']*")
MAX_BYTES = 8 << 30


def read_program(path: Path) -> tuple[str, bytes]:
    """("export" or "torchscript", the bytes). Reads the file once, so that what was checked is what is loaded."""
    if not path.is_file():
        raise EngineError(f"There is no model file at {str(path)!r} on this worker.")
    if path.stat().st_size > MAX_BYTES:
        raise EngineError(f"{path.name} is larger than {MAX_BYTES >> 30} GiB.")
    data = path.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _kind(archive, path.name), data
    except (zipfile.BadZipFile, json.JSONDecodeError, UnicodeDecodeError, KeyError):
        raise EngineError(f"{path.name} is neither an exported program nor a TorchScript archive.") from None


def _kind(archive: zipfile.ZipFile, name: str) -> str:
    entries = {entry.partition("/")[2]: entry for entry in archive.namelist()}
    if "archive_format" in entries and archive.read(entries["archive_format"]).strip() == b"pt2":
        _check_export(archive, entries, name)
        return "export"
    if "constants.pkl" in entries and any(entry.startswith("code/") for entry in entries):
        return "torchscript"
    if "data.pkl" in entries:
        raise EngineError(
            f"{name} is a pickle (made by torch.save), which can run any code when it is opened. "
            "Save the model with torch.export.save or torch.jit.save."
        )
    raise EngineError(f"{name} is neither an exported program nor a TorchScript archive.")


def _check_export(archive: zipfile.ZipFile, entries: dict[str, str], name: str) -> None:
    for entry, full in entries.items():
        if entry.startswith("data/aotinductor/"):
            raise EngineError(f"{name} holds compiled native code; export the program without it.")
        if entry.startswith("data/sample_inputs/"):
            _check_weights_only(archive.read(full), name)
        elif entry.startswith(("data/weights/", "data/constants/")) and entry.endswith(".json"):
            _check_payloads(json.loads(archive.read(full)), name)
        elif entry.startswith(("data/weights/", "data/constants/")) and entry.endswith(".pt"):
            raise EngineError(
                f"{name} keeps its weights in the old pickled form; save it again with torch.export.save."
            )
        elif entry.startswith("models/"):
            _check_graph(json.loads(archive.read(full)), name)


def _check_payloads(config: dict[str, Any], name: str) -> None:
    for payload in (config.get("config") or {}).values():
        file = str(payload.get("path_name", ""))
        if (
            payload.get("use_pickle")
            or not file.startswith(("weight_", "tensor_"))
            or not NAME.fullmatch(file)
        ):
            raise EngineError(
                f"{name} holds the pickled object {file!r}, which can run any code when it is opened."
            )


def _check_weights_only(data: bytes, name: str) -> None:
    if not data:
        return
    import torch

    try:
        torch.load(io.BytesIO(data), weights_only=True)
    except Exception:
        raise EngineError(
            f"{name} has sample inputs that are not plain tensors; export it with plain tensors."
        ) from None


def _check_graph(program: Any, name: str) -> None:
    for key, value in _strings(program):
        if key == "target" and value and not TARGET.fullmatch(value) and "." in value:
            raise EngineError(f"{name} calls {value[:80]!r}, which is no tensor operation.")
        if key in {"name", "as_name"} and not NAME.fullmatch(value):
            raise EngineError(f"{name} has the unsafe name {value[:80]!r}.")
        if key == "expr_str" and ("__" in value or not EXPRESSION.fullmatch(value)):
            raise EngineError(f"{name} has the unsafe expression {value[:80]!r}.")


def _strings(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every string in the program with the key it stands under, except notes for people and guards, which are never run."""
    if isinstance(node, str):
        yield key, node
    elif isinstance(node, list):
        for part in node:
            yield from _strings(part, key)
    elif isinstance(node, dict):
        for inner, part in node.items():
            if inner not in {"metadata", "guards_code"}:
                yield from _strings(part, inner)
