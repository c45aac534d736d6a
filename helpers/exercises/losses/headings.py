"""The headings of the lesson, to go back to."""

SURVIVE = "Probabilities that survive"
SQUARED = "Squared error, three times"
SURPRISE = "Cross-entropy is surprise"
