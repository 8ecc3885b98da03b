// Listens to what happens on the phone, and comes back by itself when the line is cut.

import { at } from "./api.js";

const silence = 25_000; // the server says something every 10 s
const pause = 1000;

// listen calls on[kind](data) for each event, and on.online(true or false) when the line comes and goes. It returns a
// function that begins anew, as for another scene.
export function listen(on) {
  let source;
  let watchdog = 0;
  let again = 0;

  const heard = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(lost, silence);
  };
  const lost = () => {
    clearTimeout(watchdog);
    source.close();
    on.online(false);
    again = setTimeout(open, pause);
  };
  const open = () => {
    const mine = new EventSource(at("/demo/events"));
    source = mine;
    source.onerror = lost;
    for (const kind of ["about", "messages", "tap", "beat"]) {
      source.addEventListener(kind, (event) => {
        if (source !== mine) return; // of a scene that is shown no more
        heard();
        if (kind === "about") on.online(true);
        on[kind]?.(JSON.parse(event.data));
      });
    }
    heard();
  };
  open();
  return () => {
    clearTimeout(again);
    source.onerror = null;
    source.close();
    open();
  };
}
