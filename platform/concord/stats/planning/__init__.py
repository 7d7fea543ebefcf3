"""How many examples, raters and ratings a question needs."""

from __future__ import annotations

__all__: list[str] = []
