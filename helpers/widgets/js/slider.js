// A labelled slider. Unlike the stock one it never rounds a value that Python has set, it has an accessible
// name, and the arrow keys are its own.

function written(value, format) {
  const [, digits, kind] = /^\.(\d+)([fge])$/.exec(format) || [];
  if (kind === "f") return value.toFixed(digits);
  if (kind === "e") return value.toExponential(digits);
  if (kind === "g") return String(Number(value.toPrecision(digits))).replace("-", "\u2212");
  return String(value);
}

export default {
  initialize({ model }) { hear(model); },
  render({ model, el }) {
    ownKeys(el);
    el.classList.add("nn-slider");
    const label = document.createElement("label");
    const input = document.createElement("input");
    const output = document.createElement("output");
    input.type = "range";
    input.id = `nn-slider-${Math.random().toString(36).slice(2)}`;
    label.htmlFor = output.htmlFor = input.id;
    el.append(label, input, output);
    const log = model.get("log");
    const toRange = (value) => (log ? Math.log10(value) : value);
    const fromRange = (at) => (log ? Number((10 ** at).toPrecision(3)) : at);
    const show = () => {
      const value = model.get("value");
      label.innerHTML = model.get("label");
      input.min = toRange(model.get("min"));
      input.max = toRange(model.get("max"));
      input.step = model.get("step");
      input.disabled = model.get("disabled");
      // While a drag runs ahead of the kernel, the handle stays under the pointer.
      if (value !== fromRange(Number(input.value))) input.value = toRange(value);
      output.textContent = written(value, model.get("format"));
      input.setAttribute("aria-valuetext", output.textContent);
    };
    const move = () => {
      const value = Math.min(model.get("max"), Math.max(model.get("min"), fromRange(Number(input.value))));
      model.set("value", value);
      // Messages are sent one at a time; while one is answered, only the newest value waits.
      model.save_changes();
    };
    input.addEventListener("input", move);
    input.addEventListener("keydown", (event) => event.stopPropagation());
    model.on("change", show);
    show();
    return () => model.off("change", show);
  },
};
