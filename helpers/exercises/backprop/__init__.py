"""The exercises of Backpropagation: slopes, deltas, one layer backwards, the first delta."""
