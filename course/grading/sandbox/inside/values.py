"""Plain values to JSON and back: the only things that cross between the sandbox and the judge.

What crosses is what `helpers.exercises.engine.plain` makes of any value: numbers, text, lists, tuples, dicts,
arrays, and `Other` for the rest. Towards the sandbox cross also `Rng`, by its seed, and functions, which stay
where they are and are called back. `decode` believes nothing: kinds, shapes and sizes are checked, nothing is
unpickled.
"""

import base64
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.exercises.engine.arguments import GIVEN, Given, Rng, fresh
from helpers.exercises.engine.plain import Other

DEPTH = 25  # deepest nesting
ITEMS = 200_000  # elements of lists, tuples and dicts, taken together
BYTES = 12_000_000  # bytes of arrays and text, taken together
_DTYPE = re.compile(r"[<>|=]?[biufc](1|2|4|8|16|32)")


class CrossingError(ValueError):
    """A value that cannot cross: too large, too deep, or malformed."""


class _Budget:
    def __init__(self) -> None:
        self.items, self.bytes = ITEMS, BYTES

    def take(self, items: int = 0, size: int = 0) -> None:
        self.items -= items
        self.bytes -= size
        if self.items < 0 or self.bytes < 0:
            raise CrossingError("the value is too large")


def encode(value: Any, functions: list[Callable[..., Any]] | None = None) -> Any:
    """Turn a value into what JSON can say.

    `functions` collects the functions that `Given` stands for, to be called back by their place in it.

    Raises:
        CrossingError: if the value is too large or too deep.
    """
    return _encode(value, _Budget(), 0, functions)


def _encode(value: Any, budget: _Budget, depth: int, functions: list[Any] | None) -> Any:
    if depth > DEPTH:
        raise CrossingError("the value is nested too deeply")
    budget.take(items=1)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.generic):
        return {"t": "scalar", **_pack(np.asarray(value), budget)}
    if isinstance(value, int):
        budget.take(size=value.bit_length() // 8)
        return value if value.bit_length() <= 4096 else {"t": "other", "v": "int of more than 4096 bits"}
    if isinstance(value, float):
        return value
    if isinstance(value, str):
        budget.take(size=len(value))
        return value
    if isinstance(value, np.ndarray):
        return {"t": "array", "shape": list(value.shape), **_pack(value, budget)}
    if isinstance(value, (list, tuple)):
        items = [_encode(item, budget, depth + 1, functions) for item in value]
        return {"t": "tuple" if isinstance(value, tuple) else "list", "v": items}
    if isinstance(value, dict):
        pairs = [[key, _encode(item, budget, depth + 1, functions)] for key, item in value.items()]
        budget.take(items=len(pairs), size=sum(len(str(key)) for key in value))
        return {"t": "dict", "v": pairs}
    if isinstance(value, Rng):
        return {"t": "rng", "v": value.seed}
    if isinstance(value, Given) and functions is not None:
        functions.append(GIVEN[value.name](**fresh(value.data)))
        return {"t": "function", "v": len(functions) - 1}
    return {"t": "other", "v": str(getattr(value, "type_name", type(value).__name__))[:100]}


def _pack(array: Any, budget: _Budget) -> dict[str, str]:
    if not _DTYPE.fullmatch(array.dtype.str):
        raise CrossingError(f"an array of {array.dtype} cannot cross")
    budget.take(size=array.nbytes)
    raw = np.ascontiguousarray(array).tobytes()
    return {"dtype": array.dtype.str, "b": base64.b64encode(raw).decode("ascii")}


def decode(value: Any, call_back: Callable[..., Any] | None = None) -> Any:
    """Turn what `encode` made back into a value, believing nothing.

    A function becomes one that calls `call_back(place, arguments)`; without `call_back` it is refused.

    Raises:
        CrossingError: if it is malformed, too large or too deep.
    """
    try:
        return _decode(value, _Budget(), 0, call_back)
    except CrossingError:
        raise
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError, MemoryError) as error:
        raise CrossingError(f"the value is malformed ({type(error).__name__})") from None


def _decode(value: Any, budget: _Budget, depth: int, call_back: Callable[..., Any] | None) -> Any:
    if depth > DEPTH:
        raise CrossingError("the value is nested too deeply")
    budget.take(items=1)
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        budget.take(size=value.bit_length() // 8)
        return value
    if isinstance(value, str):
        budget.take(size=len(value))
        return value
    kind = value["t"]
    if kind in ("list", "tuple"):
        items = [_decode(item, budget, depth + 1, call_back) for item in value["v"]]
        return tuple(items) if kind == "tuple" else items
    if kind == "dict":
        if not all(type(key) in (str, int) for key, _ in value["v"]):
            raise CrossingError("a key is neither text nor a number")
        return {key: _decode(item, budget, depth + 1, call_back) for key, item in value["v"]}
    if kind in ("array", "scalar"):
        return _decode_array(value, budget)
    if kind == "rng":
        return Rng(int(value["v"]))
    if kind == "function" and call_back is not None:
        place = int(value["v"])
        return lambda *arguments: call_back(place, arguments)
    if kind == "other":
        return Other(str(value["v"])[:100])
    raise CrossingError("the value is of an unknown kind")


def _decode_array(value: Any, budget: _Budget) -> Any:
    if not _DTYPE.fullmatch(value["dtype"]):
        raise CrossingError("an array holds something else than numbers")
    raw = base64.b64decode(value["b"], validate=True)
    budget.take(size=len(raw))
    array = np.frombuffer(raw, dtype=np.dtype(value["dtype"])).copy()
    shape = value["shape"] if value["t"] == "array" else []
    if len(shape) > 16 or any(type(size) is not int or size < 0 for size in shape):
        raise CrossingError("an array has an impossible shape")
    if array.size != math.prod(shape):
        raise CrossingError("an array has the wrong number of entries")
    return array.reshape(shape) if value["t"] == "array" else array[0]
