// What a reader has done, kept in this browser only: {"quiz structure/layers#1": 1, "exercise neuron": 0.5}.
// One key for the whole course, so that pages and notebooks of one site share it.
const KEY = "course-progress";

export function noted() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {}; // not readable: begin afresh
  }
}

// Note how well a question or an exercise was done, from 0 to 1; the best try counts.
export function note(task, share) {
  const notes = noted();
  if ((notes[task] ?? -1) >= share) return;
  notes[task] = share;
  try {
    localStorage.setItem(KEY, JSON.stringify(notes));
  } catch {
    // This browser keeps nothing: all else on the page works.
  }
}

export function forget() {
  if (Object.keys(noted()).length) localStorage.removeItem(KEY);
}
