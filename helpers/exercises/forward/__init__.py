"""The exercises of lesson 2: a unit, a layer, outputs that survive, losses, the whole forward pass."""

from helpers.exercises.forward.entropy import CROSS_ENTROPY
from helpers.exercises.forward.layer import LAYER_FORWARD
from helpers.exercises.forward.losses import MSE
from helpers.exercises.forward.outputs import SIGMOID, SOFTMAX
from helpers.exercises.forward.paper import PAPER_FORWARD
from helpers.exercises.forward.unit import NEURON
from helpers.exercises.forward.whole import FORWARD

EXERCISES = (NEURON, LAYER_FORWARD, PAPER_FORWARD, SIGMOID, SOFTMAX, MSE, CROSS_ENTROPY, FORWARD)
