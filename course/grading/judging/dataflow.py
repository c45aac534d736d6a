"""What a cell's code does to the notebook's names, read off the code without running it."""

import ast
import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

# Code that uses one of these can reach names that do not stand in it.
_REACHES_ALL = frozenset(
    {"globals", "locals", "vars", "dir", "eval", "exec", "compile", "get_ipython", "getattr", "setattr"}
    | {"delattr", "breakpoint", "sys", "gc", "inspect", "importlib", "builtins", "__builtins__"}
    | {"__import__", "__main__"}
)
_OUTPUTS = frozenset({"_", "__", "___", "In", "Out"})  # outputs of other cells
# Packages that change nothing when they are imported; of the names from them, those whose functions do not
# change their arguments; and functions that do, or that change a state that everything shares.
_QUIET = frozenset({"numpy", "math", "time", "timeit", "helpers", "plotly"})
_QUIET |= {"itertools", "functools", "collections"}
_GENTLE = frozenset({"np", "numpy", "math", "figures", "widgets", "quiz", "hint", "check", "perf_counter"})
_GLOBAL = frozenset(
    {"seterr", "seterrcall", "set_printoptions", "set_state", "seed", "tzset", "sleep", "copyto", "put"}
    | {"place", "putmask", "fill_diagonal", "put_along_axis", "shuffle", "random", "rand", "randn"}
    | {"randint", "choice", "permutation", "uniform", "normal"}
)
_BUILT_IN = frozenset(dir(builtins))
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Effects:
    """What a cell does to names.

    `now` are names that it reads before it has bound them itself, `later` those that its functions read when
    they are called, `binds` those that it surely binds, `maybe` those that it binds or not, `touches` what it
    may change otherwise: ("call", name) or ("given", function, name). `imports` are those of `binds` and
    `maybe` that stand for modules or what is in them, `functions` those that a `def` made. `always`: it
    cannot be told. `plain`: it does nothing but bind names to functions, modules, and what an expression
    without a call gives.
    """

    now: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()
    touches: frozenset[tuple[str, ...]] = frozenset()
    imports: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    always: bool = False
    plain: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Every name of the notebook that it reads or binds."""
        return self.now | self.later | self.binds | self.maybe

    def changes(self, imported: frozenset[str], functions: frozenset[str]) -> frozenset[str]:
        """The names that it makes, or whose things it may change.

        `imported` are names from modules, `functions` those of functions: who is given one can only call it,
        and a call by the lesson is nothing that a grade waits for.
        """
        changed = set(self.binds | self.maybe)
        for kind, first, *rest in self.touches:
            if kind == "call" and first not in imported:
                changed.add(first)
            elif kind == "given" and not (first in imported and first in _GENTLE) and first not in _BUILT_IN:
                changed.update(frozenset(rest) - imported - functions - _BUILT_IN)
        return frozenset(changed)


@lru_cache(maxsize=2048)
def effects(source: str) -> Effects:
    """Read off the code of a cell what it does to names."""
    try:
        tree = ast.parse(source)
        reader = _Reader()
        bound = reader.block(tree.body, set())
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # magics among them
        return Effects(always=True)
    reads = reader.now | reader.later
    return Effects(
        frozenset(reader.now),
        frozenset(reader.later),
        frozenset(bound),
        frozenset(reader.maybe - bound),
        frozenset(reader.touches),
        frozenset(reader.imports),
        _functions(tree) - reader.imports,
        reader.always or bool(reads & (_REACHES_ALL | _OUTPUTS)),
        all(map(_plain, tree.body)),
    )


def _functions(tree: ast.Module) -> frozenset[str]:
    """The names that a cell gives to functions by `def`, and never to anything else."""
    made, other = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.decorator_list:
            made.add(node.name)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            other.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            other.add(node.id)
    return frozenset(made - other)


def _plain(statement: ast.stmt) -> bool:
    """Does this statement only bind names, without a call of anything?"""
    parts: list[ast.AST] = [statement]
    if isinstance(statement, ast.FunctionDef):
        if statement.decorator_list:
            return False
        parts = [statement.args, *filter(None, [statement.returns])]
    elif not isinstance(statement, (ast.Assign, ast.Expr, ast.Import, ast.ImportFrom)):
        return False
    stored = (ast.Attribute, ast.Subscript)
    return not any(
        isinstance(node, (ast.Call, ast.Await, ast.NamedExpr, *_COMPREHENSIONS))
        or (isinstance(node, stored) and isinstance(node.ctx, ast.Store))
        for part in parts
        for node in ast.walk(part)
    )


class _Reader:
    """Goes through statements in the order in which they run."""

    def __init__(self) -> None:
        self.now: set[str] = set()
        self.later: set[str] = set()
        self.maybe: set[str] = set()
        self.touches: set[tuple[str, ...]] = set()
        self.imports: set[str] = set()
        self.always = False

    def block(self, statements: Sequence[ast.stmt], bound: set[str]) -> set[str]:
        """Read statements given the names that are bound already; return those bound after them."""
        bound = set(bound)
        for statement in statements:
            bound |= self.statement(statement, bound)
        return bound

    def statement(self, node: ast.stmt, bound: set[str]) -> set[str]:
        """Read one statement; return the names that it surely binds."""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.read(
                [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)], bound
            )
            self.function(node)
            return {node.name}
        if isinstance(node, ast.ClassDef):
            self.read([*node.decorator_list, *node.bases, *(k.value for k in node.keywords)], bound)
            self.block(node.body, bound)
            return {node.name}
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return self.imported(node)
        if isinstance(node, ast.If):
            self.read([node.test], bound)
            one, other = self.block(node.body, bound), self.block(node.orelse, bound)
            self.maybe |= (one | other) - bound
            return (one & other) - bound
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            self.read([node.test if isinstance(node, ast.While) else node.iter], bound)
            inside = set() if isinstance(node, ast.While) else self.target(node.target, bound)
            self.maybe |= self.block([*node.body, *node.orelse], bound | inside) - bound
            return set()
        if isinstance(node, (ast.With, ast.AsyncWith)):
            made: set[str] = set()
            for item in node.items:
                self.read([item.context_expr], bound | made)
                made |= self.target(item.optional_vars, bound) if item.optional_vars else set()
            return self.block(node.body, bound | made) - bound
        if isinstance(node, (ast.Try, ast.TryStar)):
            handlers = [statement for handler in node.handlers for statement in handler.body]
            named = {handler.name for handler in node.handlers if handler.name}
            inside = self.block([*node.body, *node.orelse, *node.finalbody], bound)
            self.maybe |= (inside | self.block(handlers, bound | named)) - bound
            return set()
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            self.read([node.value] if node.value else [], bound)
            targets = node.targets if isinstance(node, ast.Assign) else [node.target] if node.value else []
            return set().union(*(self.target(target, bound) for target in targets))
        if isinstance(node, ast.AugAssign):
            self.read([node.value, node.target], bound)
            self.touches.update(("call", name) for name in root(node.target))  # an array changes in place
            return self.target(node.target, bound)
        if isinstance(node, ast.Delete):
            return set().union(*(self.target(target, bound) for target in node.targets))
        if isinstance(node, (ast.Match, ast.Global)):
            self.always = True
            return set()
        self.read([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)], bound)
        return set()

    def target(self, node: ast.expr, bound: set[str]) -> set[str]:
        """What is assigned to: the names that this binds; parts of things are changes of those things."""
        if isinstance(node, ast.Name):
            return {node.id}
        if isinstance(node, (ast.Tuple, ast.List)):
            return set().union(*(self.target(one, bound) for one in node.elts))
        if isinstance(node, ast.Starred):
            return self.target(node.value, bound)
        self.read([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)], bound)
        self.touches.update(("call", name) for name in root(node))
        return set()

    def imported(self, node: ast.Import | ast.ImportFrom) -> set[str]:
        names = set()
        for alias in node.names:
            module = node.module or "" if isinstance(node, ast.ImportFrom) else alias.name
            self.always = self.always or alias.name == "*" or module.partition(".")[0] not in _QUIET
            whole = alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name
            names.add(alias.asname or whole)
        self.imports |= names
        return names

    def read(self, nodes: Iterable[ast.AST], bound: set[str]) -> None:
        """Read expressions that are evaluated now."""
        for node in nodes:
            if isinstance(node, ast.Lambda):
                self.read([*node.args.defaults, *filter(None, node.args.kw_defaults)], bound)
                self.function(node)
            elif isinstance(node, _COMPREHENSIONS):
                own: set[str] = set()
                for part in node.generators:
                    self.read([part.iter], bound | own)
                    own |= self.target(part.target, bound)
                    self.read(part.ifs, bound | own)
                ends = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
                self.read(ends, bound | own)
            elif isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Load) and node.id not in bound:
                    self.now.add(node.id)
                elif not isinstance(node.ctx, ast.Load):
                    self.maybe.add(node.id)  # the walrus
            else:
                if isinstance(node, ast.Call):
                    self.call(node)
                self.read(ast.iter_child_nodes(node), bound)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        """Read a function: what it uses of the notebook is used when it is called."""
        self.later |= free(node)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call):
                self.call(inner)
            elif isinstance(inner, ast.Global):
                self.always = True

    def call(self, node: ast.Call) -> None:
        """A call may change what it is called on and what it is given."""
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        first = next(iter(root(node.func)), "")
        if called in _GLOBAL and first in ("np", "numpy", "time", "random", "sleep", "seed"):
            self.always = True
        if isinstance(node.func, ast.Attribute):
            self.touches.add(("call", first))
        for one in [*node.args, *(keyword.value for keyword in node.keywords)]:
            self.touches.update(("given", first, name) for name in _passed(one))


def root(node: ast.AST) -> frozenset[str]:
    """The name at the beginning of `a.b[c].d`, if it begins with one."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return frozenset({node.id}) if isinstance(node, ast.Name) else frozenset()


def _passed(node: ast.AST) -> frozenset[str]:
    """The names whose things a call gets hold of when this is its argument: not those it is computed from."""
    parts: list[ast.expr] = []
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        parts = node.elts
    elif isinstance(node, (ast.Dict, ast.BoolOp)):
        parts = list(node.values)
    elif isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    else:
        return root(node)
    return frozenset(name for part in parts for name in _passed(part))


def free(node: ast.AST) -> set[str]:
    """The names that a function reads and does not bind itself."""
    arguments = node.args if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) else None
    own: set[str] = set()
    if arguments is not None:
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        own = {one.arg for one in [*every, *filter(None, [arguments.vararg, arguments.kwarg])]}
    read: set[str] = set()
    body = node.body if isinstance(node.body, list) else [node.body]  # type: ignore[attr-defined]
    waiting: list[ast.AST] = list(body)
    while waiting:
        one = waiting.pop()
        if isinstance(one, _SCOPES):
            read |= free(one)
            own |= {one.name} if not isinstance(one, ast.Lambda) else set()
            continue
        if isinstance(one, ast.Name):
            (read if isinstance(one.ctx, ast.Load) else own).add(one.id)
        elif isinstance(one, ast.ExceptHandler) and one.name:
            own.add(one.name)
        elif isinstance(one, ast.alias):
            own.add(one.asname or one.name.partition(".")[0])
        waiting.extend(ast.iter_child_nodes(one))
    return read - own
