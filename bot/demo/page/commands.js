// The list of commands: all of them behind the button, or those that begin with what is typed.

import { byId, el, icon } from "./dom.js";

const fillIcon = "M16 16L8 8M8 14V8h6";

export class Commands {
  #all = [];
  #shown = [];
  #active = -1;

  // choose(text) sends a command, fill(text) puts it into the composer.
  constructor({ choose, fill }) {
    this.box = byId("commands");
    this.button = byId("menu");
    this.choose = choose;
    this.fill = fill;
    this.button.addEventListener("click", () => { if (this.open) this.hide(); else this.#show(this.#all); });
    document.addEventListener("pointerdown", (event) => {
      if (this.open && !this.box.contains(event.target) && !event.target.closest("#composer")) this.hide();
    });
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { this.hide(); this.button.focus(); }
    });
  }

  get open() { return !this.box.hidden; }

  set(menu) {
    this.#all = menu ?? [];
    this.button.hidden = this.#all.length === 0;
    if (this.open) this.hide();
  }

  // typed filters by the text in the composer.
  typed(text) {
    const word = /^\/([a-z0-9_]*)$/i.exec(text)?.[1].toLowerCase();
    const fitting = word === undefined ? [] : this.#all.filter((c) => c.command.startsWith(word));
    if (fitting.length === 0) this.hide();
    else this.#show(fitting);
  }

  // key handles a key pressed in the composer. It reports whether it took it.
  key(event) {
    if (!this.open) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const n = this.#shown.length;
      this.#mark(this.#active < 0 ? (step > 0 ? 0 : n - 1) : (this.#active + step + n) % n);
      return true;
    }
    if (event.key === "Escape") { this.hide(); return true; }
    if (event.key === "Tab" && !event.shiftKey) { this.#fill(this.#shown[Math.max(0, this.#active)]); return true; }
    if (event.key === "Enter" && this.#active >= 0) { this.#choose(this.#shown[this.#active]); return true; }
    return false;
  }

  hide() {
    this.box.hidden = true;
    this.#active = -1;
    this.button.setAttribute("aria-expanded", "false");
  }

  #show(commands) {
    this.#shown = commands;
    this.box.replaceChildren(...commands.map((c) => el("div", { class: "command-row" },
      el("button", { type: "button", class: "command-main", onclick: () => this.#choose(c) },
        el("strong", {}, `/${c.command}`), el("span", { dir: "auto" }, c.description)),
      el("button", { type: "button", class: "round small", "aria-label": `Write /${c.command}`, title: "Write more after it", onclick: () => this.#fill(c) }, icon(fillIcon)))));
    this.box.hidden = false;
    this.box.scrollTop = 0;
    this.button.setAttribute("aria-expanded", "true");
    this.#mark(-1);
  }

  #mark(n) {
    this.#active = n;
    [...this.box.children].forEach((row, i) => row.classList.toggle("active", i === n));
    this.box.children[n]?.scrollIntoView({ block: "nearest" });
  }

  #choose(c) { this.hide(); this.choose(`/${c.command}`); }
  #fill(c) { this.hide(); this.fill(`/${c.command} `); }
}
