// The list of commands: all of them behind the button, or those that begin with what is typed. Together with the field
// for the message it is a combobox (WAI-ARIA Authoring Practices): the focus stays in the field, which names the option
// that the arrow keys have come to.

import { byId, el, icon, isTouch } from "./dom.js";

const fillIcon = "M16 16L8 8M8 14V8h6";

export class Commands {
  #all = [];
  #shown = [];
  #active = -1;

  // choose(text) sends a command, fill(text) puts it into the field.
  constructor({ choose, fill }) {
    this.box = byId("commands");
    this.button = byId("menu");
    this.field = byId("words");
    this.choose = choose;
    this.fill = fill;
    this.button.addEventListener("click", () => {
      if (this.open) { this.hide(); return; }
      if (!isTouch()) this.field.focus(); // on a phone its keyboard would cover the list
      this.#show(this.#all);
    });
    document.addEventListener("pointerdown", (event) => {
      if (this.open && !this.box.contains(event.target) && !event.target.closest("#composer")) this.hide();
    });
    this.box.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays where it is
    this.button.addEventListener("keydown", (event) => { if (event.key === "Escape") this.hide(); });
    this.field.addEventListener("blur", () => { if (!isTouch() && document.hasFocus()) this.hide(); });
  }

  get open() { return !this.box.hidden; }

  set(menu) {
    if (JSON.stringify(menu ?? []) === JSON.stringify(this.#all)) return;
    this.#all = menu ?? [];
    this.button.hidden = this.#all.length === 0;
    if (this.open) this.hide();
  }

  // typed filters by the text in the field.
  typed(text) {
    const fitting = this.#fitting(text);
    if (fitting.length === 0) this.hide();
    else this.#show(fitting);
  }

  #fitting(text) {
    const word = /^\/([a-z0-9_]*)$/i.exec(text)?.[1].toLowerCase();
    return word === undefined ? [] : this.#all.filter((c) => c.command.startsWith(word));
  }

  // key handles a key pressed in the field. It reports whether it took it.
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!this.open) {
      const fitting = step ? this.#fitting(this.field.value) : [];
      if (fitting.length === 0) return false;
      this.#show(fitting);
    }
    if (step) {
      const n = this.#shown.length;
      this.#mark(this.#active < 0 ? (step > 0 ? 0 : n - 1) : (this.#active + step + n) % n);
      return true;
    }
    if (event.key === "Escape") { this.hide(); return true; }
    if (event.key === "Tab" && !event.shiftKey && this.#active >= 0) { this.#fill(this.#shown[this.#active]); return true; }
    if (event.key === "Enter" && this.#active >= 0) { this.#choose(this.#shown[this.#active]); return true; }
    return false;
  }

  hide() {
    this.box.hidden = true;
    this.#mark(-1);
    for (const control of [this.button, this.field]) control.setAttribute("aria-expanded", "false");
  }

  #show(commands) {
    this.#shown = commands;
    this.box.replaceChildren(...commands.map((c, i) => {
      // An option holds nothing that can be pressed by itself. Its arrow is for a finger or a mouse; a keyboard has Tab.
      const fill = el("span", { class: "round small", "aria-hidden": "true", title: "Write more after it" }, icon(fillIcon));
      return el("div", {
        role: "option", id: `command-${i}`, class: "command-row", "aria-selected": "false",
        onclick: (event) => (fill.contains(event.target) ? this.#fill(c) : this.#choose(c)),
      }, el("span", { class: "command-main" }, el("strong", {}, `/${c.command}`), " ", el("span", { dir: "auto" }, c.description)), fill);
    }));
    this.box.hidden = false;
    this.box.scrollTop = 0;
    for (const control of [this.button, this.field]) control.setAttribute("aria-expanded", "true");
    this.#mark(-1);
  }

  #mark(n) {
    this.#active = n;
    [...this.box.children].forEach((row, i) => {
      row.classList.toggle("active", i === n);
      row.setAttribute("aria-selected", String(i === n));
    });
    if (n < 0) {
      this.field.removeAttribute("aria-activedescendant");
      return;
    }
    this.field.setAttribute("aria-activedescendant", `command-${n}`);
    this.box.children[n].scrollIntoView({ block: "nearest" });
  }

  #choose(c) { this.hide(); this.choose(`/${c.command}`); }
  #fill(c) { this.hide(); this.fill(`/${c.command} `); }
}
