// The course's bar above a notebook in the browser: how far Python has come, and what one does with one's own copy.
// With the files that it imports, which the build puts before it, this is a whole extension of JupyterLab: it needs no
// bundler, because it takes nothing from what JupyterLab shares with its extensions.
import { KEPT, handIn, listCopies, lookForRelease, openFile, saveCopy, startAgain } from "./copies.js";
import { follow } from "./loading.js";
import { note } from "./note.js";
import { button, link, say } from "./words.js";

const NAME = "course-site";

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
  const path = new URLSearchParams(location.search).get("path");
  if (!path) return say('This address names no notebook. Choose a lesson under "Lessons".');
  app.restored.then(() => open(app, path));
  noteChecks();
}

async function open(app, path) {
  const there = await app.serviceManager.contents.get(path, { content: false }).catch(() => null);
  if (!there) return say(`There is no ${path} here. Choose a lesson under "Lessons".`);
  await Promise.all([follow(app), lookForRelease(app).finally(() => listCopies(app))]);
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

// Who leaves by a link of the bar loses nothing, and is not asked whether to leave.
async function saveFirst(app, event) {
  const there = event.target.closest("a");
  if (!there || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  await app.commands.execute("docmanager:save").catch(() => {});
  location.href = there.href;
}

function status() {
  const element = document.createElement("span");
  element.id = "course-status";
  element.setAttribute("role", "status");
  return element;
}

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
