"""The exercises of Prove it: the whole backward pass, its proof, and a step with three bugs."""
