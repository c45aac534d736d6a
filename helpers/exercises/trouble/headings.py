"""The headings of the lesson, to go back to."""

RAVINE = "Faster through ravines"
ADAM = "A step length for every parameter"
YOURS = "Your network"
# One of the lesson before.
BATCHES = "training: Batches"
