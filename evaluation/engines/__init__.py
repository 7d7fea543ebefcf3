"""How a system is called. The only place that knows torch, and each engine imports it only when it loads.

Importing this package registers every engine and is light: the web process may do it.
"""

from evaluation.engines import openai_http, torch_program, transformers_folder  # noqa: F401
from evaluation.engines.base import (
    Access,
    Engine,
    EngineError,
    Message,
    Reply,
    Request,
    Sampling,
    create,
    kinds,
    register,
    replace,
)

__all__ = [
    "Access",
    "Engine",
    "EngineError",
    "Message",
    "Reply",
    "Request",
    "Sampling",
    "create",
    "kinds",
    "register",
    "replace",
]
