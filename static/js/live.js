// An open reading of a class hears of what others write, and draws it where it stands: never under the hand.
const News = (() => {
  const GATHER = 60; // ms in which several tellings become one request
  let source = null;
  let timer = 0;
  let busy = false;
  let again = false;

  const place = () => document.getElementById("news");
  /** The newest event that this page shows. */
  const cursor = () => place()?.dataset.cursor ?? "";

  /** What is being written in the margin, and where the caret is: redrawing must not take it away. */
  function held() {
    const field = document.activeElement;
    return {
      field,
      start: field?.selectionStart ?? null,
      end: field?.selectionEnd ?? null,
      replies: [...document.querySelectorAll("#margin .reply-form")].map((form) => ({form, home: form.parentElement.id})),
      edits: [...document.querySelectorAll("#margin .annotation--editing:has(> form:not([hidden]))")].map((card) => (
        {id: card.id, look: card.className, form: card.querySelector(":scope > form")}
      )),
    };
  }

  function giveBack({field, start, end, replies, edits}) {
    for (const {id, look, form} of edits) {
      const card = document.getElementById(id);
      if (!card || form.isConnected) continue;
      card.className = look;
      card.replaceChildren(form);
      htmx.process(form);
    }
    for (const {form, home} of replies) {
      if (form.isConnected) continue;
      const post = document.getElementById(home);
      post?.querySelector(":scope > .reply-form")?.remove();
      post?.append(form);
      htmx.process(form);
    }
    if (!field || document.activeElement === field || !field.isConnected || !field.closest("#margin")) return;
    field.focus({preventScroll: true});
    if (start !== null) field.setSelectionRange?.(start, end);
  }

  /** Draws something else into the page, likewise never under the hand. */
  async function quietly(draw) {
    let was = null;
    // At the last moment: a form may open while the answer is on its way.
    const hold = () => { was = held(); };
    document.addEventListener("htmx:before:swap", hold);
    await draw();
    document.removeEventListener("htmx:before:swap", hold);
    if (was) giveBack(was);
  }

  async function fetchNews() {
    timer = 0;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    const news = `${Reader.url("news/shown")}?since=${cursor()}`;
    await quietly(() => htmx.ajax("GET", news, {source: place(), target: place(), swap: "none"}).catch(() => null));
    busy = false;
    if (again) soon();
    again = false;
  }

  function soon() {
    timer ||= setTimeout(fetchNews, GATHER + Math.random() * GATHER);
  }

  function close() {
    source?.close();
    source = null;
  }

  function open() {
    if (source || !place()) return;
    source = new EventSource(`${Reader.url("stream")}?since=${cursor()}`);
    source.addEventListener("margin", soon);
    // More or less can be seen than before: everything is drawn anew, at the same place.
    source.addEventListener("again", () => location.reload());
    source.addEventListener("end", close);
  }

  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();

  return {cursor, quietly};
})();
