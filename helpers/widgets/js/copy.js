// Lines of code with a button that copies them.
export default {
  initialize({ model }) { hear(model); },
  render({ model, el }) {
    el.classList.add("nn-copy");
    const code = document.createElement("pre");
    code.tabIndex = 0;
    code.setAttribute("role", "textbox");
    code.setAttribute("aria-readonly", "true");
    code.setAttribute("aria-label", "the same run in Python");
    code.addEventListener("keydown", (event) => event.stopPropagation());
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.lmSuppressShortcuts = "true";
    const label = () => { button.textContent = "Copy the lines"; };
    el.append(button, code);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(model.get("text"));
        button.textContent = "Copied";
      } catch {
        // Pages without the right to the clipboard: the reader copies what is selected now.
        getSelection().selectAllChildren(code);
        button.textContent = "Selected: copy now";
      }
      setTimeout(label, 2000);
    });
    const show = () => { code.textContent = model.get("text"); };
    model.on("change:text", show);
    label();
    show();
    return () => model.off("change:text", show);
  },
};
