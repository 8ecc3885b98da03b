// Draws one message.

import { at } from "./api.js";
import { copy, day, el, icon, size, time, toast } from "./dom.js";
import { format } from "./entities.js";

const fileIcon = "M7 3.5h7l4 4V20.5H7zM14 3.5v4h4M10 12.5h5M10 16h5";
const openIcon = "M8 16L16 8M10 8h6v6";
const copyIcon = "M9 9h9v10H9zM6 15V5h9";
const mutedIcon = "M6 17h12V11a6 6 0 0 0-9-5.2M6 17v-6M10.5 20h3M4 4l16 16";
const dots = "M6 12h.01M12 12h.01M18 12h.01";

// draw returns the list item of a message. act has command, tap, isPending, context, jump and quoted.
export function draw(m, act) {
  const item = el("li", { class: m.mine ? "mine" : "theirs" });
  item.dataset.id = m.id;
  item.append(el("p", { class: "day", hidden: true }, day(m.at)));
  if (m.service) {
    item.className = "service";
    item.append(el("p", { class: "note" }, m.service.replaceAll("_", " ")));
    return item;
  }
  if (m.from) item.classList.add("others");
  const bubble = el("div", { class: m.text && isEmoji(m) ? "bubble emoji" : "bubble" });
  bubble.append(el("span", { class: "unseen" }, m.mine ? "You: " : m.from ? `${m.from}: ` : "Bot: "));
  if (m.from) bubble.append(el("p", { class: "sender", dir: "auto", "aria-hidden": "true" }, m.from));
  if (m.forwarded_from) bubble.append(el("p", { class: "forwarded", dir: "auto" }, `Forwarded from ${m.forwarded_from}`));
  if (m.reply_to) bubble.append(quote(m, act));
  if (m.photo) bubble.append(el("img", { src: at(`/demo/photo/${m.id}`), alt: m.text ? "" : "Photo", class: "photo" }));
  if (m.document) bubble.append(attached(m));
  const body = el("div", { class: "body" });
  if (m.text) body.append(el("div", { class: "text", dir: "auto" }, format(m.text, m.entities, act)));
  body.append(meta(m));
  if (m.reaction) body.append(el("span", { class: "reaction", title: "The bot's reaction" }, m.reaction));
  bubble.append(body);
  const more = el("button", {
    class: "more", type: "button", "aria-label": "What to do with this message", "aria-haspopup": "menu",
    onclick: (event) => act.context(m, event.currentTarget),
  }, icon(dots));
  item.append(el("div", { class: "line-up" }, bubble, more));
  if (m.buttons?.length) item.append(keyboard(m, act));
  return item;
}

// isEmoji tells whether a text is a few emoji and nothing else, which are shown large.
function isEmoji(m) {
  return !m.mine && m.text.length <= 24 && !m.entities?.length && /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\u200d|\ufe0f)+$/u.test(m.text) && !/^[\d#*]+$/.test(m.text);
}

function meta(m) {
  const at = new Date(m.at);
  return el("span", { class: "meta" },
    m.silent && silent(), m.edited && el("span", {}, "edited "),
    el("time", { dateTime: at.toISOString(), title: at.toLocaleString() }, time(m.at)));
}

// silent marks what came without a sound.
const silent = () => el("span", { class: "silent", title: "Sent without a sound" }, icon(mutedIcon), el("span", { class: "unseen" }, "silent "));

function quote(m, act) {
  const { who, words } = act.quoted(m.reply_to);
  return el("button", { class: "quote", type: "button", onclick: () => act.jump(m.reply_to) },
    el("strong", { dir: "auto" }, who), el("span", { dir: "auto" }, words));
}

function attached(m) {
  return el("a", { class: "file", href: at(`/demo/document/${m.id}`), download: m.document.name },
    el("span", { class: "file-icon" }, icon(fileIcon)),
    el("span", { class: "file-words" }, el("strong", { dir: "auto" }, m.document.name), el("span", {}, size(m.document.size))));
}

function keyboard(m, act) {
  const rows = m.buttons.map((row) => el("div", { class: "keys" }, ...row.map((b) => key(m, b, act))));
  return el("div", { class: "keyboard", role: "group", "aria-label": "Buttons of this message" }, ...rows);
}

function key(m, b, act) {
  const style = ["danger", "success", "primary"].includes(b.style) ? ` ${b.style}` : "";
  const opens = b.url && act.telegram(b.url);
  if (opens) return el("button", { class: `key${style}`, type: "button", onclick: opens }, label(b));
  if (b.url) {
    const safe = /^(https?|tg):/i.test(b.url);
    return el("a", { class: `key${style}`, href: safe ? b.url : null, target: "_blank", rel: "noopener noreferrer" }, label(b), icon(openIcon));
  }
  const press = () => {
    if (b.callback_data) act.tap(m.id, b.callback_data);
    else if (b.copy_text) copy(b.copy_text.text);
    else toast("The demo has no such button; Telegram does.");
  };
  const pending = b.callback_data && act.isPending(m.id, b.callback_data);
  return el("button", {
    class: `key${style}${pending ? " pending" : ""}`, type: "button", "aria-busy": pending ? "true" : null, onclick: press,
  }, label(b), b.copy_text && icon(copyIcon));
}

const label = (b) => el("span", { dir: "auto" }, format(b.text));
