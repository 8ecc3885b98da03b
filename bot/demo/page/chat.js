// Keeps the list of messages as the stream tells it, and where it is scrolled to.

import * as api from "./api.js";
import { alertBox, byId, day, toast } from "./dom.js";
import { draw } from "./bubbles.js";

const tapLasts = 150_000; // Telegram takes no answer to a tap after that

export class Chat {
  #messages = new Map(); // number -> message
  #drawn = new Map(); // number -> {key, item}
  #order = [];
  #pending = new Map(); // "message data" -> timer, while the bot has not answered a tap
  #waiting = new Map(); // tap -> "message data"
  #early = new Map(); // answers that came before we knew the tap
  #stick = true; // to the bottom
  #top = 0; // where it was scrolled to
  #unseen = 0;
  #unread = 0; // while the window is hidden
  #act;
  name = "Bot";
  username = "";

  // hooks: command(text), context(message, anchor), asked(message) for a message that wants an answer, empty(is), and
  // start(code) for a link that starts the bot.
  constructor(hooks) {
    this.hooks = hooks;
    this.list = byId("messages");
    this.view = byId("scroll");
    this.#act = {
      command: hooks.command,
      context: hooks.context,
      tap: (id, data) => this.tap(id, data),
      isPending: (id, data) => this.#pending.has(`${id} ${data}`),
      jump: (id) => this.jump(id),
      quoted: (id) => this.quoted(id),
      telegram: (address) => this.#telegram(address),
    };
    this.view.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    byId("newer").addEventListener("click", () => this.toBottom());
    const resized = new ResizeObserver(() => { if (this.#stick) this.toBottom(); });
    resized.observe(this.view);
    resized.observe(this.list);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) { this.#unread = 0; this.#title(); }
    });
  }

  // clear forgets everything, for another scene.
  clear() {
    for (const timer of this.#pending.values()) clearTimeout(timer);
    for (const all of [this.#messages, this.#drawn, this.#pending, this.#waiting, this.#early]) all.clear();
    this.#order = [];
    this.list.replaceChildren();
    this.#unseen = 0;
    this.toBottom();
  }

  // telegram is what a link into Telegram does here, where there is none: it starts our bot, or does nothing. For all
  // other links it is null.
  #telegram(address) {
    const url = new URL(address);
    if (!["t.me", "telegram.me"].includes(url.hostname) && url.protocol !== "tg:") return null;
    const code = url.searchParams.get("start");
    const ours = url.pathname.toLowerCase() === `/${this.username.toLowerCase()}`;
    return () => (ours && code ? this.hooks.start(code) : toast("That link works in Telegram only; the demo has none."));
  }

  get(id) { return this.#messages.get(id); }

  // lastOwn is the newest message of the person that can be edited.
  lastOwn() {
    return this.#order.map((id) => this.#messages.get(id)).findLast((m) => m.mine && m.text);
  }

  // update takes an event of the stream.
  update({ reset, older, order, messages }) {
    const known = new Set(this.#order);
    const changed = messages.filter((m) => known.has(m.id) && this.#messages.get(m.id).text !== m.text);
    for (const m of messages) this.#messages.set(m.id, m);
    for (const id of [...this.#messages.keys()]) if (!order.includes(id)) this.#messages.delete(id);
    this.#order = order;
    this.older = older;
    this.#redraw();
    const fresh = order.filter((id) => !known.has(id)).map((id) => this.#messages.get(id));
    if (this.#stick) this.toBottom();
    const last = this.#messages.get(order.at(-1));
    if (reset && known.size === 0) {
      if (last?.force_reply) this.hooks.asked(last, false);
    } else {
      this.#arrived(fresh);
      this.#announce([...changed, ...fresh]);
    }
    this.hooks.empty(order.length === 0);
  }

  #arrived(fresh) {
    if (fresh.some((m) => m.mine)) this.toBottom();
    const heard = fresh.filter((m) => !m.mine);
    if (heard.length === 0) return;
    if (!this.#stick) this.#unseen += heard.length;
    if (document.hidden) this.#unread += heard.length;
    this.#title();
    this.#pill();
    const asking = heard.findLast((m) => m.force_reply);
    if (asking) this.hooks.asked(asking, true);
  }

  // announce reads to those who do not see them what the bot wrote, and what it wrote anew over an older message.
  #announce(messages) {
    const said = messages.filter((m) => !m.mine).map((m) => `${m.from ?? this.name}: ${(m.text ?? "").slice(0, 400)}${m.document ? ` File ${m.document.name}` : ""}`);
    if (said.length) byId("announce").textContent = said.join("\n");
  }

  #redraw() {
    const active = document.activeElement;
    let before = null; // the message before this one
    let previous = null; // its list item
    for (const id of [...this.#drawn.keys()]) {
      if (this.#messages.has(id)) continue;
      this.#drawn.get(id).item.remove();
      this.#drawn.delete(id);
    }
    for (const id of this.#order) {
      const m = this.#messages.get(id);
      const key = JSON.stringify([m, m.reply_to ? this.quoted(m.reply_to) : "", this.#pendingOf(m)]);
      let drawn = this.#drawn.get(id);
      if (drawn?.key !== key) {
        const item = draw(m, this.#act);
        if (drawn) {
          const focus = drawn.item.contains(active) ? places(drawn.item).indexOf(active) : -1;
          drawn.item.replaceWith(item);
          if (focus >= 0) (places(item)[focus] ?? places(item)[0])?.focus({ preventScroll: true });
        } else {
          item.classList.add("arrives");
        }
        drawn = { key, item };
        this.#drawn.set(id, drawn);
      }
      const { item } = drawn;
      const place = previous ? previous.nextSibling : this.list.firstChild;
      if (place !== item) this.list.insertBefore(item, place);
      item.querySelector(".day").hidden = before !== null && day(before.at) === day(m.at);
      item.classList.toggle("follows", before !== null && before.mine === m.mine && before.from === m.from && m.at - before.at < 300_000);
      before = m;
      previous = item;
    }
  }

  #pendingOf(m) {
    return (m.buttons ?? []).flat().filter((b) => this.#pending.has(`${m.id} ${b.callback_data}`)).map((b) => b.callback_data);
  }

  quoted(id) {
    const m = this.#messages.get(id);
    if (!m) return { who: "Message", words: "not shown here" };
    return { who: m.mine ? "You" : m.from ?? this.name, words: (m.text || m.document?.name || "Photo").slice(0, 160).replaceAll("\n", " ") };
  }

  jump(id) {
    const item = this.#drawn.get(id)?.item;
    if (!item) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    item.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    item.classList.remove("flash");
    requestAnimationFrame(() => item.classList.add("flash"));
  }

  // tap presses a button. Its spinner turns until the bot answers.
  async tap(id, data) {
    const place = `${id} ${data}`;
    if (this.#pending.has(place)) return;
    this.#pending.set(place, setTimeout(() => this.#settle(place), tapLasts));
    this.#redraw();
    try {
      const { tap } = await api.tap(id, data);
      const answered = this.#early.get(tap);
      if (answered) {
        this.#early.delete(tap);
        this.#settle(place);
        this.#show(answered);
      } else {
        this.#waiting.set(tap, place);
      }
    } catch (error) {
      this.#settle(place);
      toast(error.message);
    }
  }

  // answered takes an event of the stream: the bot answered a tap, perhaps one of another window.
  answered(event) {
    const place = this.#waiting.get(event.id);
    if (!place) {
      this.#early.set(event.id, event);
      setTimeout(() => this.#early.delete(event.id), 10_000);
      return;
    }
    this.#waiting.delete(event.id);
    this.#settle(place);
    this.#show(event);
  }

  #show({ text, alert }) {
    if (!text) return;
    if (alert) alertBox(text);
    else toast(text);
  }

  #settle(place) {
    clearTimeout(this.#pending.get(place));
    this.#pending.delete(place);
    this.#redraw();
  }

  toBottom() {
    this.view.scrollTop = this.view.scrollHeight;
    this.#stick = true;
    this.#unseen = 0;
    this.#pill();
  }

  #scrolled() {
    const top = this.view.scrollTop;
    // Only who scrolls up leaves the bottom. A picture that loads or a composer that grows moves it away by itself.
    if (this.view.scrollHeight - top - this.view.clientHeight < 60) this.#stick = true;
    else if (top < this.#top) this.#stick = false;
    this.#top = top;
    if (this.#stick) this.#unseen = 0;
    this.#pill();
  }

  #pill() {
    const pill = byId("newer");
    pill.hidden = this.#stick;
    pill.textContent = this.#unseen === 0 ? "↓" : `${this.#unseen} new ${this.#unseen === 1 ? "message" : "messages"} ↓`;
    pill.setAttribute("aria-label", this.#unseen === 0 ? "To the newest message" : pill.textContent);
  }

  #title() {
    document.title = `${this.#unread ? `(${this.#unread}) ` : ""}${this.name} – demo`;
  }

  about({ bot, username }) {
    if (bot === this.name && username === this.username) return;
    [this.name, this.username] = [bot, username];
    this.#title();
    this.#redraw();
  }
}

// places are the parts of a message that can have the focus.
const places = (item) => [...item.querySelectorAll(".keyboard .key, a, button, [tabindex]")];
