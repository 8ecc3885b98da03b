// The menu of one message: by right click, by a long press, or by its own button.

import { byId, copy, el } from "./dom.js";

const longPress = 480; // ms

export class Context {
  #back = null; // what had the focus

  // find(id) is a message; actions has reply(message) and edit(message).
  constructor(find, actions) {
    this.find = find;
    this.actions = actions;
    this.box = byId("context");
    const list = byId("messages");
    list.addEventListener("contextmenu", (event) => this.#asked(event));
    this.#watchFingers(list);
    document.addEventListener("pointerdown", (event) => { if (!this.box.contains(event.target)) this.hide(); });
    byId("scroll").addEventListener("scroll", () => this.hide(), { passive: true });
    this.box.addEventListener("keydown", (event) => this.#key(event));
  }

  // open shows the menu for a message beside an element or a point.
  open(m, at) {
    const items = [["Reply", () => this.actions.reply(m)]];
    if (m.text) items.push(["Copy text", () => copy(m.text)]);
    if (m.mine && (m.text || m.document)) items.push(["Edit", () => this.actions.edit(m)]);
    this.#back = document.activeElement;
    this.box.replaceChildren(...items.map(([name, act]) =>
      el("button", { type: "button", role: "menuitem", onclick: () => { this.hide(); act(); } }, name)));
    this.box.hidden = false;
    const place = at instanceof Element ? at.getBoundingClientRect() : { left: at.x, bottom: at.y, top: at.y };
    const { width, height } = this.box.getBoundingClientRect();
    const below = place.bottom + 4;
    this.box.style.left = `${Math.max(8, Math.min(place.left, innerWidth - width - 8))}px`;
    this.box.style.top = `${below + height > innerHeight - 8 ? Math.max(8, place.top - height - 4) : below}px`;
    this.box.firstChild.focus();
  }

  hide() {
    if (this.box.hidden) return;
    this.box.hidden = true;
    if (this.box.contains(document.activeElement) || document.activeElement === document.body) this.#back?.focus?.({ preventScroll: true });
  }

  #asked(event) {
    const item = event.target.closest("li[data-id]");
    const selected = !getSelection().isCollapsed;
    if (!item || selected || event.target.closest("a[target], img, .keyboard")) return; // the browser's own menu is better there
    const m = this.find(Number(item.dataset.id));
    if (!m) return;
    event.preventDefault();
    this.open(m, { x: event.clientX, y: event.clientY });
  }

  // Not every phone makes a contextmenu event of a long press.
  #watchFingers(list) {
    let timer = 0;
    const stop = () => clearTimeout(timer);
    list.addEventListener("touchstart", (event) => {
      stop();
      const { clientX: x, clientY: y } = event.touches[0];
      const item = event.target.closest("li[data-id]");
      if (!item || event.touches.length > 1 || event.target.closest(".keyboard")) return;
      timer = setTimeout(() => {
        const m = this.find(Number(item.dataset.id));
        if (m && this.box.hidden) this.open(m, { x, y });
      }, longPress);
    }, { passive: true });
    for (const end of ["touchend", "touchmove", "touchcancel"]) list.addEventListener(end, stop, { passive: true });
  }

  #key(event) {
    const items = [...this.box.children];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      this.hide();
    }
  }
}
