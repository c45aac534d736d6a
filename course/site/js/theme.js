// Before anything is drawn: light or dark, as the reader chose, or as their system has it.
globalThis.chosenTheme = {
  read() { try { return localStorage.getItem("course-theme"); } catch { return null; } }, // a browser may refuse to keep anything
  write(theme) { try { localStorage.setItem("course-theme", theme); } catch { /* the choice holds for this page */ } },
};
const chosen = globalThis.chosenTheme.read();
const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.dataset.jpThemeLight = String(!dark);
addEventListener("DOMContentLoaded", () => {
  // Quizzes and figures look for it on the body, where JupyterLab has it.
  document.body.dataset.jpThemeLight = document.documentElement.dataset.jpThemeLight;
  if (location.protocol !== "file:") return;
  // No browser lets a page that was opened as a file load what it needs, and nothing else here would say so.
  const note = document.createElement("p");
  note.className = "note";
  note.setAttribute("role", "alert");
  note.innerHTML = "This page was opened as a file, so drawing, search and running a lesson do not work. In a terminal, in the folder of the site, call " +
    "<code>python3 -m http.server 8000 --bind 127.0.0.1</code>, and open <code>http://127.0.0.1:8000/</code>.";
  document.querySelector("main").prepend(note);
});
