"""The exercises of lesson 3: slopes, deltas, the backward pass, and how to prove it right."""

from helpers.exercises.backprop.first_delta import OUTPUT_DELTA
from helpers.exercises.backprop.layer import LAYER_BACKWARD
from helpers.exercises.backprop.mending import SIGMOID_STEP
from helpers.exercises.backprop.paper import PAPER_BACKWARD
from helpers.exercises.backprop.proving import RELATIVE_ERROR
from helpers.exercises.backprop.slopes import ACTIVATION_DERIVATIVE
from helpers.exercises.backprop.whole import BACKWARD
from helpers.exercises.backprop.wiggling import NUMERICAL_GRADIENT

EXERCISES = (
    NUMERICAL_GRADIENT,
    PAPER_BACKWARD,
    LAYER_BACKWARD,
    ACTIVATION_DERIVATIVE,
    OUTPUT_DELTA,
    BACKWARD,
    RELATIVE_ERROR,
    SIGMOID_STEP,
)
