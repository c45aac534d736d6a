"""The exercises of Batch training: starting values, the step, batches and the loop."""
