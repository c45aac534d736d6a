"""The headings of the lesson, to go back to."""

RAVINE = "Faster through ravines"
YOURS = "Your network"
# One of the lesson before.
BATCHES = "training: Batches"
