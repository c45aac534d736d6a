"""The headings of lesson 8, to go back to."""

STATE = "A state that is carried along"
THROUGH_TIME = "Backpropagation through time"
CLIPPING = "Clipping"
