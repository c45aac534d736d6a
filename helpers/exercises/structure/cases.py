"""Lists of sizes to count and to take shapes from, shared by two exercises."""

import numpy as np

from helpers.exercises.engine.exercise import Case


def sizes_cases(rng: np.random.Generator) -> list[Case]:
    """Nets with pairwise different widths, so that no two ways of counting agree by chance."""

    def sizes(depth: int) -> list[int]:
        return [int(size) for size in rng.choice(np.arange(2, 12), size=depth + 1, replace=False)]

    return [
        Case((sizes(2),)),
        Case((sizes(3),)),
        Case((sizes(5),)),
        Case((sizes(1),), group="one layer"),
    ]
