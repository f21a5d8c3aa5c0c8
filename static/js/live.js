// An open reading of a class hears of what is written, and draws it where it stands: never under the hand.
const News = (() => {
  const GATHER = 60; // ms in which several tellings become one request
  const KNOWN = 20; // of what this page has done itself, so many names
  const OVERVIEW = 5000; // ms after which the numbers are brought up to date when nothing near has changed
  const RETRY = 5000; // ms after which what could not be fetched is asked for again
  let timer = 0;
  let overview = 0;
  let busy = false;
  let again = false;
  let writing = 0;
  const told = []; // what the stream said since it was last drawn
  const done = []; // the events that this page has made, and drawn with the answer

  const place = () => document.getElementById("news");
  /** The newest event that this page knows of. */
  const cursor = () => place()?.dataset.cursor ?? "";
  const isDrawn = ({own, id}) => own && done.includes(id);

  function know(id) {
    if (!id) return;
    place().dataset.cursor = id;
    place().setAttribute("hx-get", `${Reader.url("news")}?since=${id}`);
  }

  /** Draws these paragraphs as they are now; and how many annotations there are, and where the class marked. */
  async function show(ordinals) {
    clearTimeout(overview);
    overview = 0;
    if (busy || writing) return;
    busy = true;
    const url = `${Reader.url("news/shown")}?told=${ordinals.join()}`;
    let drawn = false;
    const saw = ({detail: {ctx}}) => { drawn ||= ctx.request?.action === url && ctx.response?.status === 200; };
    document.addEventListener("htmx:after:swap", saw);
    await Hand.quietly(() => htmx.ajax("GET", url, {source: place(), target: place(), swap: "none"}).catch(() => null));
    document.removeEventListener("htmx:after:swap", saw);
    if (!drawn) setTimeout(() => Nearby.add(ordinals), RETRY);
    busy = false;
    later();
  }

  /** Draws what is near, once this page's own changes are answered: what it did itself it has drawn already. */
  function draw() {
    clearTimeout(timer);
    timer = 0;
    if (busy || writing) {
      again = true;
      return;
    }
    for (const news of told.splice(0)) {
      know(news.id);
      if (isDrawn(news)) continue;
      Nearby.add(news.paragraphs);
      overview ||= setTimeout(() => show([]), OVERVIEW * (1 + Math.random()));
    }
    const ordinals = Nearby.take();
    if (ordinals.length) show(ordinals);
  }

  function later() {
    if (again && !busy && !writing) soon();
  }

  function soon(spread = 0) {
    again = false;
    timer ||= setTimeout(draw, GATHER + Math.random() * Math.max(GATHER, spread));
  }

  const writes = ({detail: {ctx}}) => ctx.request.method !== "GET";
  document.addEventListener("htmx:before:request", (event) => { if (writes(event)) writing += 1; });
  document.addEventListener("htmx:finally:request", (event) => {
    if (!writes(event)) return;
    writing = Math.max(0, writing - 1);
    const name = document.getElementById("done")?.textContent;
    if (name && done.at(-1) !== name) done.push(name);
    done.splice(0, done.length - KNOWN);
    later();
  });

  if (place()) {
    Nearby.whenNear(draw);
    Stream.listen("margin", ({own, spread, paragraphs}, id) => {
      told.push({own, id, paragraphs});
      soon(spread);
    });
    // More or less can be seen than before: everything is drawn anew, at the same place.
    Stream.listen("again", ({spread = 0}) => setTimeout(() => location.reload(), Math.random() * spread));
    Stream.open(() => `${Reader.url("stream")}?since=${cursor()}`);
  }

  return {cursor};
})();
