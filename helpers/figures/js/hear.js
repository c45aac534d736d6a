// anywidget gives a model two seconds to start. A page that is busy (plotly takes one to two to evaluate, a slow machine
// longer) can miss that; then the model is shown, but every message from Python is lost, because each waits for a
// promise that was rejected. So each of our models calls hear() when it starts: from then on messages come in without
// that promise, and if it was rejected before, Python is asked for the whole state once.
// connected(false) is called when the kernel has gone, for example after a restart.
const lastStart = Symbol.for("nn last start");

async function hear(model, connected = () => {}) {
  globalThis[lastStart] = performance.now();
  showFound(model.widget_manager);
  const real = await model.widget_manager.get_model(model.get("_id"));
  real.on("comm_live_update", () => connected(real.comm_live));
  const handle = Object.getPrototypeOf(Object.getPrototypeOf(real))._handle_comm_msg;
  if (!handle || !real.comm) return;
  real.comm.on_msg((message) => handle.call(real, message));
  try {
    // anywidget's own way in, with a message that says nothing: it fails if others have failed before.
    await real._handle_comm_msg({ content: { data: { method: "custom", content: {} } }, buffers: [] });
  } catch {
    real.comm?.send({ method: "request_state" }, {});
  }
}

// JupyterLab's widget manager looks for a model for two seconds. Where these pass in one go, as in a page that is busy
// after a reload, it takes no last look and says "model not found" for good, though the model has come meanwhile. So
// after our models have started, and after that wait is over, such outputs are looked for and their widgets shown.
const looks = Symbol.for("nn looks for widgets");

function showFound(manager) {
  manager[looks] ??= setTimeout(() => {
    delete manager[looks];
    document.querySelectorAll(".nn-again[id]").forEach(async (sentence) => {
      const output = sentence.closest(".jp-OutputArea-child")
        ?.nextElementSibling?.querySelector(":scope > .jp-OutputArea-output.jupyter-widgets");
      if (!output || !manager.has_model(sentence.id)) return;
      output.classList.remove("jupyter-widgets"); // a later look passes it by
      const { luminoWidget } = await manager.create_view(await manager.get_model(sentence.id));
      output.textContent = "";
      luminoWidget.constructor.attach(luminoWidget, output);
    });
  }, 2500);
}

// JupyterLab takes keys such as the arrows (to the next cell) from lists, sliders and boxes that have the focus,
// unless they bear this mark themselves. It is to have Ctrl+S, as if pressed beside the box: else the browser would
// offer to save the page in place of the notebook.
function ownKeys(box) {
  box?.addEventListener("focusin", (event) => { event.target.dataset.lmSuppressShortcuts = "true"; });
  box?.addEventListener("keydown", (event) => {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.stopImmediatePropagation();
    if (!box.parentElement.dispatchEvent(new KeyboardEvent("keydown", event))) event.preventDefault();
  }, true);
}

// Resolves when no model has started for 200 ms (at the latest after 1.5 s): the time for slow work.
async function quiet() {
  const began = performance.now();
  while (performance.now() - began < 1500 && performance.now() - (globalThis[lastStart] || 0) < 200) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
