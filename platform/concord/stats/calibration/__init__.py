"""Does a probability of 80 % come true 80 % of the time?"""

from __future__ import annotations

__all__: list[str] = []
