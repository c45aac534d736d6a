"""What an error usually means, for those who have not met it: read off its message and its line."""

import re

from helpers.exercises.engine.calling import Failure

# By a piece of the message, the first that fits.
_MEANS = {
    "mismatch in its core dimension": "In a product `A @ B` the last length of `A` and the first of `B` "
    "have to be equal: print both shapes.",
    "not aligned": "In `np.dot(A, B)`, as in `A @ B`, the last length of `A` and the first of `B` have to "
    "be equal: print both shapes. Does one of them want a `.T`, or to stand on the other side?",
    "does not have enough dimensions": "One side of `@` is a single number. A matrix product wants arrays.",
    "truth value of an array": "An array gives one truth value for each entry, and `if`, `max` and `min` "
    "want a single one. `np.where` and `np.maximum` decide entry by entry.",
    "can be converted to Python scalars": "This function takes one number and gets an array. NumPy has one "
    "of the same name that works entry by entry.",
    "only integer scalar arrays": "An array stands where one whole number is asked for: as the index of a "
    "*list*, in `range(...)`, or as the second argument of `np.concatenate`, which is the axis. Arrays that "
    "belong together go in as a list, and `np.array(...)` makes of a list what several indices can pick "
    "from.",
    "cannot be interpreted as an integer": "A float, or an array, stands where a whole number is asked for: "
    "a length, a place or an axis. `np.max(0, z)` takes `z` for an axis, and the larger of two is "
    "`np.maximum(0, z)`. `/` gives a float, `//` a whole number.",
    "arrays used as indices must be": "Floats stand in an index. The number of a row or a class is a whole "
    "number: have labels been put into one array with other numbers?",
    "list indices must be integers": "A list is indexed as if it were an array. `A[rows, columns]` is for "
    "arrays: `np.array(...)` makes one.",
    "not enough values to unpack": "On the left of `=`, or between `for` and `in`, stand more names than "
    "things come. What is it that comes? `for W, b in parameters` takes pairs.",
    "too many values to unpack": "On the left of `=`, or between `for` and `in`, stand fewer names than "
    "things come. `for W, b in parameters` takes pairs; with a number in front it is `for i, (W, b) in "
    "enumerate(parameters)`.",
    "cannot unpack non-iterable": "Several names stand on the left of `=`, and one thing comes that cannot "
    "be taken apart. Does the function that gives it return several?",
    "Generator' object has no attribute": "`rng` is a Generator, whose methods have other names than those "
    "of `np.random`: `rng.standard_normal(shape)` for `randn`, `rng.random(shape)` for `rand`, "
    "`rng.integers` for `randint`.",
    "'NoneType'": "Something is None. A function without `return` gives None, and so do `append`, `sort` and "
    "`rng.shuffle`, which change the list or the array itself.",
    "math domain error": "`math.log` takes numbers above 0 only, `math.sqrt` none below 0. Which number is "
    "it here, and what should count in its place?",
    "math range error": "The number is too large for a float: `exp` of anything above 709 is. Rewrite the "
    "formula so that no exponent is above 0.",
    "is out of bounds for array of dimension 1": "The array has a single axis, axis 0. Labels are a plain "
    "row of numbers: they have no columns.",
    "too many indices for array": "There are more indices between the brackets than the array has axes: "
    "print its shape. Labels are a plain row of numbers, with one axis.",
    "'list' and '": "A list does not calculate as an array does. `np.array(...)` makes an array of it.",
    "'bitwise_xor' not supported": "`^` is no power in Python: that is `**`.",
    "and 'EigResult'": "`np.linalg.eig` gives two things, the eigenvalues and the eigenvectors.",
    "and 'EighResult'": "`np.linalg.eigh` gives two things, the eigenvalues and the eigenvectors.",
    "invalid index to scalar variable": "One number is indexed as if it were an array.",
    "can't multiply sequence by non-int": "A list or a tuple is multiplied as if it were an array.",
    "'list' object has no attribute": "A list has no shape and no `.T`. `np.array(...)` makes an array of "
    "it.",
}
# By the type of the error.
_USUALLY = {
    "NameError": "The name is not defined: is it misspelt, or does the cell that makes it have to run first?",
    "UnboundLocalError": "The variable is read before it has been given a value.",
    "IndexError": "An index goes past the end: the first index is 0, the last one is the length minus 1.",
    "ZeroDivisionError": "A division by zero.",
    "OverflowError": "The number is too large for a float.",
    "RecursionError": "The function calls itself without an end.",
    "StdinNotImplementedError": "It asks with `input()`. What a function needs comes as its arguments.",
    "FloatingPointError": "NumPy stops here because a cell of the notebook has told it to, with "
    "`np.seterr` or `np.errstate`. Without that line it goes on with `inf` or `nan`.",
    "SystemExit": "It calls `exit()`. A function ends with `return`.",
    "ModuleNotFoundError": "The module is not there. NumPy is all that is needed.",
}


def meaning(failure: Failure) -> str:
    """What the error usually means, and the shapes of the arrays in its line; empty if nothing is known."""
    if "could not be broadcast together" in failure.message:
        means = _broadcast(failure)
    else:
        means = next((means for piece, means in _MEANS.items() if piece in failure.message), "")
        means = means or _USUALLY.get(failure.type, "")
    shapes = f"Here {failure.seen}." if failure.seen and _about_shapes(failure) else ""
    return " ".join(filter(None, (shapes, means)))


def _about_shapes(failure: Failure) -> bool:
    pieces = ("broadcast", "core dimension", "not aligned", "indices", "out of bounds", "truth value")
    return any(piece in failure.message for piece in pieces)


def _broadcast(failure: Failure) -> str:
    """Which of its usual causes two shapes that do not fit together have."""
    shapes = [
        tuple(map(int, re.findall(r"\d+", text))) for text in re.findall(r"\(([\d,]*)\)", failure.message)
    ]
    general = "Entry by entry, lengths have to be equal or 1, counted from the last axis."
    if len(shapes) != 2:
        return general
    one, other = sorted(shapes, key=len)
    labels = [
        name
        for name, length in re.findall(r"`(\w+)`(?: has the shape)? \((\d+),\) of whole", failure.seen)
        if one == (int(length),) and len(other) == 2
    ]
    if labels:
        return (
            f"`{labels[0]}` holds whole numbers, one for each row: the numbers of the classes, and no "
            "one-hot rows. Nothing can be multiplied with them or subtracted: pick the entry of each row "
            "that its number says."
        )
    first, second = shapes
    product = len(first) == len(second) == 2 and first[1] == second[0]
    if product and re.search(r"\*|multiply", failure.line):
        return "`*` and `np.multiply` go entry by entry. For these two shapes there is a matrix product: `@`."
    if len(one) == 1 and len(other) == 2 and one[0] == other[0]:
        return (
            f"{one} is one number for each row. A sum or a maximum loses the axis that it runs along; with "
            f"`keepdims=True` it stays, as {(one[0], 1)}, and fits."
        )
    if len(one) == len(other) == 2 and one[0] == other[0]:
        return f"{general} Both have as many rows: why has one of them fewer columns?"
    return general
