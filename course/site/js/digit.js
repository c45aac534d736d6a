// The first page: draw a digit, and the course's small network reads it in the page.
import { forward, pixels } from "./handwriting.js";

const pad = document.getElementById("pad"), pen = pad.getContext("2d"), read = document.getElementById("read");
const bars = document.getElementById("bars");
const network = fetch("reader.json").then((answer) => answer.json());
let strokes = [], cursor = [0.5, 0.5], writing = false, shown = 0;

for (let digit = 0; digit < 10; digit += 1) bars.append(Object.assign(document.createElement("span"), { textContent: digit }), document.createElement("i"));

const place = (event) => {
  const box = pad.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
};

pad.addEventListener("pointerdown", (event) => {
  if (event.button || !event.isPrimary) return; // a second finger or another button writes nothing
  writing = false;
  pad.setPointerCapture(event.pointerId);
  strokes.push([place(event)]);
  draw();
});
pad.addEventListener("pointermove", (event) => {
  if (!pad.hasPointerCapture(event.pointerId)) return;
  for (const each of event.getCoalescedEvents?.() ?? [event]) strokes[strokes.length - 1].push(place(each));
  draw();
});
pad.addEventListener("pointerup", answer);
pad.addEventListener("pointercancel", answer);

// Arrow keys move a pen over a grid of 16 x 16; space puts it down and lifts it.
pad.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (event.key === " ") {
    writing = !writing;
    if (writing) strokes.push([[...cursor]]);
  } else if (event.key === "Escape" || event.key === "Delete") {
    clear();
  } else if (step) {
    cursor = cursor.map((value, a) => Math.min(0.97, Math.max(0.03, value + step[a] / 16)));
    if (writing) strokes[strokes.length - 1].push([...cursor]);
  } else {
    return;
  }
  event.preventDefault();
  draw();
  answer();
});
pad.addEventListener("focus", draw);
pad.addEventListener("blur", draw);
new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-jp-theme-light"] });
document.getElementById("clear").addEventListener("click", clear);
document.getElementById("example").addEventListener("click", async () => {
  const { examples } = await network;
  strokes = structuredClone(examples[shown++ % examples.length]); // the reader may draw on it
  writing = false;
  draw();
  answer();
});

function clear() {
  strokes = [];
  writing = false;
  draw();
  answer();
}

function draw() {
  const side = pad.width;
  pen.clearRect(0, 0, side, side);
  pen.lineWidth = side / 14;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = getComputedStyle(pad).color;
  for (const stroke of strokes) {
    pen.beginPath();
    pen.moveTo(stroke[0][0] * side, stroke[0][1] * side);
    for (const [x, y] of stroke.length > 1 ? stroke : [...stroke, ...stroke]) pen.lineTo(x * side, y * side);
    pen.stroke();
  }
  if (document.activeElement !== pad || !pad.matches(":focus-visible")) return;
  pen.lineWidth = 2;
  pen.strokeRect(cursor[0] * side - 6, cursor[1] * side - 6, 12, 12);
}

async function answer() {
  if (!strokes.length) {
    read.textContent = "Draw with mouse, pen or finger.";
    bars.querySelectorAll("i").forEach((bar) => { bar.style.width = "0"; });
    return;
  }
  const layers = forward(await network, pixels(strokes)), p = layers[layers.length - 1].x;
  const order = [...p.keys()].sort((a, b) => p[b] - p[a]), percent = (k) => `${(100 * p[k]).toFixed(0)} %`;
  read.textContent = `It reads a ${order[0]} (${percent(order[0])}). Its second choice is ${order[1]} (${percent(order[1])}).`;
  bars.querySelectorAll("i").forEach((bar, k) => { bar.style.width = `${100 * p[k]}%`; });
}
