"""The base of every widget: state as traits, labelled controls, a text line, errors that show.

How a widget is written, with an example: ``docs/widgets.md``.
"""

import contextlib
import html
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import anywidget
import ipywidgets
import traitlets

from helpers.figures.figure import Figure
from helpers.figures.live import LiveFigure
from helpers.figures.wire import Heard, display_live
from helpers.widgets.controls import Controls, script


class Say(Heard, anywidget.AnyWidget):
    """A line of HTML, announced by screen readers once it stops changing."""

    _esm = script("hear.js", "say.js")
    _css = script("widgets.css", "again.css")

    text = traitlets.Unicode("").tag(sync=True)
    alarm = traitlets.Bool(False).tag(sync=True)


class Interactive(Controls, ipywidgets.VBox):
    """A figure with controls whose state is the traits that its class declares.

    A subclass declares its state as traits with their limits, makes its children in `build` and shows the
    state in `redraw`, which runs after every change. Whoever sets a trait from Python gets the exceptions
    of `redraw`; when a control set it, they are shown in the widget. Both ways they are kept in `errors`.

    Args:
        state: values of the declared traits, by name.

    Raises:
        TypeError: for a name that is not in the state.
        ValueError: for a value that its trait refuses.

    Attributes:
        errors: the exceptions of callbacks, oldest first. A test asserts that it is empty.
        message: the text line, as HTML.
    """

    def __init__(self, **state: Any) -> None:
        unknown = sorted(set(state) - set(self.state_names()))
        if unknown:
            own = inspect.signature(type(self).__init__).parameters.values()
            named = [one.name for one in own if one.kind is not one.VAR_KEYWORD and one.name != "self"]
            allowed = ", ".join(dict.fromkeys([*named, *self.state_names()])) or "nothing"
            raise TypeError(f"{type(self).__name__} takes {allowed}; it does not know {', '.join(unknown)}")
        self.errors: list[Exception] = []
        self._say, self._alarm = Say(), Say(alarm=True)
        self._changed: set[str] = set()
        self._held = 0
        try:
            super().__init__(**state)
        except traitlets.TraitError as error:
            raise ValueError(_readable(error, type(self).__name__)) from None
        self.add_class("nn-widget")
        self.children = [*self.build(), self._say, self._alarm]
        self.observe(lambda change: self._note(change["name"]), list(self.state_names()))
        self._changed = set(self.state_names())
        self._redraw()

    # For subclasses ----------------------------------------------------------------------------

    def build(self) -> list[ipywidgets.Widget]:
        """Make and return the children: controls in the order of the Tab key, figures."""
        raise NotImplementedError

    def redraw(self, changed: set[str]) -> None:
        """Show the state in the figures and the text line.

        Edits of the figures travel together when it returns.

        Args:
            changed: the names of the state that changed; all of them the first time.
        """
        raise NotImplementedError

    def still(self) -> Figure:
        """Return what is seen now as a plain figure, for a page without a kernel."""
        figure = self.figures[0].still()
        figure.alt = f"{figure.alt} {_text(self.message)}".strip()
        return figure

    @property
    def message(self) -> str:
        """The text line."""
        return self._say.text

    def say(self, text: str) -> None:
        """Put HTML in the text line: what is seen now, in words and numbers."""
        self._say.text = text

    def complain(self, text: str) -> None:
        """Show a mistake of the reader's in the widget (HTML); an empty text takes it away."""
        self._alarm.text = text

    @property
    def complaint(self) -> str:
        """What `complain` or a failed callback shows now."""
        return self._alarm.text

    # State -------------------------------------------------------------------------------------

    @classmethod
    def state_names(cls) -> tuple[str, ...]:
        """Return the names of the state, in the order of declaration."""
        classes = [c for c in cls.__mro__ if issubclass(c, Interactive) and c is not Interactive]
        declared = [item for c in reversed(classes) for item in vars(c).items()]
        names = [name for name, trait in declared if isinstance(trait, traitlets.TraitType)]
        return tuple(dict.fromkeys(name for name in names if not name.startswith("_")))

    @property
    def state(self) -> dict[str, Any]:
        """The state: arguments that make this widget again as it is."""
        return {name: getattr(self, name) for name in self.state_names()}

    def set(self, **state: Any) -> None:
        """Change several traits and redraw once."""
        with self.hold():
            for name, value in state.items():
                if name not in self.state_names():
                    raise TypeError(f"{type(self).__name__} has no state {name!r}")
                setattr(self, name, value)

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Redraw once at the end of a with-block, whatever changes inside."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        self._redraw()

    def _note(self, name: str) -> None:
        self._changed.add(name)
        self._redraw()

    def _redraw(self) -> None:
        if self._held:
            return
        while self._changed:
            changed, self._changed = self._changed, set()
            # What redraw itself changes in the state waits until it is done.
            self._held += 1
            try:
                with self.guard(), contextlib.ExitStack() as batches:
                    for figure in self.figures:
                        batches.enter_context(figure.batch_update())
                    self.redraw(changed)
            finally:
                self._held -= 1

    # Errors ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """Keep and show an exception of a with-block, and let it go on.

        Every function that a figure or a control of your own calls needs it (`button` and the bound
        controls have it). Entering it takes an earlier complaint away.
        """
        self.complain("")
        try:
            yield
        except Exception as error:
            if error not in self.errors:
                self.errors.append(error)
            self.complain(f"This widget failed: {html.escape(_readable(error, type(self).__name__))}")
            raise

    def guarded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return `function` under `guard`, for ``figure.on_pointer(self.guarded(self.move))``."""

        def call(*arguments: Any) -> Any:
            with self.guard():
                return function(*arguments)

        return call

    # Display -----------------------------------------------------------------------------------

    @property
    def figures(self) -> list[LiveFigure]:
        """The live figures among the children, at any depth."""
        found, todo = [], list(self.children)
        while todo:
            child = todo.pop(0)
            if isinstance(child, LiveFigure):
                found.append(child)
            todo.extend(getattr(child, "children", ()))
        return found

    def _repr_mimebundle_(self, **options: Any) -> Any:
        for figure in self.figures:
            figure.publish()
        return super()._repr_mimebundle_(**options)

    def _ipython_display_(self) -> None:
        bundle = self._repr_mimebundle_()
        display_live(bundle | {"text/plain": f"{type(self).__name__}: {_text(self.message)}"})


def _text(markup: str) -> str:
    """Return HTML as plain text."""
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br ?/?>|</(p|div|li|tr)>", " ", markup))).strip()


def _readable(error: Exception, owner: str) -> str:
    """Return an exception as one sentence; traitlets' own are cut down to what the reader set."""
    text = str(error) or type(error).__name__
    if isinstance(error, traitlets.TraitError):
        whose = rf"(The value of )?[tT]he '(\w+)' trait of an? {owner} instance"
        return re.sub(whose, rf"{owner}'s \2", text)
    return text if isinstance(error, ValueError | TypeError) else f"{type(error).__name__}: {text}"
