"""The exercises of Outputs and losses: outputs that survive large scores, and how wrong a prediction is."""
