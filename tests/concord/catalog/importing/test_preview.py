"""The first lines as the mapping reads them."""

from typing import Any

import pytest

from concord.catalog.importing.preview import preview
from concord.core.errors import Invalid

OUTPUTS: dict[str, Any] = {
    "kind": "outputs",
    "fields": {
        "system": {"column": "model"},
        "example": {"column": "id"},
        "text": {"column": "answer"},
        "slices": {"t": {"column": "topic"}, "m": {"column": "model"}},
    },
}
RATINGS: dict[str, Any] = {
    "kind": "ratings",
    "study": "S",
    "criterion": "help",
    "fields": {
        "system": {"column": "model"},
        "example": {"column": "id"},
        "value": {"column": "mark"},
        "seconds": {"column": "took"},
    },
    "when": {"column": "topic", "equals": "geo"},
}
HEAD = b"model,id,answer,topic,mark,took\n"


def tables(batch: Any, content: bytes, *entries: dict[str, Any], limit: int | None = None) -> Any:
    return preview(batch(HEAD + content, {"dataset": "D", "records": list(entries)}), limit)


def test_each_entry_has_a_table_of_what_its_fields_get(batch: Any) -> None:
    outputs, ratings = tables(batch, b"a,1,yes,geo,3,0.5\nb,2,no,bio,4,\n", OUTPUTS, RATINGS)
    assert (outputs.label, outputs.headers) == ("outputs", ["system", "example", "text", "slices"])
    assert outputs.rows[0] == {"line": 2, "cells": ["a", "1", "yes", "t: geo, m: a"], "error": ""}
    assert ratings.headers == ["study", "criterion", "system", "example", "value", "seconds"]
    assert ratings.rows[0] == {"line": 2, "cells": ["S", "help", "a", "1", "3", "0.5"], "error": ""}
    assert ratings.rows[1] == {"line": 3, "cells": [], "error": "gives none"}


def test_what_cannot_be_read_is_said_and_the_rest_is_shown(batch: Any) -> None:
    (ratings,) = tables(batch, b"a,1,yes,geo,x,y\nb,2\na,,yes,geo,1,\n", RATINGS)
    assert ratings.rows[0] == {
        "line": 2,
        "cells": ["S", "help", "a", "1", "", ""],
        "error": "mark 'x' is not a number",
    }
    assert ratings.rows[1] == {"line": 3, "cells": [], "error": "has 2 cells where the header has 6"}
    assert ratings.rows[2] == {"line": 4, "cells": ["S", "help", "a", "", "1", ""], "error": "id is empty"}


def test_long_text_is_cut(batch: Any) -> None:
    long, fits = b"x" * 161, b"y" * 160
    (outputs,) = tables(batch, b"a,1,%s,geo,1,\na,2,%s,%s,1,\n" % (long, fits, b"z" * 170), OUTPUTS)
    assert outputs.rows[0]["cells"][2] == "x" * 160 + "…"
    assert outputs.rows[1]["cells"][2] == "y" * 160
    assert outputs.rows[1]["cells"][3] == "t: " + "z" * 157


def test_few_lines_where_one_gives_many_records(batch: Any) -> None:
    content = b"a,1,yes,geo,3,\n" * 20
    lines = [[len(table.rows) for table in tables(batch, content, *[OUTPUTS] * n)] for n in (1, 2, 3)]
    assert lines == [[12], [12, 12], [4, 4, 4]]
    assert len(tables(batch, content, OUTPUTS, limit=7)[0].rows) == 7


def test_a_mapping_that_cannot_be_used_has_no_preview(batch: Any) -> None:
    with pytest.raises(Invalid, match="cannot be used"):
        tables(batch, b"", {"kind": "poems"})
