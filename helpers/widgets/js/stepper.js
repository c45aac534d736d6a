// A whole number with buttons for one less and one more, and a field to type in.
export default {
  initialize({ model }) { hear(model); },
  render({ model, el }) {
    ownKeys(el);
    el.classList.add("nn-stepper");
    el.setAttribute("role", "group");
    const label = document.createElement("label");
    const field = document.createElement("input");
    field.type = "number";
    field.id = `nn-stepper-${Math.random().toString(36).slice(2)}`;
    label.htmlFor = field.id;
    const button = (step, words) => {
      const made = document.createElement("button");
      made.type = "button";
      made.append(icon(words));
      made.addEventListener("click", () => move(model.get("value") + step));
      made.words = words;
      return made;
    };
    const less = button(-1, "less"), more = button(1, "more");
    const row = document.createElement("div");
    row.append(less, field, more);
    el.append(label, row);
    const move = (value) => {
      if (!Number.isFinite(value)) return show();
      model.set("value", Math.round(Math.min(model.get("max"), Math.max(model.get("min"), value))));
      model.save_changes();
      show();
    };
    const show = () => {
      const value = model.get("value");
      label.innerHTML = model.get("label");
      el.setAttribute("aria-label", label.textContent);
      field.min = model.get("min");
      field.max = model.get("max");
      if (field.value !== String(value)) field.value = value;
      // Not disabled at the ends: a disabled button would lose the focus.
      less.setAttribute("aria-disabled", value <= model.get("min"));
      more.setAttribute("aria-disabled", value >= model.get("max"));
      for (const made of [less, more]) made.setAttribute("aria-label", `${label.textContent}: one ${made.words}`);
    };
    field.addEventListener("change", () => move(field.valueAsNumber));
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      const step = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
      if (step) {
        event.preventDefault();
        move(model.get("value") + step);
      }
    });
    model.on("change", show);
    show();
    return () => model.off("change", show);
  },
};
