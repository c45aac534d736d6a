"""What the mutation test leaves out, and mutants that rightly keep their points, with the reasons."""

# Exercises whose reference is not mutated.
NOT_MUTATED = {
    "digit_classifier": "judged by the accuracy that is reached, and many different nets reach it",
    "spiral_classifier": "judged by the accuracy that is reached, and many different nets reach it",
}

# Exercise, then a piece of the mutant's description, then why it keeps its points.
REASONS: dict[str, dict[str, str]] = {
    "neuron": {
        "0 becomes": "the kink moved to where no case lies: the cases keep away from it",
    },
    "train": {
        "`run_forward`, line 8": "the shift of softmax matters for huge scores only, and `softmax` is "
        "judged for that",
    },
}


def reason(exercise: str, survivor: str) -> str:
    """Why this mutant rightly survives; empty if nobody has said it."""
    return next((why for piece, why in REASONS.get(exercise, {}).items() if piece in survivor), "")
