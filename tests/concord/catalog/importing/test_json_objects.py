"""JSON lines and JSON arrays: paths into objects, and what is no object."""

import io
import json
from typing import Any

import pytest

from concord.catalog.importing import json_objects
from concord.catalog.importing.json_objects import look_up, object_lines, objects, paths
from concord.catalog.importing.sources import Raw
from concord.core.errors import Invalid


def raw(content: bytes, format: str = "jsonl") -> Raw:
    return Raw(io.BytesIO(content), "t", format, False, len(content), "utf-8")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a", 1),
        ("b.c", 2),
        ("b.d.e", None),
        ("b", {"c": 2, "d": None}),
        ("x", None),
        ("a.x", None),
        ("f.g", "as it is named"),
        ("b.c.x", None),
    ],
)
def test_a_path_leads_into_objects(path: str, value: Any) -> None:
    assert (
        look_up({"a": 1, "b": {"c": 2, "d": None}, "f.g": "as it is named", "f": {"g": "nested"}}, path)
        == value
    )


def test_the_paths_of_an_object_end_at_what_is_no_object_or_too_deep() -> None:
    found = {"a": 1, "b": {"c": 2, "d": {"e": {"f": {"g": 1}}}}, "h": {}, "i": [{"j": 1}]}
    assert list(paths(found)) == ["a", "b.c", "b.d.e.f", "h", "i"]


def test_lines_are_numbered_and_blank_ones_are_none() -> None:
    content = b'{"a": 1}\n\n  \n[1]\nx\n{"a": 2}\n"\xff"\n7'
    found = list(object_lines(raw(content), ["a"]))
    assert [(line.number, line.values) for line in found if not line.error] == [(1, [1]), (6, [2])]
    assert [(line.number, line.error.split(":")[0], line.excerpt) for line in found if line.error] == [
        (4, "is not a JSON object", "[1]"),
        (5, "is not JSON", "x\n"),
        (7, "holds bytes that are not UTF-8", '"?"\n'),
        (8, "is not a JSON object", "7"),
    ]


def test_a_line_beyond_the_limit_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_objects, "MAX_LINE", 10)
    found = list(object_lines(raw(b'{"a": 12}\n{"a": 123}\n{"a":1}\n'), ["a"]))
    assert [(line.number, bool(line.error)) for line in found] == [(1, True), (2, True), (3, False)]
    assert "more than 10 characters" in found[0].error


@pytest.mark.parametrize(
    "content", ['[{"a": 1}, 2 ,"x"]', ' \n[\n{"a": 1},\n2,\n"x"\n]\n', '[{"a":1},2,"x"]\n\r\t ']
)
def test_the_elements_of_an_array_by_their_places(content: str) -> None:
    assert [(n, value) for n, value, _ in objects(raw(content.encode(), "json"))] == [
        (1, {"a": 1}),
        (2, 2),
        (3, "x"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[{"a": 1}][{"a": 2}]', "ends after its element 1, and the file goes on with '[{"),
        ("[1]\n\n[2]", "goes on with '[2]'"),
        ("[] x", "ends after its element 0, and the file goes on with 'x'"),
        ("[1]]", "goes on with ']'"),
        ("[1]\x00", "goes on with"),
        ("[1 2]", "After element 1 of the array stands neither a comma"),
        ('[{"a": 1} {"a": 2}]', "After element 1 of the array stands neither"),
        ("[1,,2]", "Element 2 of the array is not JSON"),
        ("[1,]", "Element 2 of the array is not JSON"),
        ("[,1]", "Element 1 of the array is not JSON"),
        ("[1", "Element 1 of the array is not JSON"),
        ("[{}", "does not end"),
        ("[1,", "Element 2 of the array is not JSON"),
        ("[", "Element 1"),
        ('{"a": 1}', "is not a JSON array"),
        ('[{"a": 1, "a": 2}]', "the key 'a' stands twice in one object"),
        ('[{"b": [{"a": 1, "a": 1}]}]', "stands twice"),
        ("[" * 200_000, "nested too deeply"),
        ("[1" + "0" * 5000 + "]", "Element 1 of the array is not JSON"),
    ],
)
def test_of_an_array_nothing_is_lost_in_silence(content: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        list(objects(raw(content.encode(), "json")))
    assert words in refused.value.message
    assert (refused.value.code, refused.value.field) == ("unreadable_file", "file")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"a": 1}{"a": 2}', "Extra data"),
        ('{"a": 1, "a": 1}', "the key 'a' stands twice in one object"),
        ('{"a": {"b": 1, "b": 2}}', "the key 'b' stands twice"),
        ("[" * 200_000, "nested too deeply"),
        ('{"a": 1' + "0" * 5000 + "}", "is not JSON"),
    ],
)
def test_a_line_that_could_be_read_in_two_ways_is_rejected(line: str, words: str) -> None:
    found = list(object_lines(raw(f'{{"a": 0}}\n{line}\n{{"a": 3}}\n'.encode()), ["a"]))
    assert [one.values for one in found] == [[0], [], [3]]
    assert words in found[1].error


def test_many_small_elements_are_read_in_time() -> None:
    content = b"[" + b",".join(b"%d" % n for n in range(300_000)) + b"]"
    assert sum(value for _, value, _ in objects(raw(content, "json"))) == 300_000 * 299_999 // 2


def test_an_array_of_many_pieces_is_read_whole() -> None:
    rows = [{"n": n, "text": "ä" * 300} for n in range(1000)] + [1234567] * 40_000
    content = json.dumps(rows, ensure_ascii=False).encode()
    assert [value for _, value, _ in objects(raw(content, "json"))] == rows


def test_a_number_cut_by_the_end_of_a_piece_is_one_number(monkeypatch: pytest.MonkeyPatch) -> None:
    pad = "x" * ((1 << 16) - 10)
    content = f'["{pad}", 1234567890, 5]'.encode()
    assert [value for _, value, _ in objects(raw(content, "json"))][1:] == [1234567890, 5]


@pytest.mark.parametrize(
    ("content", "place"), [(b'[{"a": 1}, {"a": ]', 2), (b"[1, 2", 2), (b"[", 1), (b"[x]", 1)]
)
def test_a_broken_array_says_which_element(content: bytes, place: int) -> None:
    with pytest.raises(Invalid, match=f"Element {place} of the array"):
        list(objects(raw(content, "json")))


def test_an_element_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_objects, "MAX_LINE", 1 << 16)
    with pytest.raises(Invalid, match="Element 1 of the array is not JSON \\(or too long\\)"):
        list(objects(raw(json.dumps(["x" * 400_000]).encode(), "json")))


def test_an_array_in_another_encoding_is_refused() -> None:
    with pytest.raises(Invalid, match="is not utf-8"):
        list(objects(raw(b'["\xff"]', "json")))
