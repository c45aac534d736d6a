// A number to type in. Enter hands it in, with its value: the model's own message may still be on its way.
export default {
  initialize({ model }) { hear(model); },
  render({ model, el }) {
    ownKeys(el);
    el.classList.add("nn-field");
    const label = document.createElement("label");
    const field = document.createElement("input");
    field.type = "number";
    field.step = "any";
    field.id = `nn-field-${Math.random().toString(36).slice(2)}`;
    label.htmlFor = field.id;
    el.append(label, field);
    const show = () => {
      label.textContent = model.get("label");
      if (field.valueAsNumber !== model.get("value")) field.value = model.get("value");
    };
    const take = () => {
      const typed = field.valueAsNumber;
      if (Number.isFinite(typed)) {
        model.set("value", Math.min(model.get("max"), Math.max(model.get("min"), typed)));
        model.save_changes();
      }
      show();
    };
    field.addEventListener("change", take);
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter") return;
      take();
      model.send({ kind: "enter", value: model.get("value") });
    });
    model.on("change", show);
    show();
    return () => model.off("change", show);
  },
};
