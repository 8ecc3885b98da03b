// Where the person writes: a new message, an answer, a change of an own message, or words beside a file.

import * as api from "./api.js";
import { byId, isTouch, size, toast } from "./dom.js";

export class Composer {
  #reply = 0; // the message that is answered
  #edit = 0; // the own message that is changed
  #file = null;
  #draft = ""; // what was being written when a change began
  #busy = false;

  // commands is the list above the composer; quoted(id) tells of a message; lastOwn() is the one that ↑ edits.
  constructor({ quoted, lastOwn }) {
    this.quoted = quoted;
    this.lastOwn = lastOwn;
    this.words = byId("words");
    this.words.enterKeyHint = isTouch() ? "enter" : "send";
    byId("composer").addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.words.addEventListener("input", () => { this.#grow(); this.commands.typed(this.words.value); });
    this.words.addEventListener("keydown", (event) => this.#key(event));
    byId("bar-close").addEventListener("click", () => { this.cancel(); this.words.focus(); });
    byId("attach").addEventListener("click", () => byId("file").click());
    byId("file").addEventListener("change", () => { this.attach(byId("file").files[0]); byId("file").value = ""; });
    this.#grow();
  }

  #key(event) {
    if (event.isComposing) return;
    if (this.commands.key(event)) { event.preventDefault(); return; }
    if (event.key === "Enter" && !event.shiftKey && !isTouch()) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && (this.#reply || this.#edit || this.#file)) {
      event.preventDefault();
      this.cancel();
    } else if (event.key === "ArrowUp" && this.words.value === "" && !this.#edit) {
      const m = this.lastOwn();
      if (m) { event.preventDefault(); this.edit(m); }
    }
  }

  fill(text) {
    this.words.value = text;
    this.words.focus();
    this.words.setSelectionRange(text.length, text.length);
    this.#grow();
  }

  // answer begins a reply. placeholder is what the bot would like to read.
  answer(m, placeholder, focus = true) {
    if (this.#edit) this.cancel();
    this.#reply = m.id;
    this.words.placeholder = placeholder || "Message";
    this.#bar();
    if (focus) this.words.focus();
  }

  edit(m) {
    this.cancel();
    this.#edit = m.id;
    this.#draft = this.words.value;
    this.#bar();
    this.fill(m.text ?? "");
  }

  attach(file) {
    if (!file) return;
    if (this.#edit) this.cancel();
    this.#file = file;
    this.words.placeholder = "Words beside the file";
    this.#bar();
    this.#grow();
    this.words.focus();
  }

  cancel() {
    if (this.#edit) this.words.value = this.#draft;
    this.#reply = this.#edit = 0;
    this.#file = null;
    this.words.placeholder = "Message";
    this.#bar();
    this.#grow();
  }

  // clear begins anew, for another scene.
  clear() {
    this.cancel();
    this.words.value = "";
    this.commands.hide();
    this.#grow();
  }

  // send says something at once, beside what is being written.
  async send(text) {
    try {
      await api.say(text);
    } catch (error) {
      toast(`Not sent. ${error.message}`);
    }
  }

  async submit() {
    const text = this.words.value;
    if (this.#busy || (text.trim() === "" && !this.#file)) return;
    this.#busy = true;
    byId("send").setAttribute("aria-busy", "true");
    this.commands.hide();
    try {
      if (this.#edit) await api.edit(this.#edit, text);
      else if (this.#file) await api.sendFile(this.#file, text, this.#reply);
      else await api.say(text, this.#reply);
      if (this.#edit) this.words.value = "";
      else if (this.words.value.startsWith(text)) this.words.value = this.words.value.slice(text.length); // more may have been typed meanwhile
      this.cancel();
    } catch (error) {
      toast(`Not sent. ${error.message}`); // the words stay for another try
    } finally {
      this.#busy = false;
      byId("send").removeAttribute("aria-busy");
    }
  }

  #bar() {
    const bar = byId("bar");
    bar.hidden = !(this.#reply || this.#edit || this.#file);
    if (bar.hidden) return;
    const [title, text] = this.#file ? [`File · ${size(this.#file.size)}`, this.#file.name]
      : this.#edit ? ["Edit message", this.quoted(this.#edit).words]
        : [`Reply to ${this.quoted(this.#reply).who}`, this.quoted(this.#reply).words];
    byId("bar-title").textContent = title;
    byId("bar-text").textContent = text;
  }

  #grow() {
    this.words.style.height = "auto";
    const borders = this.words.offsetHeight - this.words.clientHeight;
    this.words.style.height = `${Math.min(this.words.scrollHeight + borders, 160)}px`;
    byId("composer").classList.toggle("filled", this.#file !== null || this.words.value.trim() !== "");
  }
}
