"""Widgets of the lessons: figures with controls, computed by `helpers` itself.

Each is a class; its state is traits, so that ``w.rate = 0.3`` does what moving the slider does.
``w.still()`` is the same picture as a plain figure, for a page without a kernel.
"""

from importlib import import_module
from typing import Any

# Public names and the module that holds each; a module loads when its name is first used.
_NAMES = {
    "Interactive": "base",
    "ArchitectureBuilder": "architecture_builder",
    "ActivationExplorer": "activation_explorer",
    "SignalSpread": "signal_spread",
    "Bend": "bend",
    "Fold": "fold",
    "Plane": "plane",
    "SoftmaxExplorer": "softmax_explorer",
    "OverflowDemo": "overflow_demo",
    "GradientCheckSweep": "gradient_check_sweep",
    "VanishingGradients": "vanishing_gradients",
    "SpiralBoundary": "spiral_boundary",
    "Playground": "playground",
    "YourTraining": "your_training",
    "ForwardStepper": "forward_stepper",
    "BackwardStepper": "backward_stepper",
    "WiggleWeight": "wiggle_weight",
    "Branch": "branch",
    "BatchView": "batch_view",
    "BugMystery": "bug_mystery",
    "DescentLine": "descent_line",
    "DescentSurface": "descent_surface",
    "TwoParabolas": "two_parabolas",
    "MomentumMap": "momentum_map",
    "TimeStepper": "time_stepper",
    "GradientThroughTime": "gradient_through_time",
    "MemoryTask": "memory_task",
    "DrawDigit": "draw_digit",
}

__all__ = [*_NAMES]


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"helpers.widgets has no name {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"helpers.widgets.{_NAMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
