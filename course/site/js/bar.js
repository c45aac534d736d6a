// The course's bar above a notebook in the browser: how far Python has come, and what one does with one's own copy.
// With note.js, which the build puts before it, this file is a whole extension of JupyterLab: it needs no bundler,
// because it takes nothing from what JupyterLab shares with its extensions.
const NAME = "course-site";
const KEPT = "course-releases"; // {path: signature of the release's cells}
const SIZES = __SIZES__; // bytes of each file that Python is loaded from
const PATIENCE = 20000; // milliseconds after which a cell that still runs is spoken of

globalThis._JUPYTERLAB = globalThis._JUPYTERLAB || {};
globalThis._JUPYTERLAB[NAME] = {
  init() {},
  async get() {
    const plugin = { id: `${NAME}:bar`, autoStart: true, activate };
    return () => ({ __esModule: true, default: plugin });
  },
};

// The bar stands above all of JupyterLab, whose own bar is hidden on a phone and cuts off what is too wide.
function activate(app) {
  const bar = document.createElement("div");
  bar.id = "course-bar";
  bar.setAttribute("role", "region");
  bar.setAttribute("aria-label", "The course");
  bar.append(link("Lessons", "../../index.html"), link("Progress", "../../progress/index.html"), status());
  bar.append(button("Save a copy", () => saveCopy(app)), button("Open my file", () => openFile(app)));
  bar.append(button("Start again", () => startAgain(app)), button("Download for my instructor", () => handIn(app)));
  document.head.append(style());
  document.getElementById("course-opening")?.remove();
  document.body.prepend(bar);
  bar.addEventListener("click", (event) => saveFirst(app, event));
  say("Opening the notebook ...", 0);
  new ResizeObserver(() => {
    document.body.style.setProperty("--course-bar", `${bar.offsetHeight}px`);
    app.shell.update();
  }).observe(bar);
  try {
    globalThis.localStorage.getItem(KEPT);
  } catch { // then JupyterLite has nowhere to read the notebook from either
    say("This browser keeps nothing of this site, so no notebook can be opened. Allow cookies and site data for it, and load the page again.");
    return;
  }
  app.restored.then(() => Promise.all([follow(app), lookForRelease(app).finally(() => listCopies(app))]));
  noteChecks();
}

function style() {
  const element = document.createElement("style");
  element.textContent = `
    #main { top: var(--course-bar, 0) !important; }
    #course-bar { position: absolute; z-index: 1; top: 0; left: 0; right: 0; box-sizing: border-box; display: flex; flex-wrap: wrap; gap: 4px 8px;
      align-items: center; padding: 4px 12px; font: 13px system-ui, sans-serif; background: var(--jp-layout-color1); color: var(--jp-ui-font-color1);
      border-bottom: 1px solid var(--jp-border-color1); }
    #course-bar a { color: var(--jp-content-link-color, #0b5cad); text-decoration: underline; }
    #course-bar button { font: inherit; color: inherit; background: var(--jp-layout-color2); border: 1px solid var(--jp-border-color1); border-radius: 4px; padding: 2px 8px; cursor: pointer; }
    #course-bar :focus-visible { outline: 2px solid var(--jp-brand-color1); outline-offset: 1px; }
    #course-status { flex: 1 1 16em; min-height: 24px; display: flex; flex-wrap: wrap; gap: 0 8px; align-items: center; }
    #course-status progress { width: 120px; }
    #course-note { flex: 1 1 100%; font-weight: 600; }
    #course-copies[open] { flex: 1 1 100%; }
    #course-copies summary { cursor: pointer; }
    #course-copies a { display: inline-block; margin: 4px 16px 4px 0; }
    .jp-NotebookCheckpoint { display: none !important; }`; // it would tell the date of the build
  return element;
}

function link(text, address) {
  const element = document.createElement("a");
  element.textContent = text;
  element.href = address;
  return element;
}

// Who leaves by a link of the bar loses nothing, and is not asked whether to leave.
async function saveFirst(app, event) {
  const there = event.target.closest("a");
  if (!there || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  await app.commands.execute("docmanager:save").catch(() => {});
  location.href = there.href;
}

function button(text, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = text;
  element.addEventListener("click", () => act().catch((error) => say(`This did not work: ${error.message}`)));
  return element;
}

function status() {
  const element = document.createElement("span");
  element.id = "course-status";
  element.setAttribute("role", "status");
  return element;
}

function say(text, share) {
  const element = document.getElementById("course-status"), words = document.createElement("span");
  words.textContent = text;
  element.replaceChildren(words);
  if (share === undefined) return;
  const progress = document.createElement("progress");
  progress.max = 1;
  progress.value = share;
  progress.setAttribute("aria-label", "Python is loading");
  element.prepend(progress);
}

// What stays, whatever is said of Python meanwhile.
function tell(...parts) {
  const element = document.createElement("span");
  element.id = "course-note";
  element.setAttribute("role", "status");
  element.append(...parts);
  document.getElementById("course-bar").append(element);
}

const panel = (app) => app.shell.currentWidget;
const kernel = (app) => panel(app)?.context?.sessionContext?.session?.kernel;

// Loading ------------------------------------------------------------------------------------------------------------

async function follow(app) {
  const loading = new Set(), loaded = new Set();
  const words = {
    "asm.wasm": "Python itself", stdlib: "Python's library", packages: "NumPy, figures and the course", memory: "the course's start",
  };
  const bytes = (files) => [...files].reduce((sum, file) => sum + (SIZES[file] ?? 0), 0);
  const hear = (data) => {
    if (data?.loading) loading.add(data.loading);
    else if (data?.loaded) loaded.add(data.loaded);
    else return;
    const waits = [...loading].filter((file) => !loaded.has(file)).sort((a, b) => (SIZES[b] ?? 0) - (SIZES[a] ?? 0))[0];
    const what = waits && (Object.entries(words).find(([part]) => waits.includes(part))?.[1] ?? "Python's packages");
    say(what ? `Loading ${what} ...` : "Starting Python ...", (0.9 * bytes(loaded)) / bytes(Object.keys(SIZES)));
  };
  say("Loading Python ...", 0);
  const listen = ({ data }) => hear(data);
  globalThis.courseHeard?.forEach(hear);
  navigator.serviceWorker?.addEventListener("message", listen);
  while (!["idle", "busy"].includes(kernel(app)?.status)) await pause(150);
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

const pause = (milliseconds) => new Promise((next) => setTimeout(next, milliseconds));

// The reader's copy ---------------------------------------------------------------------------------------------------

async function saveCopy(app) {
  await app.commands.execute("docmanager:save");
  download(panel(app).context.path.split("/").pop(), panel(app).context.model.toJSON());
}

async function handIn(app) {
  await app.commands.execute("docmanager:save");
  const notebook = panel(app).context.model.toJSON();
  notebook.metadata.kernelspec = { display_name: "Python 3 (ipykernel)", language: "python", name: "python3" };
  const name = panel(app).context.path.split("/").pop().replace(/ \(.*\)\.ipynb$/, ".ipynb");
  download(name, notebook);
  say(`${name} is in your downloads. Hand it in as your instructor asks.`);
}

function download(name, notebook) {
  const address = URL.createObjectURL(new Blob([`${JSON.stringify(notebook, null, 1)}\n`], { type: "application/json" }));
  const element = link("", address);
  element.download = name;
  element.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

async function openFile(app) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".ipynb,application/json";
  const [file] = await new Promise((resolve) => { input.onchange = () => resolve(input.files); input.click(); });
  const notebook = await file.text().then(JSON.parse).catch(() => null);
  if (!Array.isArray(notebook?.cells)) throw new Error(`${file.name} is not a notebook of this course.`);
  const path = await free(app, await lessonOf(app, notebook), "mine");
  notebook.metadata = { ...notebook.metadata, kernelspec: { display_name: "Python", language: "python", name: "python" } };
  await app.commands.execute("docmanager:save"); // else the browser would ask whether to leave what is open
  await app.serviceManager.contents.save(path, { type: "notebook", format: "json", content: notebook });
  location.search = search(path);
}

// The lesson that a notebook is of, by the names of its exercises; the open one if it has none of any.
async function lessonOf(app, notebook) {
  const names = ({ cells }) => cells.map(({ metadata }) => metadata?.nbgrader?.grade_id).filter(Boolean);
  const here = original(panel(app).context.path), own = new Set(names(notebook));
  if (!own.size) return here;
  const { content: folders } = await app.serviceManager.contents.get("", { content: true });
  const others = folders.map(({ path }) => `${path}/${path.replace(/^\d+-/, "")}.ipynb`);
  for (const path of new Set([here, ...others])) {
    const lesson = await released(path).catch(() => null);
    if (lesson && names(lesson).some((name) => own.has(name))) return path;
  }
  throw new Error("None of this course's lessons has the exercises of this notebook.");
}

const search = (path) => `?path=${encodeURIComponent(path)}`;
// "01-structure/structure (mine 2).ipynb" is a copy of "01-structure/structure.ipynb".
const original = (path) => path.replace(/( \([^()]*\))+\.ipynb$/, ".ipynb");

async function startAgain(app) {
  if (!confirm("Put the lesson back as it was? What you wrote is kept beside it, as a copy.")) return;
  const { path } = panel(app).context, { contents } = app.serviceManager;
  const fresh = await released(original(path));
  await app.commands.execute("docmanager:save");
  await contents.save(await free(app, original(path), "before"), { type: "notebook", format: "json", content: panel(app).context.model.toJSON() });
  await panel(app).context.sessionContext.shutdown();
  await contents.save(path, { type: "notebook", format: "json", content: fresh });
  await panel(app).context.revert();
  location.reload();
}

// A name beside `path` that is not taken: "structure (mine).ipynb", "structure (mine 2).ipynb".
async function free(app, path, what) {
  for (let number = 1; ; number += 1) {
    const name = path.replace(/\.ipynb$/, ` (${what}${number > 1 ? ` ${number}` : ""}).ipynb`);
    const there = await app.serviceManager.contents.get(name, { content: false }).catch(() => null);
    if (!there) return name;
  }
}

const released = (path) => fetch(`../files/${path.split("/").map(encodeURIComponent).join("/")}`).then((answer) => {
  if (!answer.ok) throw new Error(`the site has no ${path}`);
  return answer.json();
});

// What else the browser keeps of this lesson, such as the copy before "Start again": nothing else here leads there.
async function listCopies(app) {
  const { path } = panel(app).context, folder = path.split("/").slice(0, -1).join("/");
  const { content } = await app.serviceManager.contents.get(folder, { content: true });
  const others = content.filter((one) => one.type === "notebook" && one.path !== path);
  if (!others.length) return;
  const list = document.createElement("details"), summary = document.createElement("summary");
  list.id = "course-copies";
  summary.textContent = `Other copies (${others.length})`;
  list.append(summary, ...others.map((one) => link(one.name.replace(/\.ipynb$/, ""), search(one.path))));
  document.getElementById("course-bar").append(list);
}

async function signature(notebook) {
  const text = JSON.stringify(notebook.cells.map(({ cell_type, source }) => [cell_type, Array.isArray(source) ? source.join("") : source]));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A copy that the reader has begun hides a newer release of the lesson: the new one lands beside it. One that holds
// nothing of the reader's is replaced.
async function lookForRelease(app) {
  while (!panel(app)?.context?.isReady) await pause(100);
  const { path } = panel(app).context;
  const fresh = await released(path).catch(() => null); // the reader's own file
  if (!fresh) return;
  const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}"), now = await signature(fresh);
  const begunFrom = kept[path] ?? now;
  if (begunFrom !== now) {
    const own = await signature(panel(app).context.model.toJSON());
    const { contents } = app.serviceManager;
    if (own === begunFrom) {
      await contents.save(path, { type: "notebook", format: "json", content: fresh });
      await panel(app).context.revert();
    } else if (own !== now) {
      const beside = await free(app, path, "newer release");
      await contents.save(beside, { type: "notebook", format: "json", content: fresh });
      tell("A newer release of this lesson lies beside your copy: ", link(beside.split("/").pop(), search(beside)));
    }
  }
  kept[path] = now;
  localStorage.setItem(KEPT, JSON.stringify(kept));
}

// Remember ------------------------------------------------------------------------------------------------------------

// Reports of checks say which exercise they are of and how much of it is right; quizzes say it of their questions.
function noteChecks() {
  const look = (root) => {
    for (const report of root.querySelectorAll?.("[data-exercise]") ?? []) {
      note(`exercise ${report.dataset.exercise}`, Number(report.dataset.share));
    }
  };
  new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(look))).observe(document.body, { childList: true, subtree: true });
  document.addEventListener("course-question", ({ detail }) => note(`quiz ${detail.question}`, detail.right ? 1 : 0));
}
