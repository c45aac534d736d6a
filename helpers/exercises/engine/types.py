"""What exercises take and give, as types."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Labels = NDArray[np.integer]  # of classes, (N,)
Pairs = list[tuple[NDArray[Any], NDArray[Any]]]  # (W_i, b_i) for each layer; of a cache (X_{i-1}, Z_i)
Phi = Callable[[Array], Array]  # an activation
