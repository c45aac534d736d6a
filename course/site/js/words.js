// What the bar of a notebook in the browser says, and its links and buttons.
export function link(text, address) {
  const element = document.createElement("a");
  element.textContent = text;
  element.href = address;
  return element;
}

export function button(text, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = text;
  element.addEventListener("click", () => act().catch((error) => say(`This did not work: ${error.message}`)));
  return element;
}

export function say(text, share) {
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
export function tell(...parts) {
  const element = document.createElement("span");
  element.id = "course-note";
  element.setAttribute("role", "status");
  element.append(...parts);
  document.getElementById("course-bar").append(element);
}

export const panel = (app) => app.shell.currentWidget;
export const kernel = (app) => panel(app)?.context?.sessionContext?.session?.kernel;

export const pause = (milliseconds) => new Promise((next) => setTimeout(next, milliseconds));
