// The page's half of helpers.figures.live.LiveFigure: one model per figure, one view per place it is shown.

class LiveModel {
  constructor(model) {
    this.model = model;
    this.views = new Set();
    this.figure = unpackFigure(model.get("_figure"));
    this.waiting = [];  // who asked the kernel for plotly
    this.busy = false;  // the kernel is answering an event of ours
    this.next = null;   // the newest event meanwhile
    model.on("change:_figure", () => this.replace());
    model.on("msg:custom", (message, buffers) => this.receive(message, buffers || []));
    this.ask({ kind: "hello", have: this.figure.revision });
  }

  ask(message) { this.model.send(message); }

  // Sends an event to Python; while Python answers one, only the newest waits.
  event(message, keep = false) {
    if (this.busy && !keep) { this.next = message; return; }
    if (keep) this.next = null;
    this.busy = true;
    this.ask(message);
  }

  receive(message, buffers) {
    if (message.plotly) {
      this.waiting.splice(0).forEach((done) => done(buffers[0]));
    } else if (message.done) {
      this.busy = false;
      const next = this.next;
      this.next = null;
      if (next) this.event(next);
    } else if (message.edit) {
      if (message.revision <= this.figure.revision) return;
      if (message.revision > this.figure.revision + 1) {
        this.ask({ kind: "hello", have: this.figure.revision });
        return;
      }
      const edit = unpack(message, buffers, message.edit === "layer");
      edits[edit.edit](this.figure, edit);
      this.figure.revision = edit.revision;
      for (const view of this.views) if (!edit.source || edit.source !== view.id) view.apply(edit);
    }
  }

  replace() {
    const figure = unpackFigure(this.model.get("_figure"));
    if (figure.revision < this.figure.revision) return;
    this.figure = figure;
    for (const view of this.views) view.replace(figure);
  }

  plotly() {
    return loadPlotly(this.model.get("_plotly"), () => new Promise((resolve, reject) => {
      this.waiting.push(resolve);
      this.ask({ kind: "plotly" });
      setTimeout(() => reject(new Error("the kernel does not answer")), 60000);
    }));
  }
}

let viewCount = 0;

class LiveView {
  constructor(live, el) {
    this.live = live;
    this.id = `view ${(viewCount += 1)}`;
    this.frame = 0;
    this.own = ownCopy(live.figure);
    el.classList.add("nn-figure");
    this.connect = (connected) => el.classList.toggle("nn-lost", !connected);
    this.box = document.createElement("div");
    this.box.className = "nn-plot";
    this.plot = document.createElement("div");
    this.plot.setAttribute("role", "img");
    this.box.append(this.plot);
    this.layers = new Layers(this.box);
    this.note = document.createElement("div");
    this.note.className = "nn-note";
    this.caption = document.createElement("div");
    this.caption.className = "nn-caption";
    el.append(this.box, this.note, this.caption);
    this.describe();
    // Room for the figure before it is drawn, so that the page does not jump.
    this.box.style.minHeight = `${this.own.layout.height || 340}px`;
    this.width = 0;
    this.looks = 0;  // in vain, for a width
    this.observer = new ResizeObserver(() => {
      if (this.box.clientWidth && this.box.clientWidth !== this.width) this.request();
    });
    this.observer.observe(this.box);
    live.views.add(this);
    this.start();
  }

  async start() {
    const slow = setTimeout(() => { this.note.textContent = "Loading the figure …"; }, 1500);
    const late = setTimeout(() => { this.note.textContent = "The figure does not load. Run this cell again."; }, 25000);
    try {
      this.plotly = await this.live.plotly();
      this.note.textContent = "";
      this.request();
    } catch (error) {
      this.note.textContent = `The figure could not be loaded (${error.message}). Run this cell again.`;
    } finally {
      clearTimeout(slow);
      clearTimeout(late);
    }
  }

  describe() {
    const alt = this.live.model.get("alt");
    this.plot.setAttribute("aria-label", alt);
    this.caption.textContent = alt;
    this.caption.hidden = !this.live.model.get("caption");
  }

  apply(edit) {
    if (edit.edit === "layer" || edit.edit === "pointer") {
      this.own.pointer = this.live.figure.pointer;
      this.box.classList.toggle("nn-pointed", Boolean(this.own.pointer));
      if (ghosts(this.own.data, this.live.figure.layers).length) this.request();
      this.paint();
      return;
    }
    edits[edit.edit](this.own, edit);
    this.request();
  }

  replace(figure) {
    this.own = ownCopy(figure);
    this.request();
  }

  // Draws at the next animation frame: however many edits come before it, they cost one drawing.
  request() {
    if (!this.plotly || this.requested || this.removed) return;
    this.requested = true;
    requestAnimationFrame(() => {
      this.requested = false;
      this.redraw();
    });
  }

  async redraw() {
    const width = this.box.clientWidth;
    if (this.removed) return;
    if (!width) {
      // Detached, or in a hidden tab: the observer calls when there is a width again. It does not where the width was
      // away only between two of its looks, as while JupyterLab exchanges style sheets: so look again for two seconds.
      this.width = 0;
      this.looks += 1;
      if (this.looks < 10) setTimeout(() => this.request(), 200);
      return;
    }
    this.looks = 0;
    if (this.drawing) { this.again = true; return; }
    this.drawing = true;
    this.width = width;
    const layout = this.own.layout;
    layout.autosize = false;
    layout.width = width;
    steady(layout, this.live.model.get("widest"));
    // Where two axes share a scale plotly.js keeps the ranges that it began with, and for one redrawing puts them back
    // in place of narrower new ones.
    for (const axis of axisNames(this.plot._fullLayout)) delete this.plot._fullLayout[axis]._inputRange;
    try {
      const extra = ghosts(this.own.data, this.live.figure.layers);
      const named = this.own.data.filter((trace) => trace.showlegend !== false).length;
      const shown = extra.length && layout.showlegend === undefined ? { ...layout, showlegend: named > 1 } : layout;
      const before = this.plot._fullLayout?._size.t;
      await this.plotly.react(this.plot, [...this.own.data, ...extra], shown, this.live.model.get("_config"));
      // plotly.js places the legend before it knows the margins that this drawing gets: where they have changed, as in
      // a page made wider, the legend would lie where the old ones had room for it.
      const { _size: { t: top }, legend } = this.plot._fullLayout;
      if (legend && before !== undefined && before !== top) await this.plotly.relayout(this.plot, { "legend.y": legend.y });
      this.box.style.minHeight = `${this.plot._fullLayout.height}px`;
      if (!this.listening) this.listen();
      this.paint();
      performance.mark("figure drawn", { detail: { revision: this.live.figure.revision } });
    } finally {
      this.drawing = false;
      if (this.again) {
        this.again = false;
        this.request();
      }
    }
  }

  // Draws the canvas layers; cheap, so at once.
  paint(frame = this.frame) {
    this.frame = frame;
    if (this.plot._fullLayout) this.layers.draw(this.plot, this.live.figure.layers, frame);
  }

  listen() {
    this.listening = true;
    this.box.classList.toggle("nn-pointed", Boolean(this.own.pointer));
    const told = (name, kind, make) => this.plot.on(name, (event) => {
      const message = make(event);
      if (message) this.live.event({ kind, message }, true);
    });
    this.plot.on("plotly_relayouting", () => this.paint());
    told("plotly_relayout", "relayout", (layout) => {
      this.paint();
      return this.drawing || "width" in layout ? null : { relayout_data: clone(layout), source_view_id: this.id };
    });
    told("plotly_restyle", "restyle", ([style, traces]) =>
      ({ style_data: clone(style), style_traces: traces, source_view_id: this.id }));
    for (const type of ["click", "selected", "deselect"]) {
      told(`plotly_${type}`, "points", (event) => pointsMessage(`plotly_${type}`, event));
    }
    for (const type of ["hover", "unhover"]) {
      this.plot.on(`plotly_${type}`, (event) =>
        this.live.event({ kind: "points", message: pointsMessage(`plotly_${type}`, event) }));
    }
    this.box.addEventListener("pointerdown", (event) => this.press(event), true);
  }

  press(event) {
    if (!this.own.pointer || event.button !== 0) return;
    const at = (e) => {
      const corner = this.plot.getBoundingClientRect();
      return [e.clientX - corner.left, e.clientY - corner.top];
    };
    const [left, top] = at(event);
    const subplot = this.own.pointer.split(",").find((name) => {
      const axes = axesOf(this.plot, name);
      return axes && left >= axes.left && left <= axes.left + axes.width && top >= axes.top && top <= axes.top + axes.height;
    });
    if (!subplot) return;
    // The figure may be drawn anew while the pointer is down, so its axes are asked each time.
    const place = (e) => {
      const axes = axesOf(this.plot, subplot), [x, y] = at(e);
      const inside = (v, from, length) => Math.max(from, Math.min(from + length, v));
      return axes.value(inside(x, axes.left, axes.width), inside(y, axes.top, axes.height));
    };
    event.preventDefault();
    event.stopPropagation();
    const tell = (phase, e) => {
      const [px, py] = place(e);
      this.live.event({ kind: "pointer", x: px, y: py, phase, subplot }, phase !== "move");
    };
    const move = (e) => tell("move", e);
    const up = (e) => {
      removeEventListener("pointermove", move, true);
      for (const end of ["pointerup", "pointercancel"]) removeEventListener(end, up, true);
      tell("up", e);
    };
    addEventListener("pointermove", move, true);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, up, true);
    tell("down", event);
  }

  remove() {
    this.removed = true;
    this.observer.disconnect();
    this.live.views.delete(this);
    if (this.plotly && this.plot._fullLayout) this.plotly.purge(this.plot);
  }
}

// An axis that moved would move under the pointer. plotly's automargin moves it whenever labels get wider; in its
// place the left margin is fixed: room for the axis' title and for the widest label that the figure says it can get,
// measured in the reader's font.
function steady(layout, widest) {
  for (const name of axisNames(layout)) layout[name].automargin = name[0] === "x" ? "height" : false;
  const axis = layout.yaxis;
  if (!axis || axis.visible === false) return;
  const { family, size } = layout.font;
  const pen = document.createElement("canvas").getContext("2d");
  const width = (text, scale) => {
    pen.font = `${scale * size}px ${family}`;
    return pen.measureText(text).width;
  };
  const [base, power] = widest.split(/<\/?sup>/);
  const wide = power ? width(base, 1.25) + width(power, 0.875) : width(base, 1);  // as plotly writes powers
  const title = axis.title?.text ? (axis.title.standoff ?? 0) + 1.7 * size : 0;
  const needed = Math.ceil((axis.ticklen ?? 0) + 4 + wide + title);
  layout.margin = { ...layout.margin, l: Math.max(layout.margin?.l ?? 0, needed) };
}

const axisNames = (layout) => Object.keys(layout || {}).filter((name) => /^[xy]axis\d*$/.test(name));

// A view's own data and layout, which plotly writes to (ranges after a zoom, for example).
function ownCopy({ data, layout, pointer }) {
  return { data: clone(data), layout: clone(layout), pointer };
}

// plotly leaves out axes without a trace: a layer that is alone in its axes gets an invisible one, as big as it.
function ghosts(data, layers) {
  const used = new Set(data.map((trace) => (trace.xaxis || "x") + (trace.yaxis || "y")));
  return Object.values(layers).filter((layer) => !used.has(layer.subplot)).map((layer) => {
    const [xaxis, y] = layer.subplot.split("y");
    const flat = layer.points || layer.segments;
    const every = (odd) => Array.from(flat).filter((_, i) => i % 2 === odd);
    const ends = flat ? { x: every(0), y: every(1) } : { x: Array.from(layer.x), y: layer.y || [0, 1] };
    return { type: "scatter", mode: "lines", opacity: 0, hoverinfo: "skip", showlegend: false, xaxis, yaxis: `y${y}`, ...ends };
  });
}

// What plotly's Python code expects of a click, hover or selection.
function pointsMessage(type, event) {
  const list = event?.points || [];
  const keys = event?.event || {};
  const points = { trace_indexes: [], point_indexes: [], xs: [], ys: [] };
  for (const point of list) {
    const index = point.pointNumber ?? point.pointIndex;
    points.trace_indexes.push(point.curveNumber);
    points.point_indexes.push(index);
    points.xs.push(point.x);
    points.ys.push(point.y);
  }
  const selector = event?.range ? { type: "box", selector_state: { xrange: event.range.x, yrange: event.range.y } }
    : event?.lassoPoints ? { type: "lasso", selector_state: { xs: event.lassoPoints.x, ys: event.lassoPoints.y } }
    : null;
  const device_state = { alt: !!keys.altKey, ctrl: !!keys.ctrlKey, meta: !!keys.metaKey, shift: !!keys.shiftKey,
                         button: keys.button ?? 0, buttons: keys.buttons ?? 0 };
  return { event_type: type, points, device_state, selector };
}

const liveFigure = (View) => () => {
  let live;
  return {
    initialize({ model }) {
      live = new LiveModel(model);
      hear(model, (connected) => live.views.forEach((view) => view.connect(connected)));
    },
    render({ model, el }) {
      const view = new View(live, el);
      const describe = () => view.describe();
      model.on("change:alt change:caption", describe);
      return () => {
        model.off("change:alt change:caption", describe);
        view.remove();
      };
    },
  };
};
