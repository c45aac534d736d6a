"""The exercises of Forward pass: a unit, a layer, a network with pencil and paper, any network."""
