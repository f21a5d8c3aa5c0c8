// An open reading of a class hears of what is written, and draws it where it stands: never under the hand.
const News = (() => {
  const GATHER = 60; // ms in which several tellings become one request
  const KNOWN = 20; // of what this page has done itself, so many names
  let timer = 0;
  let busy = false;
  let again = false;
  let writing = 0;
  const told = []; // what the stream said since it was last drawn
  const done = []; // the events that this page has made, and drawn with the answer

  const place = () => document.getElementById("news");
  /** The newest event that this page shows. */
  const cursor = () => place()?.dataset.cursor ?? "";

  async function fetchNews() {
    const was = Hand.held();
    await htmx.ajax("GET", `${Reader.url("news/shown")}?since=${cursor()}`, {source: place(), target: place(), swap: "none"}).catch(() => null);
    Hand.giveBack(was);
  }

  const isDrawn = ({own, id}) => own && done.includes(id);

  /** Draws what is new, once this page's own changes are answered: what it did itself it has drawn already. */
  async function draw() {
    timer = 0;
    if (busy || writing) {
      again = true;
      return;
    }
    const news = told.splice(0);
    if (news.length && news.every(isDrawn)) {
      place().dataset.cursor = news.at(-1).id;
      return;
    }
    busy = true;
    await fetchNews();
    busy = false;
    later();
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
    Stream.listen("margin", ({own, spread}, id) => {
      told.push({own, id});
      soon(spread);
    });
    // More or less can be seen than before: everything is drawn anew, at the same place.
    Stream.listen("again", ({spread = 0}) => setTimeout(() => location.reload(), Math.random() * spread));
    Stream.open(() => `${Reader.url("stream")}?since=${cursor()}`);
  }

  return {cursor};
})();
