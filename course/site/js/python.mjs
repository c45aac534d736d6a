// Python with every package in place and imported. Its memory is that of a Python which the build started and froze
// (freeze.mjs), so nothing is unpacked or imported here; compiled libraries are put first where they were then. Where
// that memory does not fit, as in a browser of another make, Python starts as usual and imports what a cell asks for.
import { loadPyodide as load } from "./pyodide.mjs";

const FOLDER = "/lib/python3.12/site-packages/";
// The same everywhere: these words lie in memory before all else, and would come from the browser's language.
const ENVIRONMENT = { HOME: "/home/pyodide", LANG: "en_US.UTF-8", PYTHONHASHSEED: "0", _: "python" };
// Looked at last, because the reader's folder lies in the browser's storage and every look into it is a request. What
// was drawn at random when the memory was frozen is drawn anew.
const AFTER = `
import sys, random
sys.path[:] = [*(place for place in sys.path if place), ""]
random.seed()
if "numpy.random" in sys.modules:
    sys.modules["numpy.random"].seed()
`;

let ahead = null; // Python that was started before anyone asked for it

export function startAhead() {
  ahead = startHere();
}

// What JupyterLite's kernel calls.
export async function loadPyodide({ stdout, stderr }) {
  const python = await (ahead ?? startHere());
  ahead = null;
  python.setStdout({ batched: stdout });
  python.setStderr({ batched: stderr });
  return python;
}

async function startHere() {
  const [files, memory] = [fetched("packages.bin"), fetched("memory.bin")];
  try {
    return await start({}, entries(await files), await memory);
  } catch (error) {
    console.warn("Python's frozen memory does not fit this browser; it starts as usual.", error);
    return start({}, entries(await files));
  }
}

async function fetched(name) {
  const answer = await fetch(new URL(name, import.meta.url));
  if (!answer.ok) throw new Error(`${name} could not be loaded (${answer.status})`);
  return new Uint8Array(await new Response(answer.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

// The files in packages.bin: the length of a list of names and sizes, the list, and the files one after the other.
export function entries(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const list = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let at = 4 + length;
  return list.map(([name, size]) => [name, bytes.subarray(at, (at += size))]);
}

// Start Python with these files; with `memory`, as it was when that was frozen.
export async function start(options, files, memory) {
  // Pyodide arranges its memory differently where WebAssembly can be suspended, which nothing here needs.
  for (const name of ["Suspending", "Suspender", "promising"]) delete WebAssembly[name];
  await import("./pyodide.asm.js");
  const create = globalThis._createPyodideModule;
  let module = null;
  globalThis._createPyodideModule = (settings) => {
    settings.preRun.push((made) => { module = made; });
    settings.onRuntimeInitialized = () => {
      for (const [name, bytes] of files) if (name.endsWith(".so")) loadLibrary(module, FOLDER + name, bytes);
      module.API.arranged = arrangement(module);
    };
    return create(settings);
  };
  const frozen = memory && {
    _loadSnapshot: memory,
    _snapshotDeserializer(kept) {
      if (kept.arranged !== module.API.arranged) throw new Error("its compiled libraries lie elsewhere");
      return known(module.API)[kept.name];
    },
  };
  try {
    const python = await load({ ...options, ...frozen, env: { ...ENVIRONMENT }, fsInit: (system) => put(system, files) });
    python.runPython(AFTER);
    return python;
  } finally {
    globalThis._createPyodideModule = create;
  }
}

// Of what Python holds of JavaScript's, the things that have no address as a global variable.
export const known = (api) => ({
  api,
  pyodide: api.public_api,
  any: api.abortSignalAny,
  imports: api.public_api.loadPackagesFromImports,
});

// Tells one arrangement of compiled libraries from another: how many functions there are, and a sum over all memory,
// which holds addresses and nothing of Python's yet.
function arrangement({ wasmTable, HEAP32 }) {
  let sum = wasmTable.length;
  for (let at = 0; at < HEAP32.length; at += 1) if (HEAP32[at]) sum = (Math.imul(sum, 31) + HEAP32[at] + at) | 0;
  return sum;
}

function loadLibrary(module, path, bytes) {
  const fs = { findObject: () => true, readFile: () => bytes };
  module.loadDynamicLibrary(path, { global: false, nodelete: true, loadAsync: false, allowUndefined: true, fs }, {});
}

async function put(system, files) {
  const made = new Set();
  for (const [name, bytes] of files) {
    const cut = name.lastIndexOf("/"), folder = FOLDER + name.slice(0, Math.max(cut, 0));
    if (!made.has(folder)) {
      system.mkdirTree(folder);
      made.add(folder);
    }
    system.createDataFile(folder, name.slice(cut + 1), bytes, true, true, true);
  }
}
