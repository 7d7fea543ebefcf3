"""Reading files: every format, every kind of damage, and the number of the line that has it."""

import gzip
import io
import json

import pyarrow
import pyarrow.parquet
import pytest

from concord.catalog.importing import readers, sources
from concord.core.errors import Invalid


def read(content: bytes, wanted: list[str], name: str = "table.csv", **options: str):
    source = readers.open_source(io.BytesIO(content), name=name, size=len(content), **options)
    return list(source.lines(wanted))


def everything(content: bytes, name: str):
    source = readers.open_source(io.BytesIO(content), name=name, size=len(content))
    return list(source.lines(source.columns()))


def good(lines):
    return [(line.number, line.values) for line in lines if not line.error]


def bad(lines):
    return [(line.number, line.error) for line in lines if line.error]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"x,y\n1,one\n2,two\n"),
        ("a.csv", b"\xef\xbb\xbfx,y\r\n1,one\r\n2,two\r\n"),
        ("a.csv", b"x;y\n1;one\n2;two"),
        ("a.tsv", b"x\ty\n1\tone\n2\ttwo\n"),
        ("a.csv", "x,y\n1,one\n2,two\n".encode("utf-16")),
        ("a.csv.gz", gzip.compress(b"x,y\n1,one\n2,two\n", mtime=0)),
        ("a.jsonl", b'{"x": "1", "y": "one"}\n{"y": "two", "x": "2"}\n'),
        ("a.json", b'[{"x": "1", "y": "one"}, {"x": "2", "y": "two"}]'),
        ("a.json.gz", gzip.compress(b'[{"x": "1", "y": "one"},\n{"x": "2", "y": "two"}]', mtime=0)),
    ],
)
def test_every_format_gives_the_same_values(name, content):
    assert [values for _, values in good(read(content, ["y", "x"], name))] == [["one", "1"], ["two", "2"]]


def test_parquet_reads_only_what_is_asked_for():
    table = pyarrow.table({"x": [1, 2], "unused": ["a", "b"], "y": [{"z": "one"}, None]})
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer)
    assert good(read(buffer.getvalue(), ["x", "y.z"], "a.parquet")) == [(1, [1, "one"]), (2, [2, None])]


def test_lines_are_numbered_as_an_editor_shows_them():
    """A cell with line breaks makes one record of several lines; a blank line is none."""
    lines = read(b'x,y\n1,"a\nb"\n\n2,c\n', ["x"])
    assert good(lines) == [(2, ["1"]), (5, ["2"])]


def test_bad_lines_are_rejected_and_the_others_are_read():
    content = b'x,y\n1,a\n2\n3,c,d\n4,"d"e\n5,\xff\xfe\n6,f\n'
    lines = read(content, ["x", "y"])
    assert good(lines) == [(2, ["1", "a"]), (7, ["6", "f"])]
    assert [number for number, _ in bad(lines)] == [3, 4, 5, 6]
    assert "1 cells where the header has 2" in bad(lines)[0][1]
    assert "not UTF-8" in bad(lines)[3][1]


def test_a_quote_that_never_closes_is_one_rejection_that_says_how_far_it_reaches():
    lines = read(b'x,y\n1,a\n2,"b\n3,c\n4,d\n', ["x"])
    assert good(lines) == [(2, ["1"])]
    assert bad(lines) == [(3, "opens a quote that is never closed; lines up to 5 could not be read")]


def test_a_cell_beyond_the_limit_is_rejected_and_reading_goes_on(monkeypatch):
    import csv

    monkeypatch.setattr(sources, "MAX_LINE", 1000)
    before = csv.field_size_limit(500)
    try:
        lines = read(b"x,y\n1," + b"a" * 5000 + b"\n2,b\n", ["x", "y"])
    finally:
        csv.field_size_limit(before)
    assert good(lines) == [(3, ["2", "b"])]
    assert bad(lines)[0][0] == 2


def test_json_lines_that_are_no_objects_are_rejected():
    lines = read(b'{"x": 1}\nnot json\n[1]\n{"x": {"y": 2}, "z.w": 3}\n', ["x.y", "z.w"], "a.jsonl")
    assert [number for number, _ in bad(lines)] == [2, 3]
    assert good(lines)[1] == (4, [2, 3])


def test_a_broken_array_says_which_element():
    with pytest.raises(Invalid, match="Element 2 of the array"):
        read(b'[{"x": 1}, {"x": ]', ["x"], "a.json")


def test_an_array_is_read_in_pieces(monkeypatch):
    rows = [{"x": n, "text": "ä" * 1000} for n in range(500)]
    lines = read(json.dumps(rows, ensure_ascii=False).encode(), ["x"], "a.json")
    assert [values[0] for _, values in good(lines)] == list(range(500))


def test_columns_can_be_listed_before_the_lines_are_read():
    """Both read the same open file, so the first must not close it."""
    content = b"\n".join(json.dumps({"x": n}).encode() for n in range(500))
    source = readers.open_source(io.BytesIO(content), name="a.jsonl", size=len(content))
    assert source.columns() == ["x"]
    assert len(list(source.lines(["x"]))) == 500
    assert source.position() == len(content)


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "a.csv", "empty"),
        (b"\n1,2\n", "a.csv", "must name the columns"),
        (b"x,x\n1,2\n", "a.csv", "same name"),
        (b"x,\x00\n1,2\n", "a.csv", "null bytes"),
        (b"PAR1 but not really", "a.parquet", "cannot be read"),
        (b"\x1f\x8b broken", "a.csv.gz", "damaged"),
        (gzip.compress(b"x\n" + b"a\n" * 20_000, mtime=0)[:-40], "a.csv.gz", "damaged"),
        (b"{}\n{}\n", "a.jsonl", "No objects"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, name, says):
    with pytest.raises(Invalid, match=says):
        everything(content, name)


def test_a_gzip_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(sources, "MAX_LINE", 1000)
    monkeypatch.setattr(sources, "MAX_RATIO", 100)
    content = gzip.compress(b"x,y\n" + b"1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 200_000)
    with pytest.raises(Invalid, match="far more than its size"):
        read(content, ["x"], "bomb.csv.gz")


def parquet(table: pyarrow.Table) -> bytes:
    content = io.BytesIO()
    pyarrow.parquet.write_table(table, content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"MZ\x90\xe9,b\n1,2\n", "program.csv", "no text in this encoding"),
        (b'{"a\\u0000": 1}\n', "table.jsonl", "null bytes"),
        (b'{"\\ud800": 1}\n', "table.jsonl", "no text in this encoding"),
        (
            parquet(pyarrow.Table.from_arrays([pyarrow.array(["a"])] * 2, names=["x", "x"])),
            "t.parquet",
            "same name",
        ),
        (
            parquet(pyarrow.table({"t": pyarrow.array([2**61], pyarrow.timestamp("us"))})),
            "t.parquet",
            "after row 0",
        ),
    ],
)
def test_odd_columns_and_values_of_a_file_are_said_not_raised(content, name, says):
    with pytest.raises(Invalid, match=says):
        everything(content, name)


@pytest.mark.parametrize("encoding", ["rot13", "idna", "undefined", "hex", "utf\x00", "nonsense"])
def test_what_is_no_encoding_of_text_is_refused(encoding):
    with pytest.raises(Invalid, match="no encoding"):
        read(b"a,b\n1,2\n", ["a"], encoding=encoding)


def opened(content: bytes, name: str = "table.csv", **options: object) -> readers.Source:
    return readers.open_source(io.BytesIO(content), name=name, size=len(content), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "name", "format_"),
    [
        (b"a,b\n", "x.csv", "csv"),
        (b"a,b\n", "x", "csv"),
        (b"a\tb\n", "x.TSV", "tsv"),
        (b"a\tb\n", "x.tab", "tsv"),
        (b'{"a": 1}\n', "x.csv", "jsonl"),
        (b'\xef\xbb\xbf \n[{"a": 1}]', "x", "json"),
        (b'[{"a": 1}]', "x.jsonl", "json"),
        (b'{"a": 1}\n', "x.json", "jsonl"),
        (b'{"a": 1}\n', "x.ndjson", "jsonl"),
        (b"1\n", "x.jsonl", "jsonl"),
        (gzip.compress(b"a\tb\n", mtime=0), "x.tsv.gz", "tsv"),
    ],
)
def test_the_format_is_told_by_what_stands_in_a_file_and_by_its_name(
    content: bytes, name: str, format_: str
) -> None:
    source = opened(content, name)
    assert (source.format, source.compressed, source.size) == (format_, name.endswith(".gz"), len(content))


def test_what_a_mapping_states_is_taken_as_it_is() -> None:
    source = opened(b'{"a": 1}\n', "x.jsonl", format="csv", encoding="latin-1", delimiter=":")
    assert (source.format, source.encoding, source.delimiter) == ("csv", "latin-1", ":")
    assert opened(b"a,b\n", "x.tsv", delimiter=",").delimiter == ","
    assert opened(b"a,b\n", "x.tsv").delimiter == "\t"
    assert opened(b"[]", "x.json").delimiter == ""


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (b"a,b\n", {"format": "xlsx"}, "'xlsx' is no format"),
        (b"a,b\n", {"delimiter": ";;"}, "one character"),
        (gzip.compress(b"a,b\n", mtime=0), {"format": "parquet"}, "gzipped Parquet"),
        (b"a,b\n", {"skip_lines": 1001}, "at most 1000"),
        (b"a,b\n", {"skip_lines": -1}, "skip_lines"),
        (b"a,b\n", {"skip_lines": 1.0}, "skip_lines"),
        (b"a,b\n", {"header": None}, "header is true or false"),
    ],
)
def test_what_makes_no_sense_is_refused(content: bytes, options: dict[str, object], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        opened(content, **options)


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"a,b\n", "utf-8-sig"),
        ("a,b\n".encode("utf-16-le"), "utf-8-sig"),
        ("a,b\n".encode("utf-16"), "utf-16"),
        (b"\xfe\xff\x00a", "utf-16"),
    ],
)
def test_the_encoding_is_told_by_the_first_bytes(head: bytes, encoding: str) -> None:
    assert opened(head, format="jsonl").encoding == encoding


def test_the_delimiter_is_told_after_the_lines_that_are_skipped() -> None:
    assert opened(b"a,b,c,d\nx;y\n1;2\n", skip_lines=1).columns() == ["x", "y"]
    assert opened(b"a,b,c,d\nx;y\n1;2\n", skip_lines=1000).delimiter == ","


def test_a_line_cut_by_the_end_of_what_was_looked_at_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"a,b;c\n1;2\n"
    assert opened(content).delimiter == ";"
    monkeypatch.setattr(readers, "HEAD", 9)
    assert opened(content).delimiter == ",", "of the second line the end is missing"
    monkeypatch.setattr(readers, "HEAD", len(content) + 1)
    assert opened(content).delimiter == ";"
    monkeypatch.setattr(readers, "HEAD", 5)
    assert opened(b"a;b;c;d").delimiter == ";", "the only line is looked at although it is cut"


def test_a_cell_of_several_lines_is_one_cell_where_the_delimiter_is_told() -> None:
    assert opened(b'a;b,c\n"1\n2,3";4\n"5\n6,7";8\n').delimiter == ";"


def test_an_encoding_that_nobody_knows_is_quoted_by_its_beginning() -> None:
    with pytest.raises(Invalid) as caught:
        opened(b"a", encoding="x" * 50)
    assert caught.value.message.startswith(f"{'x' * 40!r} is no encoding")


def test_keys_are_gathered_from_the_first_objects() -> None:
    lines = [json.dumps({"a": 1, f"k{n}": {"x": n}}).encode() for n in range(201)]
    columns = opened(b"\n".join(lines), "x.jsonl").columns()
    assert columns[:2] == ["a", "k0.x"]
    assert "k199.x" in columns
    assert "k200.x" not in columns


def test_where_a_reader_is_in_the_file() -> None:
    source = opened(b"a,b\n1,2\n")
    assert source.position() == 0
    list(source.lines(["a"]))
    assert source.position() == 8
