// The stream of a reading, opened again whenever it breaks, for as long as the page may hear it.
const Stream = (() => {
  const FIRST = 1000; // ms after which a stream is asked for again that could not be had
  const LONGEST = 60_000;
  const listeners = [];
  let source = null;
  let address = null;
  let wait = FIRST;
  let timer = 0;

  /** Calls `act` with the data and the id of each event of that name. Before `open`. */
  const listen = (name, act) => listeners.push([name, act]);

  function close() {
    clearTimeout(timer);
    timer = 0;
    source?.close();
    source = null;
  }

  /** A browser gives up after an error page, such as a proxy's while the server starts: then it is asked again. */
  async function retry() {
    close();
    const answer = await fetch(`${address()}&once=true`, {headers: {accept: "text/event-stream"}}).catch(() => null);
    if (answer && !answer.ok && answer.status < 500 && answer.status !== 429) return;
    if (answer?.ok) connect();
    else later();
  }

  function later() {
    source?.close();
    source = null;
    timer ||= setTimeout(() => { timer = 0; retry(); }, wait * (0.5 + Math.random()));
    wait = Math.min(LONGEST, wait * 2);
  }

  function connect() {
    if (source) return;
    source = new EventSource(address());
    source.addEventListener("open", () => { wait = FIRST; });
    source.addEventListener("error", () => { if (source?.readyState === EventSource.CLOSED) later(); });
    source.addEventListener("end", close);
    for (const [name, act] of listeners) source.addEventListener(name, ({data, lastEventId}) => act(JSON.parse(data), lastEventId));
  }

  /** Opens the stream of a reading at the address that `where` gives, with its cursor. */
  function open(where) {
    address = where;
    connect();
  }

  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", () => { if (address) connect(); });

  let people = 0;

  /** How many are here, wherever the page says it; drawing anew takes it away. */
  function count() {
    const shown = document.getElementById("here");
    if (!shown) return;
    shown.querySelector("[data-here]").textContent = people;
    shown.hidden = people < 2;
  }

  listen("here", ({here}) => {
    people = here;
    count();
  });
  document.addEventListener("htmx:after:swap", count);

  return {listen, open};
})();
