"""Labelled controls that are bound to the traits of a widget."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from helpers.figures import theme
from helpers.figures.wire import Heard


def script(*names: str) -> str:
    """Return the text of files under ``widgets/js`` or ``figures/js``, joined."""
    here = Path(__file__).parent / "js"
    return "\n".join(
        (here / name).read_text(encoding="utf-8") if (here / name).is_file() else theme.script(name)
        for name in names
    )


class Slider(Heard, anywidget.AnyWidget):
    """A labelled slider whose value is left as it is until the reader moves it."""

    _esm = script("hear.js", "slider.js")

    value = traitlets.Union([traitlets.Int(), traitlets.Float()]).tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    min = traitlets.Float().tag(sync=True)
    max = traitlets.Float().tag(sync=True)
    step = traitlets.Float().tag(sync=True)
    log = traitlets.Bool(False).tag(sync=True)
    format = traitlets.Unicode().tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)

    def __init__(self, value: float, **options: Any) -> None:
        super().__init__(value=value, **options)


class Stepper(Heard, anywidget.AnyWidget):
    """A whole number with a button for one less, a field, and a button for one more."""

    _esm = script("hear.js", "icons.js", "stepper.js")

    value = traitlets.Int().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    min = traitlets.Int().tag(sync=True)
    max = traitlets.Int().tag(sync=True)


class Play(Heard, anywidget.AnyWidget):
    """A button that raises a whole number one by one up to `max`; the page keeps the time."""

    _esm = script("hear.js", "icons.js", "play.js")

    value = traitlets.Int().tag(sync=True)
    max = traitlets.Int().tag(sync=True)
    interval = traitlets.Int(1200).tag(sync=True)  # milliseconds


class Field(Heard, anywidget.AnyWidget):
    """A number to type in; Enter calls `action`, once the number has come."""

    _esm = script("hear.js", "field.js")

    value = traitlets.Float().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    min = traitlets.Float().tag(sync=True)
    max = traitlets.Float().tag(sync=True)
    action: Callable[[], Any]

    def _handle_custom_msg(self, content: Any, buffers: Any) -> None:
        if content.get("kind") == "enter":
            self.value = float(content["value"])
            self.action()
        super()._handle_custom_msg(content, buffers)


class Press(ipywidgets.Button):
    """A button whose `click` raises what its action raises; the stock one logs it."""

    action: Callable[[], Any]

    def click(self) -> None:
        """Do what a press does."""
        self.action()


class Controls:
    """The methods of `Interactive` that make controls.

    Each takes the name of a trait of the state and a label. The limits are the trait's own, so that they
    are written down once. Moving the control sets the trait, and setting the trait moves the control.
    """

    def slider(
        self, name: str, label: str, step: float | None = None, log: bool = False, format: str | None = None
    ) -> "Slider":
        """Return a slider for a number; its trait has `min` and `max`.

        Args:
            label: what it is called, as HTML.
            step: the smallest change (for `log` in powers of ten); by default 1 for a whole number,
                otherwise about a hundredth of the range.
            log: whether equal distances multiply: the trait's limits are then above 0.
            format: how the value is written: ``".2f"``, ``".3g"`` or ``".1e"``.

        Raises:
            ValueError: if the trait has no limits, or they do not fit `log`.
        """
        trait = self.traits()[name]  # type: ignore[attr-defined]
        low, high = trait.min, trait.max
        if None in (low, high) or not math.isfinite(high - low) or (log and low <= 0):
            raise ValueError(f"a slider for {name!r} needs a trait with min and max, above 0 for log")
        if isinstance(trait, traitlets.Integer):
            step, format = step or 1, format or ""
        else:
            step = step or (0.02 if log else 10 ** math.floor(math.log10((high - low) / 50)))
            format = format or (".3g" if log else ".2f")
        made = Slider(getattr(self, name), label=label, min=low, max=high, step=step, log=log, format=format)
        self.bind(name, made)
        return made

    def stepper(self, name: str, label: str) -> Stepper:
        """Return a field for a whole number with buttons for one less and one more."""
        trait = self.traits()[name]  # type: ignore[attr-defined]
        made = Stepper(value=getattr(self, name), label=label, min=trait.min, max=trait.max)
        self.bind(name, made)
        return made

    def number(self, name: str, label: str, step: float | None = None) -> ipywidgets.Widget:
        """Return a field to type a number in; its trait has `min` and `max`."""
        trait = self.traits()[name]  # type: ignore[attr-defined]
        whole = isinstance(trait, traitlets.Integer)
        make = ipywidgets.BoundedIntText if whole else ipywidgets.BoundedFloatText
        limits = {"min": trait.min, "max": trait.max, "step": step}
        return self.bind(name, make(**self._common(name, label, "13em"), **limits))

    def field(self, name: str, label: str, action: Callable[[], Any]) -> Field:
        """Return a field to type a number in, whose Enter calls `action`; its trait has `min` and `max`."""
        trait = self.traits()[name]  # type: ignore[attr-defined]
        made = Field(value=getattr(self, name), label=label, min=trait.min, max=trait.max)
        made.action = self.guarded(action)  # type: ignore[attr-defined]
        self.bind(name, made)
        return made

    def choice(
        self, name: str, label: str, options: Sequence[Any] | Mapping[str, Any] | None = None
    ) -> ipywidgets.Widget:
        """Return a drop-down list of `options` (values, or labels with values; by default the trait's)."""
        values = self.traits()[name].values if options is None else options  # type: ignore[attr-defined]
        values = list(values.items()) if isinstance(values, Mapping) else list(values)
        return self.bind(name, ipywidgets.Dropdown(options=values, **self._common(name, label, "auto")))

    def check(self, name: str, label: str) -> ipywidgets.Widget:
        """Return a check box for a truth value."""
        return self.bind(name, ipywidgets.Checkbox(indent=False, **self._common(name, label, "auto")))

    def button(self, label: str, action: Callable[[], Any], tooltip: str = "") -> ipywidgets.Button:
        """Return a button that calls `action` without arguments; `tooltip` says what it does."""
        made = Press(description=label, tooltip=tooltip or label, layout=_layout("auto"))
        made.action = self.guarded(action)  # type: ignore[attr-defined]
        return made

    def bind(self, name: str, control: Any, attribute: str = "value") -> Any:
        """Tie the trait `name` of the state to an attribute of a control of your own; return the control."""

        def from_control(change: Any) -> None:
            with self.guard():  # type: ignore[attr-defined]
                setattr(self, name, change["new"])

        def from_state(change: Any) -> None:
            setattr(control, attribute, change["new"])

        control.observe(from_control, attribute)
        self.observe(from_state, name)  # type: ignore[attr-defined]
        return control

    def _common(self, name: str, label: str, width: str) -> dict[str, Any]:
        value = getattr(self, name)
        return {"value": value, "description": label, "layout": _layout(width), "style": _STYLE}

    def row(self, *children: ipywidgets.Widget) -> ipywidgets.Box:
        """Return the children in a row that wraps where the page is narrow."""
        return _wrapping(children, "nn-row")

    def hidden_beside(self, box: ipywidgets.Widget, *hidden: ipywidgets.Widget) -> tuple[Any, Any]:
        """Return a row with a check box and what it brings up beside it, on the same line; and the latter."""
        brought = self.row(*hidden)
        row = self.row(box, brought)
        row.add_class("nn-beside")
        return row, brought

    def columns(self, *children: ipywidgets.Widget) -> ipywidgets.Box:
        """Return the children side by side in equal columns, under each other where the page is narrow."""
        return _wrapping(children, "nn-columns")


_STYLE = {"description_width": "initial"}


def _layout(width: str) -> ipywidgets.Layout:
    return ipywidgets.Layout(width=width, max_width="100%")


def _wrapping(children: Sequence[ipywidgets.Widget], name: str) -> ipywidgets.Box:
    box = ipywidgets.Box(list(children), layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center"))
    box.add_class(name)
    return box
