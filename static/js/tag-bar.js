// The tag bar: stands at the selection, tags it by button or key, and makes an ordinary form post of it.
const TagBar = (() => {
  const KEEPALIVE = 8000; // UTF-16 units; a request that outlives its page may carry no more than 64 KiB
  let span = null;

  const bar = () => document.getElementById("tag-bar");
  const isOpen = () => Boolean(bar()?.matches(":popover-open"));
  const tagButtons = () => [...bar().querySelectorAll("button[name='tag']")];
  const colourOf = (button) => /tag--(\w+)/.exec(button?.querySelector(".tag")?.className)?.[1] ?? "grey";

  function open(selected) {
    span = selected;
    for (const name of ["start", "end", "exact"]) bar().elements[name].value = span[name];
    showPressed();
    const opens = !isOpen();
    if (opens) bar().showPopover();
    Floating.atWords(bar(), span);
    if (opens) Floating.uncover(bar(), span);
  }

  function close() {
    span = null;
    if (!isOpen()) return;
    TagBarNote.close();
    bar().hidePopover();
  }

  /** Buttons of the tags that these very words have already: pressing one takes it off. */
  function showPressed() {
    if (!span) return;
    const twin = Reader.cards().find((card) => Reader.same(Reader.span(card), span));
    const tags = (twin?.dataset.tags ?? "").split(" ");
    for (const button of tagButtons()) button.setAttribute("aria-pressed", String(tags.includes(button.value)));
  }

  /** Before the form goes: a new id for a new wish, the same id for the same wish again. */
  function prepare(event) {
    if (event.target !== bar()) return;
    const note = TagBarNote.text();
    const tag = event.submitter?.name === "tag" ? event.submitter.value : "";
    const asks = event.submitter?.name === "asks";
    if (!span || (!tag && !asks && !note.trim())) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    const uid = Identifiers.forWish([span.start, span.end, tag, note, asks]);
    bar().elements.uid.value = uid;
    const takesOff = event.submitter?.getAttribute("aria-pressed") === "true";
    if (!takesOff) Reader.tell("marking", {...span, uid, colour: colourOf(event.submitter)});
  }

  function finished({detail: {ctx}}) {
    if (!bar() || ctx.request.form !== bar()) return;
    if (ctx.response?.status < 300) saved(ctx.request.body);
    showPressed();
  }

  /** The note is with the server, or kept to be sent. */
  function saved(fields) {
    const {note} = Object.fromEntries(fields);
    if (note && TagBarNote.clear(note)) leaveNote();
  }

  function pressed(event) {
    if (bar() && !Keys.inField(event)) Selecting.settle();
    if (!isOpen() || !span) return;
    if (event.key === "Escape" && !Keys.composing(event)) return escape(event);
    const shortcut = Keys.shortcut(event);
    const button = shortcut && tagButtons().find((one) => one.dataset.key === shortcut);
    if (button) bar().requestSubmit(button);
    else if (shortcut === "n") TagBarNote.open();
    if (button || shortcut === "n") event.preventDefault();
  }

  /** One thing at a time: what lies over the page first (the browser closes it), then the note, then the bar. */
  function escape(event) {
    if (document.querySelector(":popover-open:not([popover='manual']), dialog:modal")) return;
    event.preventDefault();
    if (TagBarNote.isOpen()) return leaveNote();
    Selecting.clear();
    close();
  }

  /** The words are selected again; what was typed and not saved stays in the field. */
  function leaveNote() {
    const words = span;
    TagBarNote.close();
    Selecting.select(words);
  }

  function widen(kind) {
    const start = Reader.unitAround(kind, span.start)?.start ?? span.start;
    const end = Reader.unitAround(kind, span.end - 1)?.end ?? span.end;
    Selecting.select({start, end});
  }

  document.addEventListener("postil:selection", ({detail}) => {
    if (!bar() || (!detail && bar().contains(document.activeElement))) return;
    detail ? open(detail) : close();
  });
  document.addEventListener("keydown", pressed);
  document.addEventListener("submit", prepare, true);
  document.addEventListener("htmx:finally:request", finished);
  document.addEventListener("postil:kept", ({detail}) => detail.form && detail.form === bar() && saved(detail.fields));
  document.addEventListener("htmx:config:request", ({detail: {ctx}}) => {
    if (ctx.sourceElement !== bar()) return;
    const size = [...ctx.request.body.values()].join("").length;
    if (size < KEEPALIVE) ctx.request.keepalive = true;
  });
  // The press of a button must not take the selection away, nor its second click the tag.
  document.addEventListener("mousedown", (event) => {
    if (bar()?.contains(event.target) && !Keys.inField(event)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#tag-bar button");
    if (!button) return;
    if (event.detail > 1) event.preventDefault();
    else if (button.dataset.extend) widen(button.dataset.extend);
    else if (button.matches("[data-cancel]")) leaveNote();
    else if (button.matches("[data-note]")) TagBarNote.isOpen() ? leaveNote() : TagBarNote.open();
  });
  window.addEventListener("resize", () => span && Floating.atWords(bar(), span));

  return {span: () => span};
})();
