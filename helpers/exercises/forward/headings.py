"""The headings of the lesson, to go back to."""

ONE_UNIT = "One unit"
ONE_LAYER = "A layer is one product"
PAPER = "A whole network by hand"
WHOLE = "The whole forward pass"
