"""Mutate a right answer mechanically: one small change of its syntax tree at a time.

A check that does not notice such a change would let the same slip of a learner pass.
"""

import ast
import copy
import inspect
import textwrap
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from helpers.exercises.engine.inspecting import names_used

_OPERATORS: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.Mult,),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
_CALLS = {
    "sum": ("mean", "prod"),
    "mean": ("sum",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "max": ("min",),
    "min": ("max",),
    "zeros": ("ones",),
    "zeros_like": ("ones_like",),
    "exp": ("expm1",),
    "sin": ("cos",),
    "append": ("extend",),
    "permutation": ("arange",),
}
# Calls that can be replaced by their first argument.
_DROPPED = {"sqrt", "exp", "log", "abs", "copy", "reversed", "log1p", "expm1", "norm", "sorted"}


@dataclass(frozen=True)
class Mutant:
    description: str  # "line 3: * becomes /"
    function: Callable[..., Any]


def mutants(original: Callable[..., Any]) -> Iterator[Mutant]:
    """Every mutant of a function and of the functions of its module that it calls."""
    trees = {part.__name__: _tree(part) for part in _parts(original)}
    for name, tree in trees.items():
        for description, mutated in _trees(tree):
            # All of them anew, in a namespace of their own, so that each calls the mutant.
            namespace = dict(original.__globals__)
            for other, untouched in trees.items():
                whole = mutated if other == name else untouched
                exec(compile(whole, f"<mutant of {other}>", "exec"), namespace)
            yield Mutant(f"`{name}`, {description}", namespace[original.__name__])


def _tree(function: Callable[..., Any]) -> ast.Module:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []  # `@given` would register the mutant
    return tree


def _parts(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """The function and those of the exercises' modules that it calls, directly or not."""
    found, queue = [], [function]
    while queue:
        one = queue.pop()
        found.append(one)
        for kind, name in names_used(one.__code__):
            value = one.__globals__.get(name) if kind == "global" else None
            if (
                isinstance(value, types.FunctionType)
                and value.__name__ != "<lambda>"
                and value.__module__ == function.__module__
                and value not in found + queue
            ):
                queue.append(value)
    return found


def _trees(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """Copies of the tree with one change each. A change is a function that edits a copy's node in place."""
    nodes = list(ast.walk(tree))
    seen = {ast.unparse(tree)}
    for i, node in enumerate(nodes):
        for what, edit in _edits(node):
            mutated = copy.deepcopy(tree)
            edit(list(ast.walk(mutated))[i])
            ast.fix_missing_locations(mutated)
            text = ast.unparse(mutated)
            if text not in seen:
                seen.add(text)
                yield f"line {getattr(node, 'lineno', 0)}: {what}", mutated


def _edits(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], None]]]:
    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        for other in _OPERATORS.get(type(node.op), ()):
            yield (
                f"{_symbol(node.op)} becomes {_symbol(other())}",
                lambda n, other=other: setattr(n, "op", other()),
            )
    if isinstance(node, ast.BinOp):
        for side in ("left", "right"):
            yield (
                f"only the {side} side of {_short(node)}",
                lambda n, side=side: _become(n, getattr(n, side)),
            )
        if isinstance(node.op, ast.MatMult):
            for side in ("left", "right"):
                yield f"{side} side of {_short(node)} transposed", lambda n, side=side: _transpose(n, side)
            yield f"{_short(node)} in the other order", _swap
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not, ast.Invert)):
        yield f"{_short(node)} without its sign", lambda n: _become(n, n.operand)
    if isinstance(node, ast.Compare):
        for other in _OPERATORS.get(type(node.ops[0]), ()):
            yield (
                f"{_symbol(node.ops[0])} becomes {_symbol(other())}",
                lambda n, other=other: n.ops.__setitem__(0, other()),
            )
    if isinstance(node, ast.BoolOp):
        for other in _OPERATORS[type(node.op)]:
            yield (
                f"{_symbol(node.op)} becomes {_symbol(other())}",
                lambda n, other=other: setattr(n, "op", other()),
            )
    yield from _edits_of_leaves(node)
    yield from _edits_of_calls(node)
    yield from _edits_of_statements(node)


def _edits_of_leaves(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], None]]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        if isinstance(node.value, bool):
            values: tuple[Any, ...] = (not node.value,)
        elif isinstance(node.value, int):
            values = (node.value + 1, node.value - 1)
        else:
            values = (node.value * 2, -node.value)
        for value in values:
            yield f"{node.value} becomes {value}", lambda n, value=value: setattr(n, "value", value)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield f"{_short(node)} without .T", lambda n: _become(n, n.value)
    if isinstance(node, ast.Slice):
        for bound in ("lower", "upper", "step"):
            if getattr(node, bound) is not None:
                yield (
                    f"slice {_short(node)} without its {bound} bound",
                    lambda n, bound=bound: setattr(n, bound, None),
                )
    if isinstance(node, ast.IfExp):
        for branch in ("body", "orelse"):
            yield (
                f"always {_short(getattr(node, branch))}",
                lambda n, branch=branch: _become(n, getattr(n, branch)),
            )


def _edits_of_calls(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], None]]]:
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, (ast.Attribute, ast.Name)):
        field = "attr" if isinstance(node.func, ast.Attribute) else "id"
        name = getattr(node.func, field)
        for other in _CALLS.get(name, ()):
            if isinstance(node.func, ast.Attribute):
                yield f"{name} becomes {other}", lambda n, other=other: setattr(n.func, "attr", other)
        if name in _DROPPED:
            if node.args:
                yield f"{name} dropped", lambda n: _become(n, n.args[0])
            elif isinstance(node.func, ast.Attribute):
                yield f"{name} dropped", lambda n: _become(n, n.func.value)
    for i, keyword in enumerate(node.keywords):
        yield f"{keyword.arg} left out of {_short(node)}", lambda n, i=i: n.keywords.pop(i)
        if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant):
            other = {0: 1, 1: 0, -1: 0}.get(keyword.value.value, 0)
            yield (
                f"axis becomes {other}",
                lambda n, i=i, other=other: setattr(n.keywords[i], "value", ast.Constant(other)),
            )


def _edits_of_statements(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], None]]]:
    if isinstance(node, ast.Return) and node.value is not None:
        if isinstance(node.value, ast.Tuple):
            for i in range(len(node.value.elts)):
                yield (
                    f"sign of result {i + 1}",
                    lambda n, i=i: n.value.elts.__setitem__(i, ast.UnaryOp(ast.USub(), n.value.elts[i])),
                )
        else:
            yield (
                "sign of the result",
                lambda n: setattr(n, "value", ast.UnaryOp(ast.USub(), n.value)),
            )
    for field in ("body", "orelse"):
        statements = getattr(node, field, None)
        if not isinstance(statements, list):
            continue
        for i, statement in enumerate(statements):
            documentation = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if isinstance(statement, (ast.Assign, ast.AugAssign, ast.Expr, ast.For, ast.If)) and (
                not documentation
            ):
                yield (
                    f"{_short(statement)} dropped (line {statement.lineno})",
                    lambda n, field=field, i=i: getattr(n, field).__setitem__(i, ast.Pass()),
                )


def _become(node: Any, other: ast.AST) -> None:
    """Turn a node into another one where it stands."""
    node.__class__ = other.__class__
    node.__dict__ = dict(other.__dict__)


def _transpose(node: Any, side: str) -> None:
    setattr(node, side, ast.Attribute(getattr(node, side), "T", ast.Load()))


def _swap(node: Any) -> None:
    node.left, node.right = node.right, node.left


def _symbol(operator: ast.AST) -> str:
    symbols = {
        ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**",
        ast.FloorDiv: "//", ast.Mod: "%", ast.Gt: ">", ast.Lt: "<", ast.GtE: ">=", ast.LtE: "<=",
        ast.Eq: "==", ast.NotEq: "!=", ast.And: "and", ast.Or: "or",
    }  # fmt: skip
    return symbols.get(type(operator), type(operator).__name__)


def _short(node: ast.AST) -> str:
    text = ast.unparse(node).splitlines()[0]
    return f"`{text if len(text) <= 50 else text[:49] + '…'}`"
