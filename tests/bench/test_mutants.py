"""The bench of mutants changes one operator at a time, nothing else, and none that no test could or should see."""

from __future__ import annotations

import ast
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from scipy.stats import binomtest

from bench import mutants
from bench.mutation.measuring import Lines, mirror_of
from bench.mutation.points import mutant, points


def changes(text: str) -> set[str]:
    """Return every mutant of a module, as its changed text."""
    tree = ast.parse(text)
    found = [
        mutant("m.py", tree, point, which) for point in points(tree) for which in range(len(point.changes))
    ]
    assert ast.unparse(tree) == ast.unparse(ast.parse(text)), "the tree is left as it was"
    return {one.source for one in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b", {"a <= b", "a >= b"}),
        ("a == b", {"a != b"}),
        ("a is None", {"a is not None"}),
        ("a in b", {"a not in b"}),
        ("a < b <= c", {"a <= b <= c", "a >= b <= c", "a < b < c", "a < b > c"}),
        ("a + b", {"a - b"}),
        ("a / b", {"a * b"}),
        ("a ** b", {"a * b"}),
        ("a += b", {"a -= b"}),
        ("a and b and c", {"a or b or c"}),
        ("not a", {"a"}),
        ("-a", {"a"}),
        ("f(True)", {"f(False)"}),
        ("f(3)", {"f(4)", "f(2)"}),
        ("f(0.5)", {"f(1.5)", "f(1.0)"}),
        ("f(0.0)", {"f(1.0)"}),
        ("min(a, b)", {"max(a, b)"}),
        ("np.maximum(a, b)", {"np.minimum(a, b)"}),
        ("a.any(axis=b)", {"a.all(axis=b)"}),
        ("a[b:c]", {"a[:c]", "a[b:]"}),
        ("f'{a + b}'", {"f'{a - b}'"}),
        ("x if a < b else y", {"x if a <= b else y", "x if a >= b else y"}),
    ],
)
def test_each_operator_has_its_changes(text: str, expected: set[str]) -> None:
    assert changes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        '__all__ = ["a", "b"][0:1]',
        "def f(a: Literal[1, 2] | None) -> int | None:\n    pass",
        "a: tuple[int, ...] | None = None",
        "@cache(maxsize=3)\ndef f():\n    pass",
        '"""1 + 1"""',
        "raise ValueError(f'{a + 1} of {b}')",
        "if TYPE_CHECKING:\n    a = 1",
        "a = b | None",
        "a = 'b' + c",
        "from a import b",
        "'text', None, ...",
    ],
)
def test_what_no_test_should_see_is_left_alone(text: str) -> None:
    assert changes(text) == set()


def test_the_answer_of_a_function_that_returns_a_bool_is_negated() -> None:
    text = "def f(a, b) -> bool:\n    return a is b"
    assert changes(text) == {
        text.replace("is b", "is not b"),
        text.replace("return a is b", "return not a is b"),
    }


def test_a_default_is_set_at_import_and_a_body_is_not() -> None:
    tree = ast.parse("A = 1\n\ndef f(b=2):\n    return (\n        b\n        + A\n    )\n")
    assert [(one.at_import, mutant("", tree, one, 0).lines) for one in points(tree)] == [
        (True, (1, 1)),
        (True, (3, 3)),
        (False, (4, 7)),
    ]


def test_a_mutant_meets_the_tests_that_execute_its_statement() -> None:
    lines = Lines(
        {"t::a": 1.0, "t::b": 2.0}, {"m.py": {3: {"t::a"}, 9: {"t::b", "t::slow"}}}, {"t::slow": "slow"}
    )
    assert lines.tests("m.py", (3, 4), everywhere=False) == {"t::a"}
    assert lines.tests("m.py", (1, 1), everywhere=True) == {"t::a", "t::b"}
    assert lines.tests("m.py", (5, 6), everywhere=False) == set()


def test_the_files_that_are_about_a_statement_come_first_and_their_cheapest_tests() -> None:
    seconds = {"x::slow": 1.0, "x::quick": 0.1, **{f"w{number}::a": 0.01 for number in range(4)}}
    found = mutants.batches(set(seconds), seconds, {"x": 2} | {f"w{number}": 50 for number in range(4)})
    assert found == [["w0::a", "w1::a", "x::quick", "x::slow"], ["w2::a", "w3::a"]]


def test_the_tests_of_a_room_mirror_it() -> None:
    root = Path(mutants.__file__).parents[1]
    for room in mutants.chosen_rooms(["stats", "estimates", "report", "importing", "stats/tails"]):
        assert (root / room).is_dir(), room
        assert list((root / mirror_of(room)).rglob("test_*.py")), room


def test_the_interval_is_wilsons() -> None:
    for hits, n in ((0, 20), (17, 20), (255, 300), (300, 300)):
        reference = binomtest(hits, n).proportion_ci(method="wilson")
        assert mutants.wilson(hits, n) == pytest.approx((reference.low, reference.high), abs=1e-6)
    assert math.isnan(mutants.wilson(0, 0)[0])


SMALL = "def clipped(a):\n    while a > 1:\n        a = 1\n    return a\n"
OUTCOMES = {
    SMALL.replace("a > 1", "a >= 2"): "survived",
    SMALL.replace("a = 1", "a = 0"): "killed",
    SMALL + "\nclipped(b)\n": "killed",
    SMALL.replace("a > 1", "a >= 1"): "timed out",
}
SCRIPT = """
import json, sys
from pathlib import Path
from bench import mutants
name, states = "test_small.py::test_a", []
for after in json.loads(sys.argv[1]):
    one = mutants.Mutant("platform/small.py", 2, "compare", (2, 2), False, "", "", after)
    states.append(mutants.Trial(one, "room", batches=[[name]]))
mutants.Bench([Path.cwd()], timeout=1.0, seconds={name: 0.0}).run(states)
print(json.dumps([one.state for one in states]))
"""


def test_a_mutant_is_killed_by_a_failure_or_by_never_ending(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "platform").mkdir(parents=True)
    (tree / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    (tree / "platform" / "small.py").write_text(SMALL)
    (tree / "test_small.py").write_text(
        "from small import clipped\n\n\ndef test_a():\n    assert clipped(3) == 1\n"
    )
    # A process of its own: it forks, and this one may have threads and a database.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    root = str(Path(mutants.__file__).parents[1])
    shown = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(list(OUTCOMES))],
        cwd=tree,
        env=clean | {"PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(shown.stdout.splitlines()[-1]) == list(OUTCOMES.values())
    assert (tree / "platform" / "small.py").read_text() == SMALL
