"""What the label probably is, from raters who err in ways of their own."""

from __future__ import annotations

__all__: list[str] = []
