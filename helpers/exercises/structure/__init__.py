"""The exercises of lesson 1: shapes, counting, starting values, and why linear layers collapse."""

from helpers.exercises.structure.collapsing import COLLAPSE_LINEAR
from helpers.exercises.structure.counting import PARAMETER_COUNT
from helpers.exercises.structure.shapes import LAYER_SHAPES
from helpers.exercises.structure.starting_values import INIT_PARAMETERS

EXERCISES = (LAYER_SHAPES, PARAMETER_COUNT, COLLAPSE_LINEAR, INIT_PARAMETERS)
