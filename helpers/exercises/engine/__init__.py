"""What judges every exercise: a function is called, compared, diagnosed and reported."""
