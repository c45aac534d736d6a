// The progress page: what the lessons and quizzes have noted in this browser (see note.js).
import { noted, forget } from "./note.js";

const place = document.getElementById("progress");
const lessons = JSON.parse(document.getElementById("tasks").textContent);

function show() {
  const notes = noted();
  let next;
  const table = document.createElement("table");
  table.innerHTML = "<thead><tr><th scope=col>Lesson</th><th scope=col>Questions answered</th><th scope=col>Exercises solved</th></tr></thead>";
  const body = table.createTBody();
  for (const { name, title, questions, exercises } of lessons) {
    const answered = Object.keys(notes).filter((key) => key.startsWith(`quiz ${name}/`) && notes[key] === 1).length;
    const solved = exercises.filter((one) => notes[`exercise ${one}`] === 1);
    const open = exercises.find((one) => !solved.includes(one));
    if (!next && (open || answered < questions)) next = { name, title, open };
    const row = body.insertRow(), head = document.createElement("th"), link = document.createElement("a");
    head.scope = "row";
    link.href = `../${name}/`;
    link.textContent = title;
    head.append(link);
    row.append(head);
    row.insertCell().textContent = `${Math.min(answered, questions)} of ${questions}`;
    row.insertCell().textContent = exercises.length ? `${solved.length} of ${exercises.length}` : "none";
  }
  const hint = document.createElement("p");
  hint.textContent = next ? `Next: ${next.title}${next.open ? `, the exercise ${next.open}` : ""}.` : "All done.";
  place.replaceChildren(hint, table);
}

document.getElementById("forget").addEventListener("click", () => {
  if (confirm("Forget which questions and exercises you have done? Your notebooks stay.")) { forget(); show(); }
});
show();
