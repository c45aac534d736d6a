"""The headings of the lesson, to go back to."""

OWN = "Your own network learns to read"
TESTED = "Tested on digits that nobody has seen"
