"""Model files that are no programs: each archive made here holds one thing that could run somebody's code."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from evaluation.engines import EngineError
from evaluation.engines.program_archive import EXPRESSION, NAME, TARGET, read_program

GRAPH = {"nodes": [{"target": "torch.ops.aten.add.Tensor", "name": "add_1"}]}


def archive(path: Path, **entries: Any) -> Path:
    """An archive with these entries below one folder; `__` in a name stands for a slash and `_dot_` for a dot."""
    with zipfile.ZipFile(path, "w") as made:
        for name, content in entries.items():
            data = content if isinstance(content, bytes) else json.dumps(content)
            made.writestr("model/" + name.replace("__", "/").replace("_dot_", "."), data)
    return path


def export(path: Path, **entries: Any) -> Path:
    return archive(path, archive_format=b"pt2\n", **entries)


def test_the_form_is_told_by_what_lies_in_the_archive(tmp_path: Path) -> None:
    program = export(tmp_path / "a.pt2", models__model_dot_json=GRAPH)
    script = archive(tmp_path / "b.pt", constants_dot_pkl=b"", code____torch___dot_py=b"")
    assert read_program(program) == ("export", program.read_bytes())
    assert read_program(script)[0] == "torchscript"


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"data_dot_pkl": b""}, "is a pickle"),
        ({"constants_dot_pkl": b""}, "neither"),
        ({"code__x_dot_py": b""}, "neither"),
        ({"archive_format": b"pt3"}, "neither"),
        ({}, "neither"),
    ],
)
def test_other_archives_are_refused(tmp_path: Path, entries: dict[str, Any], said: str) -> None:
    with pytest.raises(EngineError, match=said):
        read_program(archive(tmp_path / "x.pt", **entries))


def test_no_archive_and_no_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no model file"):
        read_program(tmp_path / "none.pt2")
    with pytest.raises(EngineError, match="no model file"):
        read_program(tmp_path)
    (tmp_path / "x.pt2").write_bytes(b"\x80\x04.")
    with pytest.raises(EngineError, match="neither an exported program nor"):
        read_program(tmp_path / "x.pt2")


@pytest.mark.parametrize(
    ("entry", "content", "said"),
    [
        ("data__aotinductor__a_dot_so", b"", "compiled native code"),
        ("data__weights__weight_0_dot_pt", b"", "old pickled form"),
        ("data__constants__c_dot_pt", b"", "old pickled form"),
        (
            "data__weights__w_dot_json",
            {"config": {"a": {"path_name": "weight_0", "use_pickle": True}}},
            "pickled object",
        ),
        ("data__weights__w_dot_json", {"config": {"a": {"path_name": "custom_obj_0"}}}, "pickled object"),
        ("data__constants__c_dot_json", {"config": {"a": {"path_name": "weight_../x"}}}, "pickled object"),
        ("data__constants__c_dot_json", {"config": {"a": {}}}, "pickled object"),
        ("models__m_dot_json", {"target": "os.system"}, "calls 'os.system'"),
        ("models__m_dot_json", {"nodes": [{"x": [{"target": "builtins.eval"}]}]}, "calls 'builtins.eval'"),
        ("models__m_dot_json", {"target": "_operator.attrgetter"}, "no tensor operation"),
        ("models__m_dot_json", {"name": "x = 1"}, "unsafe name"),
        ("models__m_dot_json", {"as_name": "a;b"}, "unsafe name"),
        ("models__m_dot_json", {"expr_str": "x.__class__"}, "unsafe expression"),
        ("models__m_dot_json", {"expr_str": "x[0]"}, "unsafe expression"),
        ("models__m_dot_json", b"{", "neither"),
        ("models__m_dot_json", b"\xff\xfe", "neither"),
    ],
)
def test_an_exported_program_is_read_before_torch_sees_it(
    tmp_path: Path, entry: str, content: Any, said: str
) -> None:
    with pytest.raises(EngineError, match=said):
        read_program(export(tmp_path / "x.pt2", **{entry: content}))


@pytest.mark.parametrize(
    ("entry", "content"),
    [
        ("data__weights__w_dot_json", {"config": {"a": {"path_name": "weight_0", "use_pickle": False}}}),
        ("data__constants__c_dot_json", {"config": {"a": {"path_name": "tensor_12"}}}),
        ("data__weights__w_dot_json", {"config": None}),
        ("data__sample_inputs__m_dot_pt", b""),
        ("models__m_dot_json", {"target": ""}),
        ("models__m_dot_json", {"target": "weight"}),
        ("models__m_dot_json", {"expr_str": "2*s0 + Max(1, s1)"}),
        ("models__m_dot_json", {"metadata": {"target": "os.system"}, "guards_code": ["x.__class__"]}),
    ],
)
def test_what_needs_no_code_is_handed_on(tmp_path: Path, entry: str, content: Any) -> None:
    assert read_program(export(tmp_path / "x.pt2", **{entry: content}))[0] == "export"


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (
            TARGET,
            ["torch.ops.aten.mm.default", "_operator.add", "math.floor", "torch.sym_max"],
            ["torch.load"],
        ),
        (TARGET, ["_operator.getitem"], ["_operator.methodcaller", "_operator.itemgetter", "mathx.floor"]),
        (NAME, ["a_1.b-c", ""], ["a b", "a/b", "a\n"]),
        (EXPRESSION, ["s0 <= 4 & s1", "Mod(s0, 2)"], ["a@b", "a;b", "lambda: 1", '"x"', "{1}"]),
    ],
)
def test_the_lists_of_what_is_allowed(pattern: Any, good: list[str], bad: list[str]) -> None:
    assert all(pattern.fullmatch(one) for one in good)
    assert not any(pattern.fullmatch(one) for one in bad)
