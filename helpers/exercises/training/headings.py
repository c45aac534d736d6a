"""The headings of the lesson, to go back to."""

STEP = "One step downhill"
RATE = "How long a step"
BATCHES = "Batches"
LOOP = "Your own loop"
