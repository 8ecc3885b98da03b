// Builds the page out of elements and text nodes. No text is ever read as HTML.

export const byId = (id) => document.getElementById(id);

// el makes an element. Properties that begin with "on" are listeners, "class" and names with a dash are attributes,
// the rest are set as properties. Children are nodes or texts; what is null or false is left out.
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class" || name === "role" || name.includes("-")) node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

const svgSpace = "http://www.w3.org/2000/svg";

// icon draws one line in a square of 24.
export function icon(path) {
  const svg = document.createElementNS(svgSpace, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(svgSpace, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1000 * 1000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1000 / 1000).toFixed(1)} MB`;
}

export const time = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

export function day(at) {
  const date = new Date(at);
  const today = new Date();
  if (date.toDateString() === today.toDateString()) return "Today";
  return date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}

export const isTouch = () => matchMedia("(pointer: coarse)").matches;

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast("The browser does not allow copying here.");
  }
}

let toastTimer = 0;

// toast shows a line for as long as it takes to read it.
export function toast(text) {
  const node = byId("toast");
  node.textContent = text;
  node.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { node.hidden = true; }, Math.min(8000, 2200 + 45 * text.length));
}

// alertBox shows a text that has to be closed.
export function alertBox(text) {
  byId("alert-words").textContent = text;
  if (!byId("alert").open) byId("alert").showModal();
}
