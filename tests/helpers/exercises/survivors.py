"""Mutants that change a result somewhere and keep their points, and why that is right."""

REASONS: dict[str, dict[str, str]] = {}
