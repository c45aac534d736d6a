// The figure on the page: what pack() of wire.py sends becomes arrays again, and edits are made on it.

const arrayTypes = {
  int8: Int8Array, int16: Int16Array, int32: Int32Array, uint8: Uint8Array, uint16: Uint16Array,
  uint32: Uint32Array, float32: Float32Array, float64: Float64Array,
};

// The inverse of pack(). Arrays with two axes become rows of typed arrays, as plotly wants
// them; those of a canvas layer (flat) stay in one piece and keep their shape.
function unpack(value, buffers, flat = false) {
  if (Array.isArray(value)) return value.map((child) => unpack(child, buffers, flat));
  if (value === "_undefined_") return undefined;
  if (value === null || typeof value !== "object") return value;
  if (!("_array" in value)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, unpack(child, buffers, flat)]));
  }
  const { buffer, byteOffset, byteLength } = buffers[value._array];
  const array = new arrayTypes[value.dtype](buffer.slice(byteOffset, byteOffset + byteLength));
  if (flat) return Object.assign(array, { shape: value.shape });
  return rows(array, value.shape);
}

function rows(array, shape) {
  if (shape.length < 2) return array;
  const length = array.length / shape[0];
  return Array.from({ length: shape[0] }, (_, i) =>
    rows(array.subarray(i * length, (i + 1) * length), shape.slice(1)));
}

function unpackFigure(state) {
  const buffers = state.buffers || [];
  return {
    data: unpack(state.data || [], buffers), layout: unpack(state.layout || {}, buffers),
    layers: unpack(state.layers || {}, buffers, true), pointer: state.pointer, revision: state.revision || 0,
  };
}

// A copy that plotly may write to; numbers in typed arrays are shared.
function clone(value) {
  if (Array.isArray(value)) return value.map(clone);
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, clone(child)]));
}

// Sets "a.b[2].c"; null removes, as in plotly's restyle and relayout.
function assign(target, path, value) {
  if (value === undefined) return;
  const keys = path.match(/[^.[\]]+/g).map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  const last = keys.pop();
  keys.forEach((key, i) => {
    const next = i + 1 < keys.length ? keys[i + 1] : last;
    if (target[key] === null || typeof target[key] !== "object") target[key] = typeof next === "number" ? [] : {};
    target = target[key];
  });
  if (value !== null) target[last] = clone(value);
  else if (Array.isArray(target)) target.splice(last, 1);
  else delete target[last];
}

// One edit, on the model's figure or on a view's own copy.
const edits = {
  update(figure, { style, layout, traces }) {
    for (const [path, value] of Object.entries(style)) {
      const values = Array.isArray(value) ? value : [value];
      traces.forEach((trace, i) => {
        if (figure.data[trace]) assign(figure.data[trace], path, values[i % values.length]);
      });
    }
    for (const [path, value] of Object.entries(layout)) assign(figure.layout, path, value);
  },
  whole(figure, { data, layout }) {
    figure.data = clone(data);
    figure.layout = clone(layout);
  },
  add(figure, { data }) { figure.data.push(...clone(data)); },
  delete(figure, { traces }) { figure.data = figure.data.filter((_, i) => !traces.includes(i)); },
  move(figure, { traces, to }) {
    const moved = traces.map((from, i) => [to[i], figure.data[from]]).sort((a, b) => a[0] - b[0]);
    figure.data = figure.data.filter((_, i) => !traces.includes(i));
    for (const [place, trace] of moved) figure.data.splice(place, 0, trace);
  },
  layer(figure, { name, layer }) {
    if (layer) figure.layers[name] = layer;
    else delete figure.layers[name];
  },
  pointer(figure, { subplot }) { figure.pointer = subplot; },
};
