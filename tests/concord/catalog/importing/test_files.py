"""The file of an import, opened as its mapping says."""

from typing import Any

import pytest

from concord.catalog.importing.files import opened
from concord.core.errors import Invalid


def test_a_file_is_read_as_it_comes(batch: Any) -> None:
    with opened(batch(b"a;b\n1;2\n")) as source:
        assert (source.columns(), source.format, source.delimiter) == (["a", "b"], "csv", ";")
        assert (source.size, source.name) == (8, "t.csv")


def test_a_mapping_says_how_a_file_is_read(batch: Any) -> None:
    said = {"delimiter": "|", "encoding": "latin-1", "skip_lines": 1, "header": False, "format": "csv"}
    with opened(batch(b"x\n\xe4|2\n", said, format="tsv")) as source:
        assert [line.values for line in source.lines(source.columns())] == [["ä", "2"]]
    with opened(batch(b"a\tb\n", format="tsv")) as source:
        assert source.delimiter == "\t"


@pytest.mark.parametrize("mapping", [[], {"delimiter": "", "encoding": ""}, {"delimiter": None}])
def test_what_a_mapping_leaves_open_is_told_from_the_file(batch: Any, mapping: Any) -> None:
    with opened(batch(b"a;b\n1;2\n", mapping)) as source:
        assert source.columns() == ["a", "b"]


@pytest.mark.parametrize(
    "said", [{"skip_lines": "1"}, {"skip_lines": True}, {"skip_lines": -1}, {"header": "no"}, {"header": 0}]
)
def test_what_makes_no_sense_is_refused(batch: Any, said: Any) -> None:
    with pytest.raises(Invalid, match=next(iter(said))), opened(batch(b"a;b\n1;2\n", said)):
        pass
