"""The mini-batches of an epoch."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.exercises.engine.arguments import Rng
from helpers.exercises.engine.exercise import SHAPES, Aspect, Case, Exercise, Fault, Misconception
from helpers.exercises.engine.types import Array, Labels
from helpers.exercises.training.headings import BATCHES


def minibatches(X: Array, y: Labels, size: int, rng: np.random.Generator) -> list[tuple[Array, Labels]]:
    order = rng.permutation(len(X))
    return [(X[order[k : k + size]], y[order[k : k + size]]) for k in range(0, len(X), size)]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(N: int, size: int, group: str | None = None) -> Case:
        X = np.column_stack([np.arange(N) + 0.5, rng.normal(size=N)])  # the first column tells the rows apart
        return Case((X, rng.permutation(N), size, Rng(int(rng.integers(10_000)))), group=group)

    return [case(24, 6), case(23, 5, "short"), case(31, 8, "short"), case(7, 20, "short")]


def _compare_batches(case: Case, expected: Any, actual: Any) -> list[Fault]:
    """Any order will do, so batches are judged by what a right epoch has."""
    X, y, size, _ = case.arguments
    if not isinstance(actual, (list, tuple)) or not all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in actual
    ):
        one_by_one = _rows_one_by_one(actual)
        says = " A batch is a list of rows with their labels: put each into an array." * one_by_one
        return [
            Fault(
                "type", f"Expected is a list of pairs `(X_batch, y_batch)`.{says}", detail=float(one_by_one)
            )
        ]
    if _rows_one_by_one(actual) or _single_rows(X, actual):
        says = "Each row comes with its own label. Expected are two arrays for each batch."
        return [Fault("type", says, detail=1.0)]
    if not all(
        isinstance(part, np.ndarray) and part.ndim == axes and part.dtype.kind in "fiu"
        for pair in actual
        for part, axes in zip(pair, (2, 1), strict=True)
    ) or any(part.shape[1] != X.shape[1] for part, _ in actual):
        return [
            Fault("type", "Each pair holds an array of rows of `X` and an array of as many entries of `y`.")
        ]
    if any(len(X_batch) != len(y_batch) for X_batch, y_batch in actual):
        columns = all(len(X_batch) == len(X) and len(y_batch) <= X.shape[1] for X_batch, y_batch in actual)
        says = " `X` is cut along its columns: an example is a row." * columns
        return [Fault("uneven", f"A batch has more rows than labels, or fewer.{says}", detail=float(columns))]
    faults = []
    sizes = [len(y_batch) for _, y_batch in actual]
    rows = np.concatenate([X_batch[:, 0] for X_batch, _ in actual]) if actual else np.empty(0)
    labels = np.concatenate([y_batch for _, y_batch in actual]) if actual else np.empty(0)
    right = [size] * (len(X) // size) + ([len(X) % size] if len(X) % size else [])
    missing = len(X) - len(np.unique(rows))
    if missing:
        faults.append(
            Fault("rows", f"{missing} of the {len(X)} rows are in no batch.", detail=float(missing))
        )
    if len(rows) > len(np.unique(rows)):
        twice = len(rows) - len(np.unique(rows))
        faults.append(Fault("twice", f"{twice} rows are used more than once.", detail=float(twice)))
    if missing and 0 in sizes:
        empty = sizes.count(0)
        faults.append(
            Fault("empty", f"{empty} of the {len(sizes)} batches hold no rows.", detail=float(empty))
        )
    if len(actual) == 1 and len(X) > size:
        faults.append(_one_batch(actual[0][1], expected))
    if y.dtype.kind in "iu" and any(y_batch.dtype.kind == "f" for _, y_batch in actual):
        says = "The labels come back as floats, 2.0 for 2: with such a label no entry can be picked."
        faults.append(Fault("labels", says))
    if sizes != right and not missing:
        faults.append(
            Fault("sizes", f"The batches have {sizes} rows, expected {right}.", detail=float(len(sizes)))
        )
    known = dict(zip(X[:, 0].tolist(), y.tolist(), strict=True))
    apart = sum(known.get(row) != label for row, label in zip(rows.tolist(), labels.tolist(), strict=True))
    if apart:
        # A detail of 1 says that the labels stand where they stood: only the rows were shuffled.
        stayed = float(np.array_equal(labels, y))
        faults.append(Fault("pairs", f"{apart} rows have the label of another row.", detail=stayed))
    if len(rows) > 3 and (np.all(np.diff(rows) > 0) or np.all(np.diff(rows) < 0)):
        faults.append(
            Fault("order", "The rows come in the order in which they were given: they are not shuffled.")
        )
    else:
        inside = all(np.all(np.diff(X_batch[:, 0]) > 0) for X_batch, _ in actual if len(X_batch) > 1)
        if inside and max(sizes, default=0) > 2:
            faults.append(
                Fault(
                    "blocks", "Within each batch the rows stand in their old order: neighbours stay together."
                )
            )
    return faults


def _rows_one_by_one(actual: Any) -> bool:
    """Is each batch a list of pairs, of a row and its label?"""
    if not isinstance(actual, (list, tuple)) or not actual:
        return False
    return all(
        isinstance(batch, (list, tuple))
        and batch
        and all(isinstance(pair, (list, tuple)) and list(map(np.ndim, pair)) == [1, 0] for pair in batch)
        for batch in actual
    )


def _single_rows(X: np.ndarray, actual: Any) -> bool:
    """Is there a pair for each row, of the row and its label?"""
    return len(actual) == len(X) and all(list(map(np.ndim, pair)) == [1, 0] for pair in actual)


def _one_batch(labels: np.ndarray, expected: Any) -> Fault:
    """Of several batches one came: is it the first or the last, as far as the order can tell?"""
    first, last = expected[0][1], expected[-1][1]
    whole = [batch for _, batch in expected if len(batch) == len(first)]
    place = 0.0
    if np.array_equal(labels, first):
        place = 1.0
    elif np.array_equal(labels, whole[-1]) or len(labels) == len(last) < len(first):
        place = 2.0
    return Fault("sizes", f"One batch comes out, expected {len(expected)}.", detail=place)


_ROWS = SHAPES | {"rows", "twice", "pairs", "uneven"}


def _batches_from(order_of: Callable[..., Any]) -> Callable[..., Any]:
    """A misconception about the order: `order_of(N, rng)`."""

    def minibatches(X: Array, y: Labels, size: int, rng: np.random.Generator) -> list[tuple[Array, Labels]]:
        order = order_of(len(X), rng)
        return [(X[order[k : k + size]], y[order[k : k + size]]) for k in range(0, len(X), size)]

    return minibatches


def dropped(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    return [pair for pair in minibatches(X, y, size, rng) if len(pair[0]) == size]


def shuffled_apart(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    pairs = minibatches(X, y, size, rng)
    labels = y[rng.permutation(len(y))]
    return [(X_batch, labels[i * size : i * size + len(X_batch)]) for i, (X_batch, _) in enumerate(pairs)]


def _batches_only_X(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    pairs = minibatches(X, y, size, rng)
    return [(X_batch, y[i * size : i * size + len(X_batch)]) for i, (X_batch, _) in enumerate(pairs)]


def _batches_filled_up(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    order = rng.permutation(len(X))
    order = np.concatenate([order, order[: -len(X) % size]])
    return [(X[order[k : k + size]], y[order[k : k + size]]) for k in range(0, len(order), size)]


def _batches_drawn(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    draws = [rng.integers(len(X), size=size) for _ in range(-(-len(X) // size))]
    return [(X[rows], y[rows]) for rows in draws]


def _batches_blocks(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    pairs = [(X[k : k + size], y[k : k + size]) for k in range(0, len(X), size)]
    return [pairs[i] for i in rng.permutation(len(pairs))]


def _batches_in_place(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    order = rng.permutation(len(X))
    X[:], y[:] = X[order], y[order]
    return [(X[k : k + size].copy(), y[k : k + size].copy()) for k in range(0, len(X), size)]


def _batches_equal_parts(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    order = rng.permutation(len(X))
    return [(X[rows], y[rows]) for rows in np.array_split(order, -(-len(X) // size))]


def _batches_empty_one(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    order = rng.permutation(len(X))
    starts = range(0, len(X) // size * size + 1, size)
    return [(X[order[k : k + size]], y[order[k : k + size]]) for k in starts]


def _batches_one_only(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    return minibatches(X, y, size, rng)[:1]


def _batches_last_only(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    return minibatches(X, y, size, rng)[-1:]


def _batches_last_full_only(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    order = rng.permutation(len(X))
    for start in range(0, len(X) - size + 1, size):
        rows = order[start : start + size]
    return [(X[rows], y[rows])]


def _batches_of_columns(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    order = rng.permutation(X.shape[1])
    X, y = X[:, order], y[order]
    return [(X[:, k : k + size], y[k : k + size]) for k in range(0, len(order), size)]


def _batches_float_labels(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    return [(X_batch, y_batch.astype(float)) for X_batch, y_batch in minibatches(X, y, size, rng)]


def _batches_as_rows(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    return [list(zip(*pair, strict=True)) for pair in minibatches(X, y, size, rng)]


def _batches_short_twice(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    pairs = minibatches(X, y, size, rng)
    return [*pairs, pairs[-1]] if len(X) % size else pairs


def _batches_without_replace(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    rows = rng.choice(len(X), size=len(X))
    return [(X[rows[k : k + size]], y[rows[k : k + size]]) for k in range(0, len(X), size)]


def _batches_one_start_short(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    order = rng.permutation(len(X))
    return [(X[order[k : k + size]], y[order[k : k + size]]) for k in range(0, len(X) - size, size)]


def _batches_ending_at_size(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    order = rng.permutation(len(X))
    return [(X[order[k:size]], y[order[k:size]]) for k in range(0, len(X), size)]


def _batches_so_many(X: Array, y: Labels, size: int, rng: np.random.Generator) -> Any:
    order = rng.permutation(len(X))
    return [(X[rows], y[rows]) for rows in np.array_split(order, size)]


MINIBATCHES = Exercise(
    name="minibatches",
    lesson="training",
    section=BATCHES,
    says="Write `minibatches(X, y, size, rng)`: the batches of one epoch.",
    aspects=(
        Aspect("rows", 1, "every row once, each with its own label", breaks=_ROWS | {"labels"}),
        Aspect(
            "short",
            2,
            "the short last batch, and no other change of size",
            group="short",
            breaks=_ROWS | {"sizes"},
        ),
        Aspect(
            "order",
            1,
            "a random order, drawn from `rng`, a different one for every epoch",
            breaks=_ROWS | {"sizes", "order", "blocks", "rng", "global_rng"},
        ),
        Aspect(
            "pure",
            1,
            "`X` and `y` left as they were",
            breaks=_ROWS | {"sizes", "mutated", "state", "global_rng"},
        ),
    ),
    reference=minibatches,
    cases=_cases,
    compare=_compare_batches,
    iterator=True,
    misconceptions=(
        Misconception(
            "the short batch is dropped",
            dropped,
            "The rows that do not fill a batch are left out. Keep them: the last batch is shorter.",
            bank=26,
        ),
        Misconception(
            "the short batch is filled up",
            _batches_filled_up,
            "The last batch is filled up with rows that were used already. They count twice then.",
            bank=26,
        ),
        Misconception(
            "an empty batch at the end",
            _batches_empty_one,
            "Where `size` divides the number of rows there is one batch too many, with no rows: its mean "
            "loss will be nan. Count the starts of the batches once more.",
            bank=26,
        ),
        Misconception(
            "batches of nearly equal size",
            _batches_equal_parts,
            "The rows are dealt out evenly. Make batches of exactly `size`, and one shorter one at the end.",
            bank=26,
        ),
        Misconception(
            "X and y are shuffled apart",
            shuffled_apart,
            "`X` and `y` have orders of their own, so labels belong to other rows. One permutation for both.",
            bank=25,
        ),
        Misconception(
            "only X is shuffled",
            _batches_only_X,
            "The rows are shuffled, the labels are not. Index both with the same permutation.",
            bank=25,
        ),
        Misconception(
            "not shuffled",
            _batches_from(lambda N, rng: np.arange(N)),
            "The rows come as they were given, so every epoch has the same batches. Draw a permutation "
            "from `rng`.",
            bank=28,
        ),
        Misconception(
            "the same order every time",
            _batches_from(lambda N, rng: np.random.default_rng(0).permutation(N)),
            "A new generator with a fixed seed is made at every call, so each epoch has the same order. "
            "Use the `rng` that is handed in.",
            bank=28,
        ),
        Misconception(
            "the global generator",
            _batches_from(lambda N, rng: np.random.permutation(N)),  # noqa: NPY002
            "The order comes from NumPy's global state, which the seed of `rng` does not control.",
            bank=28,
        ),
        Misconception(
            "only the batches are shuffled",
            _batches_blocks,
            "The order of the *batches* is random, but each holds neighbours. On data stored class by "
            "class a batch then holds one class. Shuffle the rows first.",
            bank=28,
        ),
        Misconception(
            "drawn with replacement",
            _batches_drawn,
            "Each batch is drawn anew, so some rows come twice and others never. In an epoch each row "
            "comes once.",
            bank=26,
            also=(
                _batches_without_replace,
                lambda X, y, size, rng: [
                    (X[rows], y[rows])
                    for rows in (
                        rng.choice(len(X), size=min(size, len(X)), replace=False)
                        for _ in range(len(X) // size or 1)
                    )
                ],
            ),
        ),
        Misconception(
            "X and y are shuffled in place",
            _batches_in_place,
            "The caller's `X` and `y` are in another order afterwards. Index with the permutation: that "
            "copies.",
            bank=23,
        ),
        Misconception(
            "only the first batch",
            _batches_one_only,
            "There is one batch only, the first. A `return` inside the loop ends it at the first turn, and "
            "so does an index such as `batches[0]`.",
            bank=26,
        ),
        Misconception(
            "only the last batch",
            _batches_last_only,
            "There is one batch only, the last. A `yield` or an `append` *after* the loop sees what the "
            "last turn has left: it belongs inside, further to the right.",
            bank=26,
            also=(_batches_last_full_only,),
        ),
        Misconception(
            "columns in place of rows",
            _batches_of_columns,
            "`X` is shuffled and cut along axis 1, its columns, as in texts that write an example as a "
            "column. Here an example is a *row*: N is `len(X)`, and a batch is some of the rows.",
            section="structure: Inside a layer",
        ),
        Misconception(
            "the labels become floats",
            _batches_float_labels,
            "Rows and labels were put into one array, so the labels became floats, and `P[rows, y]` takes "
            "whole numbers only. Leave `X` and `y` apart, and take the same rows of both.",
        ),
        Misconception(
            "single rows in place of two arrays",
            _batches_as_rows,
            "Each batch is a list of examples, one row and one label at a time. The forward pass takes a "
            "whole batch: index `X` and `y` with the same row numbers, and each gives one array.",
            also=(lambda X, y, size, rng: [(X[r], y[r]) for r in rng.permutation(len(X))],),
        ),
        Misconception(
            "the short batch comes twice",
            _batches_short_twice,
            "The rows of the short batch are used twice. Do your starts run up to the number of rows "
            "already? Then the slice of the last turn *is* the short batch, and nothing is left to be "
            "added after the loop.",
            bank=26,
        ),
        Misconception(
            "the last batch is left out",
            _batches_one_start_short,
            "The last batch is missing, full or short: the starts end one `size` too early. They run up to "
            "the number of rows.",
            bank=26,
        ),
        Misconception(
            "all slices end at size",
            _batches_ending_at_size,
            "All batches but the first are empty: `X[k:size]` ends at row `size`, wherever it begins. The "
            "second number of a slice is a place, not a length.",
            bank=26,
        ),
        Misconception(
            "size as the number of batches",
            _batches_so_many,
            "There are `size` batches. It is the number of *rows* in a batch.",
        ),
    ),
    hints=(
        "`rng.permutation(N)` gives the numbers 0 to N - 1 in a random order.",
        "`X[order]` and `y[order]` are both in that order.",
        "`range(0, N, size)` gives the first row of each batch. A slice that reaches beyond the end is "
        "simply shorter.",
    ),
)
