// The reader's own notebooks in this browser: saved, opened, put back, and newer releases of a lesson beside them.
import { link, panel, pause, say, tell } from "./words.js";

export const KEPT = "course-releases"; // {path: signature of the release's cells}

export async function saveCopy(app) {
  await app.commands.execute("docmanager:save");
  download(panel(app).context.path.split("/").pop(), panel(app).context.model.toJSON());
}

export async function handIn(app) {
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

export async function openFile(app) {
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

export async function startAgain(app) {
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
export async function listCopies(app) {
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
export async function lookForRelease(app) {
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
