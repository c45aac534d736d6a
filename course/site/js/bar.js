globalThis._JUPYTERLAB = globalThis._JUPYTERLAB || {};
globalThis._JUPYTERLAB["course-site"] = {
  init() {},
  async get() { return () => ({ default: { id: "course-site:bar", autoStart: true, activate(app) { globalThis.courseApp = app; } } }); },
};
