"""The exercises of Welcome: a first exercise, which is not graded."""
