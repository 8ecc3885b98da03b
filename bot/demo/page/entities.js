// Formats a text by its entities. Offsets and lengths count UTF-16 units, which is how strings of JavaScript count too.

import { copy, el } from "./dom.js";

const rtl = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const leftToRight = "\u200e";

// leftwards finds the beginnings of lines that a browser would take for right-to-left because of their first letter
// alone, though that letter is isolated and has no say in it (Unicode UAX #9, rule P2).
function leftwards(text) {
  const startsRtl = (words) => rtl.test(/\p{L}/u.exec(words)?.[0] ?? "");
  const starts = [];
  let start = 0;
  for (const line of text.split("\n")) {
    let outside = line;
    for (let before = ""; before !== outside;) {
      before = outside;
      outside = outside.replace(/[\u2066-\u2068][^\u2066-\u2069]*(?:\u2069|$)/g, "");
    }
    if (startsRtl(line) && !startsRtl(outside)) starts.push(start);
    start += line.length + 1;
  }
  return starts;
}

const blocks = new Set(["pre", "blockquote", "expandable_blockquote"]);

// format returns nodes. act.command is called with a command that was tapped.
export function format(text, entities, act) {
  const all = (entities ?? [])
    .map((e) => ({ ...e, from: clamp(e.offset, text), to: clamp(e.offset + e.length, text) }))
    .filter((e) => e.from < e.to)
    .sort((a, b) => a.from - b.from || b.to - a.to); // the outer before the inner
  const marks = leftwards(text);
  const borders = [...new Set([0, text.length, ...marks, ...all.flatMap((e) => [e.from, e.to])])].sort((a, b) => a - b);

  const root = document.createDocumentFragment();
  let open = []; // {entity, node}, the outermost first
  let afterBlock = false;
  for (let i = 0; i + 1 < borders.length; i++) {
    const [from, to] = [borders[i], borders[i + 1]];
    const wanted = all.filter((e) => e.from <= from && e.to >= to);
    // Keep the common beginning of what is open and what is wanted; close and open the rest.
    let keep = 0;
    while (keep < open.length && keep < wanted.length && open[keep].entity === wanted[keep]) keep++;
    afterBlock ||= open.slice(keep).some(({ entity }) => blocks.has(entity.type));
    open = open.slice(0, keep);
    for (const entity of wanted.slice(keep)) {
      const node = element(entity, text.slice(entity.from, entity.to), act);
      (open.at(-1)?.node ?? root).append(node);
      open.push({ entity, node });
    }
    let piece = text.slice(from, to);
    if (afterBlock && piece.startsWith("\n")) piece = piece.slice(1); // the block ends its line already
    afterBlock = false;
    if (marks.includes(from)) piece = leftToRight + piece;
    (open.at(-1)?.node ?? root).append(piece);
  }
  return root;
}

const clamp = (n, text) => Math.max(0, Math.min(n, text.length));

function element(entity, words, act) {
  switch (entity.type) {
    case "bold": return el("strong");
    case "italic": return el("em");
    case "underline": return el("u");
    case "strikethrough": return el("s");
    case "spoiler": return spoiler();
    case "code": return el("code", { title: "Copy", onclick: () => copy(words) });
    case "pre": return el("pre", { title: entity.language || null });
    case "blockquote": return el("blockquote");
    case "expandable_blockquote": return expandable();
    case "bot_command": return command(words, act);
    case "text_link": return link(entity.url, words, act);
    case "url": return link(/^[a-z][a-z0-9+.-]*:/i.test(words) ? words : `http://${words}`, words, act);
    case "email": return link(`mailto:${words}`, words, act);
    case "date_time": return el("time", { class: "instant", title: new Date(entity.unix_time * 1000).toLocaleString() });
    case "mention": case "text_mention": case "hashtag": case "cashtag": case "phone_number":
      return el("span", { class: "named" });
    default: return el("span");
  }
}

function link(address, words, act) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return el("span");
  }
  if (!["http:", "https:", "mailto:", "tg:"].includes(url.protocol)) return el("span");
  const opens = act?.telegram(url.href);
  if (opens) return el("a", { href: "#", class: "command", title: "Opens in the demo, not in Telegram", onclick: (event) => { event.preventDefault(); opens(); } });
  return el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", title: words === address ? null : url.href });
}

function command(words, act) {
  const send = (event) => {
    event.preventDefault();
    act.command(words);
  };
  return el("a", { href: "#", class: "command", onclick: send });
}

function spoiler() {
  const show = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    if (event.currentTarget.classList.contains("shown")) return;
    event.preventDefault();
    event.stopPropagation();
    event.currentTarget.classList.add("shown");
    event.currentTarget.removeAttribute("aria-label");
  };
  return el("span", { class: "spoiler", role: "button", tabIndex: 0, "aria-label": "Hidden text", onclick: show, onkeydown: show });
}

function expandable() {
  const turn = (event) => {
    if (event.type === "keydown" && event.key !== "Enter") return;
    event.currentTarget.setAttribute("aria-expanded", String(event.currentTarget.classList.toggle("shown")));
  };
  return el("blockquote", { class: "expandable", role: "button", "aria-expanded": "false", tabIndex: 0, onclick: turn, onkeydown: turn });
}
