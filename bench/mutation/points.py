"""Where one operator of a module can be changed, and the module with it changed.

A point is a comparison, an arithmetic operator, ``and``, ``or``, ``not``, a unary minus, a constant (bool, int, float), a
bound of a slice, a call of ``min``, ``max``, ``any`` or ``all`` (also NumPy's), or the answer of a function that returns a bool.
No points are annotations, decorators, ``__all__``, docstrings, what is read by type checkers only, and the text of an error.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
CALLS = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "minimum": "maximum",
    "maximum": "minimum",
    "nanmin": "nanmax",
    "nanmax": "nanmin",
}
Change = Callable[[ast.AST], ast.AST]


@dataclass(frozen=True)
class Mutant:
    """One changed operator: ``before`` and ``after`` are the expression around it."""

    path: str
    line: int
    operator: str
    lines: tuple[int, int]  # of the statement, as tests execute it
    at_import: bool  # outside of all functions: every test that uses the module may see it
    before: str
    after: str
    source: str  # the changed module

    @property
    def name(self) -> str:
        """What tells it from all others, also after lines were moved."""
        return f"{self.path}: {self.before} -> {self.after}"


@dataclass(frozen=True)
class Point:
    """A node that can be changed, each change with the name of its operator."""

    node: ast.expr | ast.stmt
    around: ast.AST
    statement: ast.stmt
    at_import: bool
    changes: tuple[tuple[str, Change], ...]


def mutant(path: str, tree: ast.Module, point: Point, which: int) -> Mutant:
    """Return the module with one change of a point made; the tree is left as it was."""
    operator, change = point.changes[which]
    changed = change(copy.copy(point.node))
    before = ast.unparse(point.around)
    _replace(tree, point.node, changed)
    after = ast.unparse(changed if point.around is point.node else point.around)
    source = ast.unparse(tree)
    _replace(tree, changed, point.node)
    return Mutant(
        path, point.node.lineno, operator, _executed(point.statement), point.at_import, before, after, source
    )


def _replace(tree: ast.Module, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(one is old for one in value):
                setattr(parent, name, [new if one is old else one for one in value])


def _executed(statement: ast.stmt) -> tuple[int, int]:
    """Return first and last line of a statement, of a compound one only its head."""
    body = getattr(statement, "body", None)
    last = body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
    return statement.lineno, max(last, statement.lineno)


def points(tree: ast.Module) -> list[Point]:
    """Return every point of a module, in the order of the text."""
    found = [point for statement in tree.body for point in _statement(statement, at_import=True, truth=False)]
    return sorted(found, key=lambda point: (point.node.lineno, point.node.col_offset))


def _statement(statement: ast.stmt, at_import: bool, truth: bool) -> Iterator[Point]:
    if _is_passed_over(statement):
        return
    if truth and isinstance(statement, ast.Return) and isinstance(statement.value, ast.Compare | ast.BoolOp):
        negated: Change = lambda node: ast.Return(ast.UnaryOp(ast.Not(), node.value))  # type: ignore[attr-defined]  # noqa: E731
        yield Point(statement, statement, statement, at_import, (("return", negated),))
    if isinstance(statement, ast.AugAssign) and type(statement.op) in ARITHMETIC:
        yield Point(statement, statement, statement, at_import, tuple(_arithmetic(statement.op)))
    inner = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
    says_bool = inner and ast.unparse(getattr(statement, "returns", None) or ast.Constant(None)) == "bool"
    for child in _children(statement):
        if isinstance(child, ast.stmt):
            yield from _statement(child, at_import and not inner, says_bool if inner else truth)
        else:
            yield from _expression(child, child, statement, at_import)


def _is_passed_over(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        return any(isinstance(target, ast.Name) and target.id == "__all__" for target in statement.targets)
    if isinstance(statement, ast.If):
        return ast.unparse(statement.test).endswith("TYPE_CHECKING")
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _children(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Yield what is executed of a node: neither annotations nor decorators."""
    passed = {"annotation", "returns", "decorator_list", "ctx", "op", "ops"}
    within = ast.excepthandler | ast.match_case | ast.withitem | ast.keyword | ast.comprehension
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if name in passed:
                continue
            if isinstance(child, ast.arguments):
                yield from (default for default in [*child.defaults, *child.kw_defaults] if default)
            elif isinstance(child, within):
                yield from _children(child)
            elif isinstance(child, ast.expr | ast.stmt):
                yield child


def _expression(
    node: ast.expr | ast.stmt, around: ast.AST, statement: ast.stmt, at_import: bool
) -> Iterator[Point]:
    if isinstance(statement, ast.Raise) and isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal":
        return
    if changes := tuple(_changes(node)):
        yield Point(node, around, statement, at_import, changes)
    # Small things are shown within what they are part of, at most two steps up; large ones by themselves.
    for child in _children(node):
        short = len(ast.unparse(around)) <= 90
        yield from _expression(child, around if short else node, statement, at_import)


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    match node:
        case ast.Compare():
            yield from _compared(node)
        case ast.BinOp() if not _joins_types_or_text(node):
            yield from _arithmetic(node.op)
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield ("and/or", lambda one: ast.BoolOp(other, one.values))  # type: ignore[attr-defined]
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield ("not" if isinstance(node.op, ast.Not) else "minus", lambda one: one.operand)  # type: ignore[attr-defined]
        case ast.Constant(value=bool() | int() | float()):
            yield from _constant(node.value)
        case ast.Call() if _called(node) in CALLS:
            yield (_called(node), _other_call)
        case ast.Slice():
            parts = [name for name in ("lower", "upper", "step") if getattr(node, name) is not None]
            yield from (("slice", lambda one, name=name: _without(one, name)) for name in parts)


def _compared(node: ast.Compare) -> Iterator[tuple[str, Change]]:
    for place, op in enumerate(node.ops):
        for other in COMPARISONS[type(op)]:
            ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
            yield "compare", lambda one, ops=ops: ast.Compare(one.left, ops, one.comparators)  # type: ignore[misc]


def _arithmetic(op: ast.operator) -> Iterator[tuple[str, Change]]:
    other = ARITHMETIC.get(type(op))
    if other is not None:
        yield "arithmetic", lambda one: _with_operator(one, other())


def _with_operator(node: ast.AST, op: ast.operator) -> ast.AST:
    node.op = op  # type: ignore[attr-defined]
    return node


def _joins_types_or_text(node: ast.BinOp) -> bool:
    """Tell `int | None` and `"a" + "b"`, which no change of the operator leaves valid."""
    if isinstance(node.op, ast.BitOr):
        names = [side.id for side in (node.left, node.right) if isinstance(side, ast.Name)]
        none = any(isinstance(side, ast.Constant) and side.value is None for side in (node.left, node.right))
        return none or any(
            name in {"int", "float", "str", "bytes", "list", "tuple", "dict"} for name in names
        )
    return any(
        isinstance(side, ast.JoinedStr) or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in (node.left, node.right)
    )


def _constant(value: object) -> Iterator[tuple[str, Change]]:
    if isinstance(value, bool):
        others: tuple[object, ...] = (not value,)
    elif isinstance(value, int):
        others = (value + 1, value - 1)
    elif isinstance(value, float):
        others = (value + 1.0, value * 2.0) if value else (1.0,)
    else:
        return
    for other in others:
        yield "constant", lambda _one, other=other: ast.Constant(other)  # type: ignore[misc]


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _other_call(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.Call)
    name = CALLS[_called(node)]
    func = ast.Name(name) if isinstance(node.func, ast.Name) else ast.Attribute(node.func.value, name)  # type: ignore[attr-defined]
    return ast.Call(func, node.args, node.keywords)


def _without(node: ast.AST, name: str) -> ast.AST:
    setattr(node, name, None)
    return node
