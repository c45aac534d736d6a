// A square to draw in, and what a network makes of the drawing. Strokes go to Python, numbers come back:
// strokes is a list of lines of points [x, y] from 0 to 32; nothing is computed here but where things are drawn.
const UNDERWAY = 2; // drawings on their way to Python and back
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

// A named part with a picture of so many cells.
function part(parent, title, columns, rows, size) {
  const box = html(parent, "div", "nn-draw-part");
  html(box, "div", "nn-draw-title", title);
  const picture = svg(box, "svg", { viewBox: `0 0 ${columns} ${rows}`, width: columns * size, height: rows * size });
  return { box, picture };
}

function cells(picture, columns, rows) {
  const made = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      made.push(svg(picture, "rect", { x: j, y: i, width: 1, height: 1, class: "nn-draw-cell" }));
    }
  }
  return made;
}

// How much ink each cell holds, from 0 to 1.
function fill(rects, values) {
  rects.forEach((rect, k) => rect.setAttribute("fill-opacity", values ? Math.max(0, Math.min(1, values[k])) : 0));
}

export default {
  initialize({ model }) { hear(model); },
  render({ model, el }) {
    el.classList.add("nn-draw");
    const row = html(el, "div", "nn-draw-row");

    // The square
    const draw = part(row, "draw a digit here", 32, 32, 7);
    const pad = draw.picture;
    pad.classList.add("nn-draw-pad");
    pad.setAttribute("tabindex", "0");
    pad.setAttribute("role", "application");
    pad.setAttribute("aria-label", "a square to draw in: the arrow keys move, Space puts the pen down and lifts it");
    for (let k = 4; k < 32; k += 4) {
      svg(pad, "path", { d: `M${k} 0V32M0 ${k}H32`, class: "nn-draw-grid" });
    }
    const ink = svg(pad, "g", { class: "nn-draw-ink" });
    const cursor = svg(pad, "rect", { width: 4, height: 4, class: "nn-draw-cursor" });
    const told = html(draw.box, "div", "nn-heard");
    told.setAttribute("aria-live", "polite");

    // What Python answers
    const seen = part(row, "what the network sees", 8, 8, 20);
    const pixels = cells(seen.picture, 8, 8);
    const blame = svg(seen.picture, "g", {});
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
      const picture = svg(button, "svg", { viewBox: "0 0 8 8", width: 36, height: 36, "aria-hidden": true });
      fill(cells(picture, 8, 8), values);
      button.addEventListener("click", () => model.send({ example: digit }));
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
    // last point of a stroke would wait for two answers. Two are under way; behind them only the newest drawing waits.
    let underway = 0, waits = false;
    const tell = () => {
      waits = underway >= UNDERWAY;
      if (waits) return;
      underway += 1;
      const status = (message) => {
        if (message.content.execution_state !== "idle") return;
        underway -= 1;
        if (waits) tell();
      };
      model.send({ strokes: model.get("strokes") }, { iopub: { status } });
    };
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
      if (move) {
        place = place.map((value, k) => Math.min(7, Math.max(0, value + move[k])));
        if (open === "keys") add(middle());
      } else if (open === "keys") {
        open = null;
      } else {
        open = "keys";
        strokes.push([middle()]);
      }
      told.textContent = `row ${place[1] + 1}, column ${place[0] + 1}, pen ${open === "keys" ? "down" : "up"}`;
      send();
    });

    // Python's answer
    const show = () => {
      const view = model.get("view");
      fill(pixels, view.pixels);
      seen.picture.setAttribute("aria-label", "8 by 8 pixels");
      if (lit.length !== view.layers.length || lit.some((one, i) => one.length !== view.layers[i].length)) {
        layers.replaceChildren();
        lit.length = 0;
        view.layers.forEach((values, i) => {
          const columns = Math.ceil(values.length / 8);
          const { picture } = part(layers, `layer ${i + 1}: ${values.length} units`, columns, 8, columns > 8 ? 10 : 20);
          const all = cells(picture, columns, 8);
          all.slice(values.length).forEach((cell) => cell.remove()); // no unit is there
          lit.push(all.slice(0, values.length));
        });
      }
      view.layers.forEach((values, i) => fill(lit[i], values));
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
    model.on("change:strokes", redraw);
    redraw();
    show();
    return () => {
      model.off("change:view", show);
      model.off("change:strokes", redraw);
    };
  },
};
