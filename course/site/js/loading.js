// How far Python has come, and what is done when it has: of a notebook in the browser.
import { button, kernel, panel, pause, say } from "./words.js";

const SIZES = __SIZES__; // bytes of each file that Python is loaded from
const PATIENCE = 20000; // milliseconds after which a cell that still runs is spoken of
const SILENCE = 60000; // milliseconds without a word of Python after which the reader is told what may help

export async function follow(app) {
  const loading = new Set(), loaded = new Set();
  const words = {
    "asm.wasm": "Python itself", stdlib: "Python's library", packages: "NumPy, figures and the course", memory: "the course's start",
  };
  const bytes = (files) => [...files].reduce((sum, file) => sum + (SIZES[file] ?? 0), 0);
  let heard = Date.now();
  const hear = (data) => {
    if (data?.loading) loading.add(data.loading);
    else if (data?.loaded) loaded.add(data.loaded);
    else return;
    heard = Date.now();
    const waits = [...loading].filter((file) => !loaded.has(file)).sort((a, b) => (SIZES[b] ?? 0) - (SIZES[a] ?? 0))[0];
    const what = waits && (Object.entries(words).find(([part]) => waits.includes(part))?.[1] ?? "Python's packages");
    say(what ? `Loading ${what} ...` : "Starting Python ...", (0.9 * bytes(loaded)) / bytes(Object.keys(SIZES)));
  };
  say("Loading Python ...", 0);
  const listen = ({ data }) => hear(data);
  globalThis.courseHeard?.forEach(hear);
  navigator.serviceWorker?.addEventListener("message", listen);
  while (!["idle", "busy"].includes(kernel(app)?.status)) {
    await pause(150);
    if (Date.now() - heard < SILENCE) continue;
    heard = Infinity; // said once, unless more of Python comes after all
    say("Python is still loading. On a slow network this takes minutes. If nothing comes, load the page again, or try another browser.");
  }
  navigator.serviceWorker?.removeEventListener("message", listen);
  const alone = navigator.serviceWorker ? "" : " This window is private, or the address does not begin with https://, so a lesson cannot bring what you wrote in others.";
  say(`Python is ready. What you write is kept in this browser.${alone}`);
  navigator.storage?.persist?.();
  watch(app);
  keepWorkers().catch(() => {}); // without one the next visit needs a network
  await pause(10000); // the reader's first cells come first
  await Promise.race([compileScripts().catch(() => {}), pause(60000)]); // without it the next visit starts later
  const workers = (await navigator.serviceWorker?.getRegistrations()) ?? []; // this one's, and that of the pages
  workers.forEach(({ active }) => active?.postMessage("keep all")); // the next visit needs no network
}

// JupyterLite unregisters the site's own worker on a first visit, and on a second one every worker of this address, unless
// it finds its version noted.
async function keepWorkers() {
  const { active } = await navigator.serviceWorker.ready;
  const { appVersion } = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  localStorage.setItem(`${active.scriptURL}-version`, appVersion);
  await navigator.serviceWorker.register(new URL("../../worker.js", location.href).href);
}

// Of the scripts that this page has loaded, keep what the browser makes of them: `compile` in worker.js.
async function compileScripts() {
  const { installing } = await navigator.serviceWorker.register(
    new URL("../../worker.js?compile", location.href).href, { scope: new URL("../compiled/", location.href).href },
  );
  const paths = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
  installing?.postMessage({ scripts: [...new Set(paths)].filter((path) => path.endsWith(".js")) });
  while (installing?.state === "installing") await pause(100);
}

// The browser cannot interrupt Python, and ■ does nothing: a cell that does not end is offered another way out.
async function watch(app) {
  app.commands.commandExecuted.connect((_, { id }) => {
    if (/interrupt/.test(id) && kernel(app)?.status === "busy") offerRestart(app, "A browser cannot stop a single cell.");
  });
  for (let since = Date.now(); ; await pause(500)) {
    const offered = document.getElementById("course-restart");
    if (kernel(app)?.status !== "busy") {
      if (offered) say("Python is ready.");
      since = Date.now();
    } else if (!offered && Date.now() - since > PATIENCE) {
      offerRestart(app, "This cell is still running.");
    }
  }
}

function offerRestart(app, why) {
  say(`${why} If it does not end, restart Python: what you wrote stays.`);
  const restart = button("Restart Python", async () => {
    say("Starting Python again ...");
    await panel(app).context.sessionContext.restartKernel();
    say("Python is ready again. It has forgotten all variables: run the cells from the top.");
  });
  restart.id = "course-restart";
  document.getElementById("course-status").append(restart);
}
