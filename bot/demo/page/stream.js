// Listens to what happens on the phone, and comes back by itself when the line is cut.

const silence = 25_000; // the server says something every 10 s
const pause = 1000;

// listen calls on[kind](data) for each event, and on.online(true or false) when the line comes and goes.
export function listen(on) {
  let source;
  let watchdog = 0;

  const heard = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(lost, silence);
  };
  const lost = () => {
    clearTimeout(watchdog);
    source.close();
    on.online(false);
    setTimeout(open, pause);
  };
  const open = () => {
    source = new EventSource("/demo/events");
    source.onerror = lost;
    for (const kind of ["about", "messages", "tap", "beat"]) {
      source.addEventListener(kind, (event) => {
        heard();
        if (kind === "about") on.online(true);
        on[kind]?.(JSON.parse(event.data));
      });
    }
    heard();
  };
  open();
}
