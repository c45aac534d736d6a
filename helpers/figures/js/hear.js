// anywidget gives a model two seconds to start. A page that is busy (plotly takes one to two to evaluate) can
// miss that, and the model is shown but never hears from Python again: its messages wait for a promise that
// was rejected. Each of our models calls hear() when it starts, which lets messages in without that promise.
// connected(false) is called when the kernel has gone, for example after a restart.
const lastStart = Symbol.for("nn last start");

async function hear(model, connected = () => {}) {
  globalThis[lastStart] = performance.now();
  const real = await model.widget_manager.get_model(model.get("_id"));
  const stock = Object.getPrototypeOf(Object.getPrototypeOf(real))._handle_comm_msg;
  if (stock) real._handle_comm_msg = stock;
  real.on("comm_live_update", () => connected(real.comm_live));
}

// JupyterLab takes keys such as the arrows (to the next cell) from lists, sliders and boxes that have the focus,
// unless they bear this mark themselves.
function ownKeys(box) {
  box?.addEventListener("focusin", (event) => { event.target.dataset.lmSuppressShortcuts = "true"; });
}

// Resolves when no model has started for 200 ms (at the latest after 1.5 s): the time for slow work.
async function quiet() {
  const began = performance.now();
  while (performance.now() - began < 1500 && performance.now() - (globalThis[lastStart] || 0) < 200) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
