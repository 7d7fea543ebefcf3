"""The OpenAPI description: what every route has in common."""

from typing import Any

from concord.core.api.problems import CONTENT_TYPE
from concord.core.api.serializers import ProblemSerializer


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Say once for each operation that errors are problems (a hook of drf-spectacular)."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _problem_schema()
    answer = {
        "description": "Any error",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("default", answer)
    return result


def _problem_schema() -> dict[str, Any]:
    kinds = {"CharField": "string", "IntegerField": "integer", "DictField": "object"}
    fields = ProblemSerializer().fields
    return {
        "type": "object",
        "description": ProblemSerializer.__doc__,
        "properties": {
            name: {
                "type": kinds[type(field).__name__],
                **({"description": str(field.help_text)} if field.help_text else {}),
            }
            for name, field in fields.items()
        },
        "required": [name for name, field in fields.items() if field.required],
    }
