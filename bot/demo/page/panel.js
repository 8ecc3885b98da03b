// What is behind the phone: accidents on demand, and goals.json. Beside the phone on a wide screen, else a drawer.

import * as api from "./api.js";
import { byId, el, size } from "./dom.js";

const look = 1000; // ms between two looks at goals.json
const colourful = 100_000; // characters that are still coloured

export class Panel {
  #down = 0; // until then Telegram is out of order, in Unix ms
  #wasDown = false;
  #text = null;

  // turn({as, in}) shows another scene.
  constructor({ turn }) {
    this.turn = turn;
    byId("open-panel").addEventListener("click", () => this.#drawer(true));
    byId("close-panel").addEventListener("click", () => this.#drawer(false));
    byId("shade").addEventListener("click", () => this.#drawer(false));
    byId("panel").addEventListener("keydown", (event) => { if (event.key === "Escape") this.#drawer(false); });
    byId("corrupt").addEventListener("click", () => this.#accident("/demo/corrupt"));
    byId("delete").addEventListener("click", () => this.#accident("/demo/delete"));
    for (const to of ["hour", "day", "monday"]) byId(`clock-${to}`).addEventListener("click", () => this.#clock(to));
    byId("outage").addEventListener("click", () => this.#outage(30));
    byId("heal").addEventListener("click", () => this.#outage(0));
    byId("viewer").addEventListener("toggle", () => this.#look());
    setInterval(() => { this.#count(); this.#look(); }, look);
  }

  // about takes an event of the stream.
  about(a) {
    this.#scenes(a);
    byId("part-clock").hidden = !a.clock;
    byId("part-file").hidden = !a.corrupt && !a.delete;
    byId("corrupt").hidden = !a.corrupt;
    byId("delete").hidden = !a.delete;
    byId("part-viewer").hidden = !a.file;
    byId("check-every").textContent = a.check_every ? `at the next check, which is made ${a.check_every}` : "at the next check";
    if (a.path) byId("file-text").title = a.path;
    this.#down = a.down ?? 0;
    this.#count();
  }

  // scenes shows the people and the chats that there are, and which is shown.
  #scenes({ people, places, scene }) {
    byId("part-scene").hidden = people.length + places.length < 3;
    const row = (id, all, now, part) => {
      const box = byId(id);
      const active = box.contains(document.activeElement) ? document.activeElement.dataset.id : null;
      box.replaceChildren(...all.map((c) => el("button", {
        type: "button", class: "choice", "aria-pressed": String(c.id === now),
        onclick: () => { this.turn({ ...scene, [part]: c.id }); this.#drawer(false, true); },
      }, c.name)));
      [...box.children].forEach((button, i) => { button.dataset.id = all[i].id; });
      if (active) box.querySelector(`[data-id="${active}"]`)?.focus();
    };
    row("people", people, scene.as, "as");
    row("places", places, scene.in, "in");
  }

  // drawer opens or closes the panel where it is one; beside the phone it stays.
  #drawer(open, beside = false) {
    if (beside && !document.body.classList.contains("drawer")) return;
    document.body.classList.toggle("drawer", open);
    byId("shade").hidden = !open;
    document.querySelector(".phone").inert = open;
    byId("open-panel").setAttribute("aria-expanded", String(open));
    (open ? byId("close-panel") : byId("open-panel")).focus();
  }

  async #accident(path) {
    await this.#say("accident-line", path);
    this.#look();
  }

  #clock(to) { return this.#say("clock-line", "/demo/clock", { to }); }

  // say does what a control is for and shows the line that says so.
  async #say(id, path, body) {
    const line = byId(id);
    try {
      line.textContent = (await api.post(path, body)).line;
    } catch (error) {
      line.textContent = error.message;
    }
    line.hidden = false;
  }

  async #outage(seconds) {
    try {
      await api.post("/demo/outage", { seconds });
    } catch (error) {
      byId("outage-line").textContent = error.message;
      byId("outage-line").hidden = false;
    }
  }

  #count() {
    const left = Math.ceil((this.#down - Date.now()) / 1000);
    const line = byId("outage-line");
    byId("outage").disabled = left > 0;
    byId("heal").hidden = left <= 0;
    if (left > 0) line.textContent = `Telegram is down for the next ${left} s.`;
    else if (this.#wasDown) line.textContent = "Telegram is back.";
    this.#wasDown = left > 0;
    if (line.textContent) line.hidden = false;
  }

  async #look() {
    if (!byId("viewer").open || document.hidden || byId("part-viewer").hidden) return;
    let file;
    try {
      file = await api.get("/demo/goals.json");
    } catch (error) {
      byId("file-state").textContent = error.message;
      return;
    }
    const text = file.exists ? file.text : "";
    byId("file-state").textContent = file.exists ? `${size(file.size)} · ${verdict(file)}` : "There is no such file at the moment.";
    byId("file-state").className = file.exists && verdict(file) !== "valid JSON" ? "bad" : "";
    if (text === this.#text) return;
    this.#text = text;
    byId("file-text").replaceChildren(text.length > colourful ? text : coloured(text));
  }
}

// verdict is the browser's, which is milder than the bot's: it knows JSON, but not what a goal is.
function verdict({ text, cut }) {
  if (cut) return "only its beginning is shown";
  try {
    JSON.parse(text);
    return "valid JSON";
  } catch {
    return "not valid JSON";
  }
}

// coloured sets names, texts and other values of JSON apart. It does not mind what is broken.
function coloured(text) {
  const root = document.createDocumentFragment();
  let at = 0;
  for (const found of text.matchAll(/"(?:\\.|[^"\\\n])*"(\s*:)?|\b(?:true|false|null)\b|-?\b\d[\d.eE+-]*/g)) {
    const kind = found[1] !== undefined ? "name" : found[0].startsWith('"') ? "string" : "value";
    root.append(text.slice(at, found.index), el("span", { class: kind }, found[0]));
    at = found.index + found[0].length;
  }
  root.append(text.slice(at));
  return root;
}
