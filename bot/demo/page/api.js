// Asks the demo's server. Whatever goes wrong becomes an Error with a sentence for the person.

// scene says whose phone the page shows, and which chat on it.
export const scene = { as: "you", in: "private" };

// at is an address with the scene in it.
export function at(path, more = {}) {
  return `${path}?${new URLSearchParams({ ...scene, ...more })}`;
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The demo does not answer. Is it still running?");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `The demo answered ${response.status}.`);
  return body;
}

export const get = (path) => ask(path, {});

export const post = (path, body = {}) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const say = (text, replyTo = 0) => post(at("/demo/say"), { text, reply_to: replyTo });
export const edit = (message, text) => post(at("/demo/edit"), { message, text });
export const tap = (message, data) => post(at("/demo/tap"), { message, data });

export function sendFile(file, caption, replyTo = 0) {
  return ask(at("/demo/document", { name: file.name, caption, reply_to: replyTo }), {
    method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file,
  });
}
