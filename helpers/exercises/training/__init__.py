"""The exercises of lesson 4: the step, batches, the loop, momentum, and a network of one's own."""

from helpers.exercises.training.batches import MINIBATCHES
from helpers.exercises.training.epochs import EPOCH_LOSS
from helpers.exercises.training.loop import TRAIN
from helpers.exercises.training.rates import LARGEST_STABLE_RATE
from helpers.exercises.training.spiral import SPIRAL_CLASSIFIER
from helpers.exercises.training.steps import GRADIENT_STEP, MOMENTUM_STEP

EXERCISES = (
    GRADIENT_STEP,
    LARGEST_STABLE_RATE,
    MINIBATCHES,
    EPOCH_LOSS,
    TRAIN,
    MOMENTUM_STEP,
    SPIRAL_CLASSIFIER,
)
