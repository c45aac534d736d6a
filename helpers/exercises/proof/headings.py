"""The headings of the lesson, to go back to."""

WHOLE = "The whole backward pass"
PROVE = "Prove it"
MEND = "A step with three bugs"
# Those of the lesson before.
LAYER = "backprop: Deltas for a whole layer"
ACTIVATION = "backprop: Through the activation"
FIRST = "backprop: The first delta"
