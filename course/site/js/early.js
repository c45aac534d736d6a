// Starts Python's worker before JupyterLite is there to ask for it: it takes as long as JupyterLite's own page does.
{
  const Made = globalThis.Worker;
  let early = new Made(new URL("static/pyodide/worker.mjs", document.currentScript.src), { type: "module" });
  globalThis.Worker = class extends Made {
    constructor(address, options) {
      if (early && /\/comlink\.worker\./.test(address)) {
        const started = early;
        early = null;
        return started; // what a constructor returns takes the place of what it would have made
      }
      super(address, options);
    }
  };
  // What has been loaded by the time that the bar is there to tell of it.
  globalThis.courseHeard = [];
  navigator.serviceWorker?.addEventListener("message", ({ data }) => globalThis.courseHeard.push(data));
}
