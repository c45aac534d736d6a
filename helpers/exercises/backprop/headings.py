"""The headings of the lesson, to go back to."""

WIGGLE = "Wiggle one weight"
PAPER = "A whole round with pencil and paper"
LAYER = "Deltas for a whole layer"
ACTIVATION = "Through the activation"
FIRST = "The first delta"
