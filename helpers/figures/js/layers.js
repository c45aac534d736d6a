// Canvas layers in the coordinates of plotly's axes: pictures and edges under the plot, paths over it.

const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

class Layers {
  constructor(box) {
    this.under = document.createElement("canvas");
    this.over = document.createElement("canvas");
    for (const canvas of [this.under, this.over]) {
      canvas.className = "nn-layer";
      canvas.setAttribute("aria-hidden", "true");
    }
    box.prepend(this.under);
    box.append(this.over);
    this.pictures = new WeakMap();  // by the array of values: a new picture comes with a new array
  }

  // Draws frame t of every layer; gd is plotly's element, which knows where the axes are.
  draw(gd, layers, t) {
    this.last = [gd, layers, t];
    const names = Object.keys(layers);
    const used = names.length > 0;
    this.under.hidden = this.over.hidden = !used;
    if (!used || !gd._fullLayout) return;
    const { width, height } = gd._fullLayout;
    const scale = devicePixelRatio || 1;
    const pens = [this.under, this.over].map((canvas) => {
      if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
        canvas.width = Math.round(width * scale);
        canvas.height = Math.round(height * scale);
        canvas.style.width = `${width}px`;
        canvas.style.height = `${height}px`;
      }
      const pen = canvas.getContext("2d");
      pen.setTransform(scale, 0, 0, scale, 0, 0);
      pen.clearRect(0, 0, width, height);
      return pen;
    });
    for (const name of names) {
      const layer = layers[name];
      const axes = axesOf(gd, layer.subplot);
      if (!axes) continue;
      const pen = pens[layer.kind === "image" || layer.kind === "edges" ? 0 : 1];
      pen.save();
      pen.beginPath();
      pen.rect(axes.left, axes.top, axes.width, axes.height);
      pen.clip();
      this[layer.kind](pen, axes, layer, Math.max(0, Math.min(t, layer.frames - 1)));
      pen.restore();
    }
  }

  image(pen, axes, layer, t) {
    const [, rows, columns] = layer.values.shape;
    let kept = this.pictures.get(layer.values);
    if (!kept) {
      const picture = document.createElement("canvas");
      picture.width = columns;
      picture.height = rows;
      const inner = picture.getContext("2d");
      kept = { picture, inner, pixels: inner.createImageData(columns, rows), t: -1,
               colors: new Uint32Array(layer.palette.slice().buffer) };
      this.pictures.set(layer.values, kept);
    }
    if (kept.t !== t) {
      const values = layer.values.subarray(t * rows * columns, (t + 1) * rows * columns);
      const pixels = new Uint32Array(kept.pixels.data.buffer);
      for (let r = 0; r < rows; r++) {
        const from = r * columns, to = (rows - 1 - r) * columns;
        for (let c = 0; c < columns; c++) pixels[to + c] = kept.colors[values[from + c]];
      }
      kept.inner.putImageData(kept.pixels, 0, 0);
      kept.t = t;
    }
    const [x0, x1] = layer.x.map(axes.x), [y0, y1] = layer.y.map(axes.y);
    pen.imageSmoothingEnabled = layer.smooth;
    pen.drawImage(kept.picture, x0, y1, x1 - x0, y0 - y1);
  }

  path(pen, axes, layer, t) {
    const at = (i) => [axes.x(layer.points[2 * i]), axes.y(layer.points[2 * i + 1])];
    pen.strokeStyle = pen.fillStyle = colorOf(layer.color);
    pen.lineWidth = layer.width;
    pen.lineJoin = "round";
    if (layer.trail) {
      pen.setLineDash(layer.dash);
      pen.beginPath();
      for (let i = 0, down = false; i <= t; i++) {
        const [x, y] = at(i);
        if (!Number.isFinite(x + y)) { down = false; continue; }
        down ? pen.lineTo(x, y) : pen.moveTo(x, y);
        down = true;
      }
      pen.stroke();
      pen.setLineDash([]);
    }
    for (let i = layer.dots ? 0 : t; i <= t; i++) {
      const [x, y] = at(i);
      if (!Number.isFinite(x + y)) continue;
      pen.beginPath();
      pen.arc(x, y, i === t ? 5 : 2.5, 0, 2 * Math.PI);
      pen.fill();
    }
  }

  cursor(pen, axes, layer, t) {
    const x = axes.x(layer.x[t]);
    pen.strokeStyle = colorOf(layer.color);
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, axes.top);
    pen.lineTo(x, axes.top + axes.height);
    pen.stroke();
  }

  edges(pen, axes, layer, t) {
    const count = layer.segments.length / 4;
    for (let e = 0; e < count; e++) {
      const value = layer.values[t * count + e];
      if (!Number.isFinite(value)) continue;
      pen.strokeStyle = layer.colors[value < 0 ? 1 : 0];
      pen.lineWidth = 0.8 + Math.min(1, Math.abs(value) / layer.largest) * layer.width;
      pen.setLineDash(value < 0 ? [6, 4] : []);
      pen.beginPath();
      pen.moveTo(axes.x(layer.segments[4 * e]), axes.y(layer.segments[4 * e + 1]));
      pen.lineTo(axes.x(layer.segments[4 * e + 2]), axes.y(layer.segments[4 * e + 3]));
      pen.stroke();
    }
    pen.setLineDash([]);
  }

  // Draws again at each animation frame until the dots have arrived.
  flow(pen, axes, layer) {
    const now = performance.now();
    layer.began ??= reducedMotion() ? -Infinity : now;
    const share = (now - layer.began) / layer.duration;
    if (share >= 1) return;
    const eased = share * share * (3 - 2 * share);
    const between = (a, b) => a + (b - a) * eased;
    for (let e = 0; e < layer.segments.length / 4; e++) {
      const [x0, y0, x1, y1] = layer.segments.subarray(4 * e, 4 * e + 4);
      pen.fillStyle = layer.colors[e];
      pen.beginPath();
      pen.arc(axes.x(between(x0, x1)), axes.y(between(y0, y1)), 6, 0, 2 * Math.PI);
      pen.fill();
    }
    this.again ??= requestAnimationFrame(() => {
      this.again = null;
      this.draw(...this.last);
    });
  }
}

// The marker colours of theme.py, for a canvas, which no style sheet reaches.
const markers = { "#6a727b": "--jp-content-font-color1", "#a9adb3": "--jp-border-color1", "#f7f8f9": "--jp-layout-color0" };

function colorOf(color) {
  const variable = markers[color];
  return (variable && getComputedStyle(document.body).getPropertyValue(variable).trim()) || color;
}

// Where a subplot's axes are, in pixels of plotly's element, and how a value becomes a pixel.
function axesOf(gd, subplot) {
  const [, x, y] = /^x(\d*)y(\d*)$/.exec(subplot) || [];
  const xaxis = gd._fullLayout[`xaxis${x}`], yaxis = gd._fullLayout[`yaxis${y}`];
  if (!xaxis || !yaxis) return null;
  return {
    left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length,
    x: (value) => xaxis._offset + xaxis.d2p(value),
    y: (value) => yaxis._offset + yaxis.d2p(value),
    value: (px, py) => [xaxis.p2d(px - xaxis._offset), yaxis.p2d(py - yaxis._offset)],
  };
}
