"""The exercises of lesson 8: a recurrent network forwards and backwards, and a gradient kept short."""

from helpers.exercises.recurrent.clip_by_norm import CLIP_BY_NORM
from helpers.exercises.recurrent.rnn_backward import RNN_BACKWARD
from helpers.exercises.recurrent.rnn_forward import RNN_FORWARD

EXERCISES = (RNN_FORWARD, RNN_BACKWARD, CLIP_BY_NORM)
