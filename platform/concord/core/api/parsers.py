"""JSON bodies, refused where nothing behind the API could keep them."""

import codecs
import json
import math
import re
from collections.abc import Iterator
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

_ESCAPED = re.compile(r"\\u(0000|[dD][89a-fA-F])")
_UNKEPT = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(JSONParser):
    """JSON as everybody means it: no NaN or infinity, no null bytes, no half characters, no bottomless nesting.

    PostgreSQL keeps none of these, so each would otherwise be an error of ours somewhere below.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None
    ) -> dict[str, Any]:
        encoding = (parser_context or {}).get("encoding", "utf-8")
        try:
            text = codecs.getreader(encoding)(stream).read()
            found: Any = json.loads(text, parse_float=_finite, parse_constant=_refused)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        except (ValueError, LookupError) as error:
            raise ParseError(f"The body is not JSON: {error}.") from None
        # Half characters and null bytes can only come in as escapes: looking for these first costs next to nothing.
        if _ESCAPED.search(text) and any(_UNKEPT.search(part) for part in _texts(found)):
            raise ParseError("The JSON holds a null byte or half a character, which cannot be kept.")
        return found  # type: ignore[no-any-return]


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


def _refused(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def _texts(found: Any) -> Iterator[str]:
    """Every key and every text in it."""
    open_ = [found]
    while open_:
        part = open_.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            yield from part
            open_.extend(part.values())
        elif isinstance(part, list):
            open_.extend(part)
