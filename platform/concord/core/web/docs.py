"""The API's description for people: every route of the OpenAPI schema on one page, without scripts."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")


def api_docs(request: HttpRequest) -> HttpResponse:
    return render(request, "core/api_docs.html", {"groups": groups(), "schemas": schemas()})


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    """The routes change only with the code, and describing them takes a second."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema


def groups() -> list[dict[str, Any]]:
    """Operations by the first word of their path, in the order of the schema."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, item in _schema().get("paths", {}).items():
        noun = path.removeprefix("/api/v1/").split("/", 1)[0]
        for method in METHODS:
            if method in item:
                found.setdefault(noun, []).append(_operation(path, method, item[method]))
    return [_group(noun, operations) for noun, operations in sorted(found.items())]


def schemas() -> list[dict[str, Any]]:
    """The bodies: name, sentence, and one row per field."""
    components = _schema().get("components", {}).get("schemas", {})
    return [
        {"name": name, "description": body.get("description", ""), "rows": _fields(body)}
        for name, body in sorted(components.items())
    ]


def _group(noun: str, operations: list[dict[str, Any]]) -> dict[str, Any]:
    """What is said of every operation alike is said once, of the group."""
    texts = [f"{one['summary']}\n{one['more']}".strip() for one in operations]
    repeated = {text for text in texts if text and texts.count(text) > 1}
    for text, one in zip(texts, operations, strict=True):
        if text in repeated:
            one["summary"] = one["more"] = ""
    return {"name": noun, "about": "\n".join(sorted(repeated)), "operations": operations}


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    lines = str(operation.get("description", "")).strip().splitlines()
    return {
        "id": operation.get("operationId", f"{method}{path}"),
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary") or (lines[0] if lines else ""),
        "more": "\n".join(lines[1:]).strip(),
        "parameters": [
            {
                "name": p["name"],
                "where": p["in"],
                "kind": _kind(p.get("schema", {})),
                "required": p.get("required", False),
            }
            for p in operation.get("parameters", [])
        ],
        "body": _content(operation.get("requestBody", {})),
        "answers": [
            {"status": status, "body": _content(answer), "description": answer.get("description", "")}
            for status, answer in operation.get("responses", {}).items()
        ],
    }


def _content(part: dict[str, Any]) -> dict[str, str]:
    """Name and link of the body in a request or an answer."""
    for content in part.get("content", {}).values():
        return _kind(content.get("schema", {}))
    return {}


def _fields(body: dict[str, Any]) -> list[dict[str, Any]]:
    required = set(body.get("required", []))
    if "enum" in body:
        return [
            {
                "name": "one of",
                "kind": {"text": ", ".join(map(str, body["enum"]))},
                "required": False,
                "help": "",
            }
        ]
    return [
        {
            "name": name,
            "kind": _kind(field),
            "required": name in required,
            "help": field.get("description", ""),
        }
        for name, field in body.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any]) -> dict[str, str]:
    """A type in words, and the name of the schema that it links to, if any."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return {"text": name, "link": name}
    for joined in ("allOf", "oneOf", "anyOf"):
        if schema.get(joined):
            return _kind(schema[joined][0])
    if schema.get("type") == "array":
        inner = _kind(schema.get("items", {}))
        return {**inner, "text": f"list of {inner['text']}"}
    kind = schema.get("format") or schema.get("type") or "any"
    return {"text": " or ".join(kind) if isinstance(kind, list) else str(kind)}
