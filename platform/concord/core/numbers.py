"""Numbers in what others send."""

import sys
from typing import Any, TypeGuard


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether it is a finite number, and no truth value.

    Python reads NaN, Infinity and whole numbers of any length in JSON, and PostgreSQL refuses them there.
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
