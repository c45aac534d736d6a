// A line of text that a screen reader announces when it changes, but not at every step of a drag.
export default {
  initialize({ model }) { hear(model); },
  render({ model, el }) {
    el.classList.add("nn-say");
    const seen = document.createElement("div");
    seen.setAttribute("aria-hidden", "true");
    const heard = document.createElement("div");
    heard.className = "nn-heard";
    heard.setAttribute("role", "status");
    heard.setAttribute("aria-live", "polite");
    el.append(seen, heard);
    requestAnimationFrame(() => ownKeys(el.closest(".nn-widget")));
    let later;
    const tell = () => {
      seen.innerHTML = model.get("text");
      el.hidden = !model.get("text");
      clearTimeout(later);
      later = setTimeout(() => { heard.textContent = seen.textContent; }, 700);
    };
    const alarm = () => {
      el.classList.toggle("nn-error", model.get("alarm"));
      heard.setAttribute("aria-live", model.get("alarm") ? "assertive" : "polite");
    };
    model.on("change:text", tell);
    model.on("change:alarm", alarm);
    alarm();
    tell();
    return () => {
      clearTimeout(later);
      model.off("change:text", tell);
      model.off("change:alarm", alarm);
    };
  },
};
