"""How the tests of widgets find controls and read texts."""

import html
import re
from typing import Any

import numpy as np


def words(markup: str) -> str:
    """HTML as the reader sees it."""
    text = re.sub(r"<[^>]+>", "", re.sub(r"</(div|tr|td|th|p)>|<br ?/?>", " ", markup))
    return re.sub(r"\s+", " ", html.unescape(text).replace("−", "-")).strip()


def controls(widget: Any) -> list[Any]:
    """Every control of a widget, at any depth, in the order of the Tab key."""
    found, todo = [], list(widget.children)
    while todo:
        child = todo.pop(0)
        todo = [*getattr(child, "children", ()), *todo]
        found.append(child)
    return found


def press(widget: Any, label: str) -> None:
    """Press the button with this label."""
    (button,) = [
        c for c in controls(widget) if hasattr(c, "action") and getattr(c, "description", "") == label
    ]
    button.click()


def control(widget: Any, label: str) -> Any:
    """The slider, field, list or check box whose label begins like this."""
    for child in controls(widget):
        named = words(getattr(child, "label", None) if "label" in child.keys and "value" in child.keys
                      and isinstance(getattr(child, "label", None), str) and not hasattr(child, "options")
                      else getattr(child, "description", "") or "")  # fmt: skip
        if named.startswith(label) and hasattr(child, "value"):
            return child
    raise AssertionError(f"no control {label!r}")


def trace(figure: Any, name: str) -> Any:
    """The trace with this name."""
    (found,) = [t for t in figure.data if t.name == name]
    return found


def point(figure: Any, x: float, y: float, phase: str = "down") -> None:
    """What the page sends when the reader presses or drags in a figure."""
    figure._handle_custom_msg({"kind": "pointer", "x": x, "y": y, "phase": phase}, [])


def numbers(text: str) -> list[float]:
    """All numbers in a text."""
    return [float(found) for found in re.findall(r"-?\d+\.?\d*(?:e[+-]?\d+)?", text)]


def same(a: Any, b: Any) -> None:
    np.testing.assert_allclose(np.asarray(a, float), np.asarray(b, float), rtol=1e-9, atol=1e-12)
