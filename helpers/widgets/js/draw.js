// A square to draw in, and what a network makes of the drawing. Strokes go to Python, numbers come back:
// strokes is a list of lines of points [x, y] from 0 to 32; nothing is computed here but where things are drawn.
const UNDERWAY = 2; // drawings on their way to Python and back
const WAIT = 1000; // milliseconds, after which an answer is no longer waited for
const SHARP = 2; // dots of a canvas to a pixel
const SVG = "http://www.w3.org/2000/svg";

function svg(parent, name, attributes = {}) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

function html(parent, name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  parent.append(made);
  return made;
}

function part(parent, title) {
  const box = html(parent, "div", "nn-draw-part");
  html(box, "div", "nn-draw-title", title);
  return box;
}

// A picture in coordinates from 0 to `across`, so many pixels to each.
function plane(parent, across, size) {
  return svg(parent, "svg", { viewBox: `0 0 ${across} ${across}`, width: across * size, height: across * size });
}

// Cells in rows of so many columns; fill() says how much ink each holds, from 0 to 1. On a canvas,
// in black, which draw.css inverts in the dark.
function cells(parent, count, columns, size) {
  const canvas = html(parent, "canvas", "nn-draw-cells"), rows = Math.ceil(count / columns), dots = SHARP * size;
  canvas.width = columns * dots;
  canvas.height = rows * dots;
  Object.assign(canvas.style, { width: `${columns * size}px`, height: `${rows * size}px` });
  const pen = canvas.getContext("2d");
  pen.strokeStyle = "rgb(128 128 128 / 0.4)";
  const fill = (values) => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    for (let k = 0; k < count; k++) {
      const place = [(k % columns) * dots, Math.floor(k / columns) * dots, dots, dots];
      pen.fillStyle = `rgb(0 0 0 / ${0.87 * Math.max(0, Math.min(1, values[k]))})`;
      pen.fillRect(...place);
      pen.strokeRect(...place);
    }
  };
  return { canvas, count, fill };
}

// How many columns for so many units: at most eight rows, and all of them full where that can be.
function across(count) {
  const least = Math.ceil(count / 8);
  for (let columns = least; columns <= 2 * least; columns++) {
    if (count % columns === 0) return columns;
  }
  return least;
}

export default {
  initialize({ model }) { hear(model); },
  render({ model, el }) {
    el.classList.add("nn-draw");
    const row = html(el, "div", "nn-draw-row");

    // The square
    const draw = part(row, "draw a digit here");
    const pad = plane(draw, 32, 7);
    pad.classList.add("nn-draw-pad");
    pad.setAttribute("tabindex", "0");
    pad.setAttribute("role", "application");
    pad.setAttribute("aria-label", "a square to draw in: the arrow keys move, Space puts the pen down and lifts it");
    for (let k = 4; k < 32; k += 4) {
      svg(pad, "path", { d: `M${k} 0V32M0 ${k}H32`, class: "nn-draw-grid" });
    }
    const ink = svg(pad, "g", { class: "nn-draw-ink" });
    const cursor = svg(pad, "rect", { width: 4, height: 4, class: "nn-draw-cursor" });
    const told = html(draw, "div", "nn-heard");
    told.setAttribute("aria-live", "polite");

    // What Python answers
    const seen = html(part(row, "what the network sees"), "div", "nn-draw-seen");
    const pixels = cells(seen, 64, 8, 20);
    pixels.canvas.setAttribute("role", "img");
    pixels.canvas.setAttribute("aria-label", "8 by 8 pixels");
    const blame = plane(seen, 8, 20);
    const layers = html(row, "div", "nn-draw-layers");
    const outputs = html(row, "div", "nn-draw-part nn-draw-outputs");
    html(outputs, "div", "nn-draw-title", "probability of each digit");
    const bars = [...Array(10).keys()].map((digit) => {
      const line = html(outputs, "div", "nn-draw-bar");
      html(line, "span", "nn-draw-digit", digit);
      const track = html(line, "span", "nn-draw-track");
      return { line, bar: html(track, "span", "nn-draw-length"), share: html(line, "span", "nn-draw-share") };
    });
    const lit = [];

    // Digits of the data, to compare with
    const examples = html(el, "div", "nn-draw-examples");
    html(examples, "span", "nn-draw-title", "digits of the data:");
    const shown = model.get("examples").map((values, digit) => {
      const button = html(examples, "button", "nn-draw-example");
      button.type = "button";
      button.setAttribute("aria-label", `show the network this ${digit} of the data`);
      cells(button, 64, 8, 4.5).fill(values);
      button.addEventListener("click", () => {
        model.set("example", digit);
        model.send({ example: digit });
      });
      return button;
    });
    ownKeys(el);

    // Strokes
    let strokes = [], open = null, place = [3, 3];
    const paint = () => {
      ink.replaceChildren();
      for (const line of strokes) {
        const [[x, y]] = line;
        const d = line.length > 1 ? line.map(([a, b]) => `${a} ${b}`).join("L") : `${x} ${y}h0.01`;
        svg(ink, "path", { d: `M${d}` });
      }
      cursor.setAttribute("x", 4 * place[0]);
      cursor.setAttribute("y", 4 * place[1]);
      cursor.classList.toggle("nn-draw-down", open === "keys");
    };
    const send = () => {
      paint();
      model.set("strokes", strokes.map((line) => line.map((point) => [...point]))); // for a second view of it
      tell();
    };
    // A message of our own: what `save_changes` sends waits until the one before it is answered, and the
    // last point of a stroke would wait for two answers. Two are under way; of later drawings only the newest waits.
    // One is through when the kernel has done with it, or has answered: VS Code and Colab do not say when the
    // kernel is idle, and a drawing that changes nothing has no answer. A kernel that is away says neither.
    const underway = [];
    let waits = false;
    const through = (one) => {
      const place = underway.indexOf(one);
      if (place < 0) return;
      clearTimeout(one.timer);
      underway.splice(place, 1);
      if (waits) tell();
    };
    const tell = () => {
      waits = underway.length >= UNDERWAY;
      if (waits) return;
      const one = {};
      one.timer = setTimeout(() => through(one), WAIT);
      underway.push(one);
      const status = (message) => { if (message.content.execution_state === "idle") through(one); };
      model.send({ strokes: model.get("strokes") }, { iopub: { status } });
    };
    const answered = () => through(underway[0]); // answers come in the order of the questions
    const at = (event) => {
      const box = pad.getBoundingClientRect();
      const inside = (share) => Math.round(10 * Math.min(32, Math.max(0, 32 * share))) / 10;
      return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
    };
    const add = (point) => {
      const line = strokes[strokes.length - 1], [x, y] = line[line.length - 1];
      return Math.abs(point[0] - x) + Math.abs(point[1] - y) >= 0.5 && line.push(point);
    };
    pad.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      pad.focus({ preventScroll: true });
      pad.setPointerCapture(event.pointerId);
      open = event.pointerId;
      strokes.push([at(event)]);
      send();
    });
    pad.addEventListener("pointermove", (event) => {
      if (event.pointerId !== open) return;
      const steps = event.getCoalescedEvents?.() ?? [];
      const added = (steps.length ? steps : [event]).filter((step) => add(at(step)));
      if (added.length) send();
    });
    const lift = (event) => {
      if (event.pointerId !== open) return;
      open = null;
    };
    pad.addEventListener("pointerup", lift);
    pad.addEventListener("pointercancel", lift);
    pad.addEventListener("blur", () => { if (open === "keys") { open = null; paint(); } });
    pad.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!move && event.key !== " ") return;
      event.stopPropagation();
      event.preventDefault();
      const middle = () => [4 * place[0] + 2, 4 * place[1] + 2];
      let drawn = !move && open !== "keys";
      if (move) {
        place = place.map((value, k) => Math.min(7, Math.max(0, value + move[k])));
        drawn = open === "keys" && add(middle());
      } else if (drawn) {
        open = "keys";
        strokes.push([middle()]);
      } else {
        open = null;
      }
      told.textContent = `row ${place[1] + 1}, column ${place[0] + 1}, pen ${open === "keys" ? "down" : "up"}`;
      if (drawn) send();
      else paint();
    });

    // Python's answer
    const show = () => {
      const view = model.get("view");
      pixels.fill(view.pixels);
      if (lit.length !== view.layers.length || lit.some((one, i) => one.count !== view.layers[i].length)) {
        layers.replaceChildren();
        lit.length = 0;
        view.layers.forEach((values, i) => {
          const columns = across(values.length), size = Math.min(20, Math.floor(140 / columns));
          lit.push(cells(part(layers, `layer ${i + 1}: ${values.length} units`), values.length, columns, size));
        });
      }
      view.layers.forEach((values, i) => lit[i].fill(values));
      bars.forEach(({ line, bar, share }, k) => {
        const p = view.outputs?.[k] ?? 0;
        bar.style.width = `${100 * Math.max(0, Math.min(1, p))}%`;
        share.textContent = view.outputs ? view.shares[k] : "";
        line.classList.toggle("nn-draw-first", k === view.first);
        line.classList.toggle("nn-draw-second", k === view.second);
      });
      blame.replaceChildren();
      (view.blame ?? []).forEach((value, k) => {
        const size = 0.42 * Math.sqrt(Math.abs(value)), x = (k % 8) + 0.5, y = Math.floor(k / 8) + 0.5;
        if (size < 0.06) return;
        const kind = value > 0 ? "nn-draw-more" : "nn-draw-less";
        svg(blame, "circle", { cx: x, cy: y, r: size, class: kind });
        const plus = value > 0 ? `M${x} ${y - 0.6 * size}v${1.2 * size}` : "";
        svg(blame, "path", { d: `M${x - 0.6 * size} ${y}h${1.2 * size}${plus}`, class: "nn-draw-sign" });
      });
      shown.forEach((button, digit) => button.setAttribute("aria-pressed", digit === model.get("example")));
    };
    const redraw = () => {
      if (open !== null) return; // the hand is ahead of the kernel
      strokes = model.get("strokes").map((line) => line.map((point) => [...point]));
      paint();
    };
    model.on("change:view", show);
    model.on("change:view", answered);
    model.on("change:strokes", redraw);
    redraw();
    show();
    return () => {
      model.off("change:view", show);
      model.off("change:view", answered);
      model.off("change:strokes", redraw);
    };
  },
};
