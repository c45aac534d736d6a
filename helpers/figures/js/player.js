// Plays recorded canvas layers: play, pause, step, scrub, by mouse and keyboard, without the kernel.

const playerButtons = {
  first: "first frame", back: "one frame back", play: "play", next: "one frame forward", last: "last frame",
};

class PlayerView extends LiveView {
  constructor(live, el) {
    super(live, el);
    this.model = live.model;
    this.bar = document.createElement("div");
    this.bar.className = "nn-player";
    ownKeys(this.bar);
    this.buttons = {};
    for (const [name, label] of Object.entries(playerButtons)) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(icon(name));
      button.title = label;
      button.setAttribute("aria-label", label);
      button.addEventListener("click", () => this.press_button(name));
      this.buttons[name] = button;
      this.bar.append(button);
    }
    this.range = document.createElement("input");
    this.range.type = "range";
    this.range.min = 0;
    this.range.setAttribute("aria-label", "frame");
    this.range.addEventListener("input", () => { this.pause(false); this.show(Number(this.range.value)); this.tell(); });
    this.text = document.createElement("span");
    this.text.className = "nn-readout";
    this.bar.append(this.range, this.text);
    this.bar.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === " " && event.target === this.range) {
        event.preventDefault();
        this.press_button("play");
      }
    });
    el.insertBefore(this.bar, this.note);
    this.follow = () => { if (this.model.get("frame") !== this.frame) { this.pause(false); this.show(this.model.get("frame")); } };
    this.command = () => (this.model.get("playing") ? this.play() : this.pause(false));
    this.model.on("change:frame", this.follow);
    this.model.on("change:playing", this.command);
    this.label();
    this.reset();
    if (this.model.get("playing")) this.play();
  }

  get count() {
    return Math.max(1, ...Object.values(this.live.figure.layers).map((layer) => layer.frames));
  }

  apply(edit) {
    super.apply(edit);
    if (edit.edit === "layer") this.reset();
  }

  replace(figure) {
    super.replace(figure);
    this.reset();
  }

  reset() {
    this.range.max = this.count - 1;
    this.bar.classList.toggle("nn-single", this.count === 1);
    this.show(Math.min(this.model.get("frame"), this.count - 1));
  }

  show(frame) {
    this.paint(frame);
    this.range.value = frame;
    const words = this.words(frame);
    this.range.setAttribute("aria-valuetext", words);
    this.text.textContent = words;
  }

  words(frame) {
    const readout = this.model.get("readout");
    const values = Object.entries(readout.values || {}).map(([label, list]) => {
      const value = list[Math.min(frame, list.length - 1)];
      // The same number of digits in every frame, so that the line does not wander.
      const whole = list.every((one) => one === null || Number.isInteger(one));
      return `${label} ${value === null ? "not a number" : (whole ? String(value) : value.toPrecision(3)).replaceAll("-", "\u2212")}`;
    });
    return values.join(" · ") || `${frame + 1} of ${this.count}`;
  }

  // Python hears where the reader stops, not every frame in passing.
  tell() {
    this.model.set("frame", this.frame);
    this.model.set("playing", Boolean(this.running));
    this.model.save_changes();
  }

  press_button(name) {
    if (name === "play") {
      this.running ? this.pause() : this.play();
      this.tell();
      return;
    }
    const to = { first: 0, back: this.frame - 1, next: this.frame + 1, last: this.count - 1 }[name];
    this.pause(false);
    this.show(Math.max(0, Math.min(this.count - 1, to)));
    this.tell();
  }

  play() {
    if (this.running || this.count === 1) return;
    if (this.frame >= this.count - 1) this.show(0);
    // With reduced motion the run is a slow series of pictures.
    const rate = reducedMotion() ? 2 : this.model.get("fps");
    const from = this.frame;
    let began = null;
    let drawn = from;
    this.running = true;
    this.label();
    const tick = (now) => {
      if (!this.running || this.removed) return;
      began ??= now;
      const frame = Math.min(this.count - 1, from + Math.floor(((now - began) * rate) / 1000));
      if (frame !== drawn) {
        this.show(frame);
        drawn = frame;
      }
      if (frame < this.count - 1) requestAnimationFrame(tick);
      else this.pause();
    };
    requestAnimationFrame(tick);
  }

  pause(tell = true) {
    const was = this.running;
    this.running = false;
    this.label();
    if (was && tell) this.tell();
  }

  label() {
    const label = this.running ? "pause" : "play";
    this.buttons.play.replaceChildren(icon(label), this.running ? " Pause" : " Play");
    this.buttons.play.title = label;
    this.buttons.play.setAttribute("aria-label", label);
  }

  remove() {
    this.running = false;
    this.model.off("change:frame", this.follow);
    this.model.off("change:playing", this.command);
    super.remove();
  }
}

export default liveFigure(PlayerView);
