// Puts the phone together.

import { scene } from "./api.js";
import { Chat } from "./chat.js";
import { Commands } from "./commands.js";
import { Composer } from "./composer.js";
import { Context } from "./context.js";
import { Panel } from "./panel.js";
import { byId, isTouch } from "./dom.js";
import { listen } from "./stream.js";

history.replaceState(null, "", "/"); // the key is in a cookie now, and not to be seen or kept

let online = true;
let typing = 0; // until then, in Unix ms
let typingTimer = 0;
let guest = false; // there is a second person
let where = ""; // what else than the own chat with the bot is shown

const panel = new Panel({ turn });
const composer = new Composer({ quoted: (id) => chat.quoted(id), lastOwn: () => chat.lastOwn() });
const commands = new Commands({ choose: send, fill: (text) => composer.fill(text) });
composer.commands = commands;

const chat = new Chat({
  command: send,
  context: (m, anchor) => context.open(m, anchor),
  asked: (m, focus) => composer.answer(m, m.placeholder, focus),
  start: (code) => invite(code),
  empty(none) {
    const is = none && scene.in === "private"; // a group has no Start
    const [start, words] = [byId("start"), byId("words")];
    if (start.hidden === !is && byId("composer").hidden === is) return;
    const free = [document.body, start].includes(document.activeElement); // nothing else has the focus
    byId("empty").hidden = !is;
    start.hidden = !is;
    byId("composer").hidden = is;
    if (free && !isTouch()) (is ? start : words).focus({ focusVisible: false });
  },
});
const context = new Context((id) => chat.get(id), {
  reply: (m) => composer.answer(m),
  edit: (m) => composer.edit(m),
});

// turn shows another person's phone, or another chat on it.
function turn(to) {
  if (to.as === scene.as && to.in === scene.in) return;
  Object.assign(scene, to);
  composer.clear();
  chat.clear();
  typing = 0;
  again();
}

// invite opens a link that lets somebody in, as the guest does who got it.
async function invite(code) {
  if (!guest) return;
  turn({ as: "guest", in: "private" });
  await composer.send(`/start ${code}`);
}

// send says a command at once. If one was being typed, it was this one.
async function send(text) {
  if (/^\/\S*$/.test(byId("words").value)) composer.fill("");
  await composer.send(text);
}

byId("start").addEventListener("click", () => send("/start"));
for (const hint of document.querySelectorAll(".hint")) {
  hint.addEventListener("click", () => {
    if (byId("composer").hidden) send(hint.dataset.text);
    else composer.fill(hint.dataset.text);
  });
}
byId("alert-close").addEventListener("click", () => byId("alert").close());

function state() {
  clearTimeout(typingTimer);
  const left = typing - Date.now();
  byId("bot-state").textContent = !online ? "waiting for the demo …" : left > 0 ? "is writing …" : where || "bot";
  if (left > 0) typingTimer = setTimeout(state, left + 50);
}

const again = listen({
  online(is) {
    online = is;
    byId("offline").hidden = is;
    state();
  },
  about(a) {
    byId("bot-name").textContent = a.bot;
    byId("empty-name").textContent = a.bot;
    byId("empty-words").textContent = a.description || "A list of goals that you keep by chatting. Press Start, and the bot says what it can do.";
    chat.about(a);
    guest = a.people.length > 1;
    where = [a.scene.as === "you" ? "" : `${a.person}’s phone`, a.title].filter(Boolean).join(" · ");
    commands.set(a.menu);
    panel.about(a);
    typing = a.typing ?? 0;
    state();
  },
  messages: (event) => chat.update(event),
  tap: (event) => chat.answered(event),
});
