"""The headings of lesson 4, to go back to."""

STEP = "One step downhill"
RATE = "How long a step"
BATCHES = "Batches"
LOOP = "Your own loop"
RAVINE = "Faster through ravines"
YOURS = "Your network"
