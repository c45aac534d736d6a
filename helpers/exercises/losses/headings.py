"""The headings of the lesson, to go back to."""

SURVIVE = "Outputs that survive"
LOSS = "How wrong is a prediction"
