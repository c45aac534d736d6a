"""Which cells show times. They differ from run to run, so a page with them would never be the same twice."""

import ast
from collections.abc import Iterator, Sequence


def shows_times(sources: Sequence[str]) -> list[bool]:
    """For each cell of code, in their order, whether what it shows depends on a clock.

    A name is a clock's if it is imported from `time` or `timeit`, assigned from something of a clock's, or
    given such a thing by a call of a method, as in `times.append(perf_counter() - start)`.
    """
    clocks: set[str] = set()
    found = []
    for source in sources:
        try:
            body = ast.parse(source).body
        except SyntaxError:  # a line of IPython's
            found.append(False)
            continue
        shown = [_runs(statement, clocks) for statement in body]  # every one, for what it notes
        found.append(any(shown))
    return found


def _runs(statement: ast.stmt, clocks: set[str]) -> bool:
    """Note in `clocks` what a statement gives of a clock's; whether it shows something of it."""
    if isinstance(statement, ast.ImportFrom):
        if statement.module in ("time", "timeit"):
            clocks |= {name.asname or name.name for name in statement.names}
        return False
    if isinstance(statement, ast.For | ast.While | ast.If | ast.With):
        if isinstance(statement, ast.For):
            _assigned([statement.target], _uses(statement.iter, clocks), clocks)
        body = [*statement.body, *getattr(statement, "orelse", [])]
        shown = [_runs(inner, clocks) for inner in body]
        return any(shown)
    if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        given = statement.value is not None and _uses(statement.value, clocks)
        if given or not isinstance(statement, ast.AugAssign):
            _assigned(targets, given, clocks)
        return False
    if not isinstance(statement, ast.Expr) or not _uses(statement.value, clocks):
        return False
    call = statement.value
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        owner = call.func.value
        if isinstance(owner, ast.Name) and call.func.attr in ("append", "extend", "add", "update"):
            clocks.add(owner.id)
            return False
    return True


def _uses(value: ast.expr, clocks: set[str]) -> bool:
    return any(name in clocks for name in _names(value))


def _assigned(targets: Sequence[ast.expr], given: bool, clocks: set[str]) -> None:
    names = {name for target in targets for name in _names(target)}
    if given:
        clocks |= names
    else:
        clocks -= names


def _names(tree: ast.expr) -> Iterator[str]:
    yield from (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
