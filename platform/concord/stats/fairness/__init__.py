"""Who is treated differently, and is the difference more than the few people asked?"""

from __future__ import annotations

__all__: list[str] = []
