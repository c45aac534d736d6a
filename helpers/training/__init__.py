"""How a run of training is made fast (engine) and told (history, callbacks, progress)."""
