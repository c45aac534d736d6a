// Before anything is drawn: light or dark, as the reader chose, or as their system has it.
const chosen = localStorage.getItem("course-theme");
const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.dataset.jpThemeLight = String(!dark);
// Quizzes and figures look for it on the body, where JupyterLab has it.
addEventListener("DOMContentLoaded", () => { document.body.dataset.jpThemeLight = document.documentElement.dataset.jpThemeLight; });
