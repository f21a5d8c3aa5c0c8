// Handles at the first and last character of the annotation in hand; dragging one moves that edge by whole words, with
// Alt by graphemes, and Escape lets go. By keyboard the card's form does the same.
{
  const handles = {};
  let card = null;
  let drag = null;

  function handle(side) {
    const made = document.createElement("span");
    made.className = `edge edge--${side}`;
    made.setAttribute("aria-hidden", "true");
    made.dataset.side = side;
    return made;
  }

  const shown = () => drag?.span ?? (card?.isConnected ? Reader.span(card) : null);
  const typed = (one) => [...one.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue);
  // A card whose form holds unsaved words is left alone: the answer would redraw it.
  const editable = (one) => Boolean(one?.querySelector("[name='version']")) && !typed(one);

  /** The box of one edge's character: the first rectangle of the words, or the last. */
  function corner(side) {
    const boxes = shown() ? Reader.ranges(shown()).flatMap((range) => [...range.getClientRects()]) : [];
    return side === "start" ? boxes[0] : boxes.at(-1);
  }

  function place() {
    for (const side of ["start", "end"]) {
      const box = editable(card) && corner(side);
      if (!box) {
        handles[side]?.remove();
        continue;
      }
      handles[side] ??= handle(side);
      if (!handles[side].isConnected) document.body.append(handles[side]);
      const rtl = getComputedStyle(Reader.text()).direction === "rtl";
      const x = (side === "start") === rtl ? box.right : box.left;
      handles[side].style.setProperty("--x", `${x + scrollX}px`);
      handles[side].style.setProperty("--y", `${box.top + scrollY}px`);
      handles[side].style.setProperty("--tall", `${box.height}px`);
    }
  }

  /** The span with one edge at an offset: never empty, and at a word's border unless `exactly`. */
  function moved(side, offset, exactly) {
    const {start, end} = drag.from;
    const word = exactly ? null : Reader.unitAround("word", side === "start" ? offset : Math.max(0, offset - 1));
    if (side === "start") return {start: Math.min(word?.start ?? offset, end - 1), end};
    return {start, end: Math.max(word?.end ?? offset, start + 1)};
  }

  function over(event) {
    const offset = Reader.offsetAt(event.clientX, event.clientY);
    if (offset === null) return;
    const range = Reader.range(moved(drag.side, offset, event.altKey));
    drag.span = (range && Offsets.fromRange(range, Reader.text())) ?? drag.span;
    Painting.paint("edge", [drag.span]);
    place();
  }

  function stop() {
    drag = null;
    Painting.paint("edge", []);
    document.documentElement.removeAttribute("data-dragging");
    place();
  }

  function drop() {
    const {span, from} = drag;
    if (span.exact && (span.start !== from.start || span.end !== from.end)) {
      const version = card.querySelector("[name='version']").value;
      const options = {values: {version, ...span, only: "span"}, source: handles[drag.side], target: card, swap: "none"};
      htmx.ajax("POST", Reader.at(`annotations/${card.dataset.uid}`), options);
    }
    stop();
  }

  document.addEventListener("postil:current", ({detail}) => {
    card = detail.card?.matches("[data-own]") ? detail.card : null;
    if (!drag) place();
  });
  document.addEventListener("pointerdown", (event) => {
    const side = event.target.dataset?.side;
    if (!side || event.target !== handles[side] || event.button !== 0) return;
    event.preventDefault();
    drag = {side, from: Reader.span(card), span: Reader.span(card)};
    document.documentElement.setAttribute("data-dragging", "edge");
  });
  document.addEventListener("pointermove", (event) => drag && over(event));
  document.addEventListener("pointerup", () => drag && drop());
  document.addEventListener("pointercancel", () => drag && stop());
  document.addEventListener("keydown", (event) => {
    if (!drag || event.key !== "Escape") return;
    event.preventDefault();
    stop();
  }, true);
  // A press on a handle must not begin a selection.
  document.addEventListener("mousedown", (event) => event.target.classList?.contains("edge") && event.preventDefault());
  if (Reader.text()) new ResizeObserver(() => drag || place()).observe(Reader.text());
}
