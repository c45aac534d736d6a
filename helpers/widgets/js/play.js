// A button that raises a whole number one by one, until it is pressed again or the number has come to its end.
export default {
  initialize({ model }) { hear(model); },
  render({ model, el }) {
    ownKeys(el);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "lm-Widget jupyter-widgets jupyter-button widget-button";
    button.style.width = "auto";
    el.append(button);
    let timer = null;
    const label = () => {
      const words = timer === null ? "play" : "pause";
      button.replaceChildren(icon(words), timer === null ? " Play" : " Pause");
      button.setAttribute("aria-label", `${words} the steps`);
    };
    const stop = () => {
      clearInterval(timer);
      timer = null;
      label();
    };
    const step = () => {
      const value = model.get("value");
      if (value >= model.get("max")) return stop();
      model.set("value", value + 1);
      model.save_changes();
    };
    button.addEventListener("click", () => {
      if (timer !== null) return stop();
      if (model.get("value") >= model.get("max")) {
        model.set("value", 0);
        model.save_changes();
      }
      timer = setInterval(step, model.get("interval"));
      label();
    });
    label();
    return () => clearInterval(timer);
  },
};
