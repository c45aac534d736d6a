// plotly.js, once per page: however many figures a page holds, they share one promise, kept under
// plotly's version. The sources, in order:
//   page      an earlier figure, or a page that loaded plotly itself;
//   jupyter   JupyterLab's plotly extension, a static file that the page has loaded for still figures;
//   cache     the browser's Cache Storage, filled by the next one;
//   kernel    one gzipped message.
// A performance mark "plotly from …" tells which it was.

function loadPlotly(version, askKernel) {
  const key = Symbol.for(`plotly.js ${version}`);
  if (!globalThis[key]) {
    globalThis[key] = findPlotly(version, askKernel);
    globalThis[key].catch(() => { delete globalThis[key]; });
  }
  return globalThis[key];
}

async function findPlotly(version, askKernel) {
  const sources = { page: fromPage, jupyter: fromJupyter, cache: fromCache, kernel: fromKernel };
  for (const [name, source] of Object.entries(sources)) {
    // A source that fails is one that is not there; the last one's error is the reader's.
    const plotly = await source(version, askKernel).catch((error) => {
      if (name === "kernel") throw error;
    });
    if (plotly?.version === version) {
      performance.mark(`plotly from ${name}`);
      return plotly;
    }
  }
  throw new Error(`no source has plotly.js ${version}`);
}

async function fromPage() {
  return globalThis.Plotly;
}

async function fromJupyter() {
  const extension = await globalThis._JUPYTERLAB?.["jupyterlab-plotly"]?.get("./mimeExtension");
  if (!extension) return null;
  const { RenderedPlotly, MIME_TYPE } = extension();
  if (!RenderedPlotly.Plotly) {
    await quiet();
    // The extension evaluates plotly when it draws its first figure: this one has nothing in it.
    const renderer = new RenderedPlotly({ mimeType: MIME_TYPE });
    const nothing = { data: { [MIME_TYPE]: { data: [], layout: {} } }, setData() {} };
    await renderer.createGraph(nothing).catch(() => {});
    renderer.dispose();
  }
  return RenderedPlotly.Plotly;
}

const plotlyAddress = (version) => `/plotly.js/${version}`;

async function fromCache(version) {
  const stored = await (await globalThis.caches.open("plotly.js")).match(plotlyAddress(version));
  return stored && evaluatePlotly(await stored.blob());
}

async function fromKernel(version, askKernel) {
  const blob = new Blob([await askKernel()], { type: "application/gzip" });
  if (globalThis.caches) {
    const store = async () => (await caches.open("plotly.js")).put(plotlyAddress(version), new Response(blob));
    store().catch(() => {});
  }
  return evaluatePlotly(blob);
}

async function evaluatePlotly(gzipped) {
  await quiet();
  const source = await new Response(gzipped.stream().pipeThrough(new DecompressionStream("gzip"))).text();
  const module = `const module = { exports: {} };\n${source};\nexport default module.exports;`;
  const address = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
  try {
    return (await import(/* webpackIgnore: true */ address)).default;
  } finally {
    URL.revokeObjectURL(address);
  }
}
