// What every page does: theme, search, remembering answered questions, and fetching Python while one reads.
const up = document.body.dataset.up;

const themeButton = document.getElementById("theme");
const isDark = () => document.body.dataset.jpThemeLight === "false";
const label = () => themeButton.setAttribute("aria-label", isDark() ? "Light page" : "Dark page");
const show = (dark) => {
  document.documentElement.dataset.jpThemeLight = document.body.dataset.jpThemeLight = String(!dark);
};
themeButton.addEventListener("click", () => {
  const dark = !isDark();
  chosenTheme.write(dark ? "dark" : "light");
  show(dark);
  label();
});
label();

// Chromium draws a root only where the formula's own font has its sign, and else leaves it out without a word.
function drawRoots() {
  const wide = (one) => one.getBoundingClientRect().width;
  for (const root of document.querySelectorAll("msqrt:not(.drawn)")) {
    if (!wide(root) || wide(root) > [...root.children].reduce((sum, one) => sum + wide(one), 0) + 1) continue;
    const [row, sign] = ["mrow", "mo"].map((name) => document.createElementNS(root.namespaceURI, name));
    sign.textContent = "√";
    root.replaceWith(row);
    row.append(sign, root);
    root.classList.add("drawn");
  }
}
drawRoots();
document.addEventListener("toggle", drawRoots, true); // what was folded had no width
document.addEventListener("click", () => setTimeout(drawRoots)); // an answer's feedback

// On paper everything is unfolded, and dark on white.
let before = [];
addEventListener("beforeprint", () => {
  const folded = [...document.querySelectorAll("details:not([open])")], dark = isDark();
  folded.forEach((one) => (one.open = true));
  drawRoots();
  show(false);
  before = [folded, dark];
});
addEventListener("afterprint", () => {
  const [folded, dark] = before;
  folded.forEach((one) => (one.open = false));
  show(dark);
});

// A question that was answered is remembered for the progress page.
document.addEventListener("course-question", async ({ detail }) => {
  const { note } = await import(new URL(`${up}note.js`, location.href).href);
  note(`quiz ${detail.question}`, detail.right ? 1 : 0);
});

// Search: every word must occur, in the heading or in the text; headings count more.
const field = document.getElementById("search"), found = document.getElementById("found");
const typed = () => field.value.toLowerCase().split(/\s+/).filter(Boolean);
let index;
field.addEventListener("input", async () => {
  const words = typed();
  found.replaceChildren();
  if (!words.length) return;
  index ??= fetch(`${up}search.json`).then((answer) => answer.json());
  const sections = await index;
  if (typed().join(" ") !== words.join(" ")) return; // the reader typed on while the index came: the later search answers
  const score = ({ title, text }) => words.every((word) => `${title} ${text}`.toLowerCase().includes(word))
    ? words.filter((word) => title.toLowerCase().includes(word)).length + 1 : 0;
  const hits = sections.map((section) => [score(section), section]).filter(([value]) => value);
  hits.sort(([a], [b]) => b - a);
  found.replaceChildren(...(hits.length ? hits.slice(0, 12).map(([, section]) => link(section, words)) : [note("Nothing found.")]));
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { field.value = ""; found.replaceChildren(); }
});
field.form.addEventListener("submit", (event) => {
  event.preventDefault();
  found.querySelector("a")?.click();
});
document.addEventListener("click", ({ target }) => { if (target.closest("#found a") || !field.form.contains(target)) found.replaceChildren(); });

function link({ page, lesson, anchor, title, text }, words) {
  const result = document.createElement("a"), where = document.createElement("small");
  result.href = `${up}${page}/#${anchor}`;
  result.append(title, where);
  const at = Math.max(0, text.toLowerCase().indexOf(words[0]) - 30);
  where.textContent = text ? `${lesson} · …${text.slice(at, at + 90).trim()}…` : lesson;
  return result;
}

function note(text) {
  const result = document.createElement("p");
  result.textContent = text;
  return result;
}

// While one reads, the site's worker keeps all pages for a visit without a network; a lesson's page also fetches what
// "Run this lesson" will need.
if ("serviceWorker" in navigator && location.protocol !== "file:") {
  navigator.serviceWorker.register(`${up}worker.js`).catch(() => {});
  if (!navigator.connection?.saveData) addEventListener("load", () => setTimeout(fetchAhead, 3000));
}

async function fetchAhead() {
  navigator.serviceWorker.ready.then(({ active }) => active.postMessage("keep all"));
  if (document.body.dataset.lesson) await prefetch();
}

async function prefetch() {
  const files = await fetch(`${up}python.json`).then((answer) => answer.json()).catch(() => []);
  for (const file of files) await fetch(up + file, { priority: "low" }).then((answer) => answer.arrayBuffer()).catch(() => {});
}
