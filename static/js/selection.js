// What is selected in the text. Says `postil:selection` with {start, end, exact}, or null when nothing is.
const Selecting = (() => {
  const SETTLE = {mouse: 30, touch: 250}; // ms without a change; a finger's handles report every step
  const SLACK = 4; // px that a hand may tremble in a click
  let down = null;
  let dragged = false;
  let touch = false;
  let timer = 0;
  let told = null;
  let kept = null;

  /** The span selected now, trimmed and snapped; null while a button is down or outside the text. */
  function current() {
    const selection = getSelection();
    const root = Reader.text();
    if (!root || down || !selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    return range.intersectsNode(root) ? Offsets.fromRange(range, root) : null;
  }

  function settle() {
    const span = current();
    if (Reader.same(span, told)) return;
    told = span;
    Reader.tell("selection", span);
  }

  function soon(wait = SETTLE[touch ? "touch" : "mouse"]) {
    clearTimeout(timer);
    timer = setTimeout(settle, wait);
  }

  function select(span, backward = false) {
    const range = span && Reader.range(span);
    if (!range) return;
    const ends = [[range.startContainer, range.startOffset], [range.endContainer, range.endOffset]];
    if (backward) ends.reverse();
    getSelection().setBaseAndExtent(...ends[0], ...ends[1]);
    settle();
  }

  const clear = () => {
    getSelection().removeAllRanges();
    settle();
  };

  function isBackward() {
    const {anchorNode, anchorOffset} = getSelection();
    const range = getSelection().getRangeAt(0);
    return anchorNode !== range.startContainer || anchorOffset !== range.startOffset;
  }

  document.addEventListener("selectionchange", () => down || soon());
  document.addEventListener("pointerdown", (event) => {
    touch = event.pointerType === "touch";
    dragged = false;
    if (touch) return;
    down = {x: event.clientX, y: event.clientY};
    // A press begins anew: on selected words it would drag them away, and the tag bar would stand in the way.
    if (event.button === 0 && !event.shiftKey && event.target.closest?.("#text")) clear();
  }, true);
  document.addEventListener("pointermove", (event) => {
    if (down && Math.hypot(event.clientX - down.x, event.clientY - down.y) > SLACK) dragged = true;
  }, true);
  for (const name of ["pointerup", "pointercancel", "dragend"]) {
    document.addEventListener(name, () => {
      down = null;
      soon(touch ? SETTLE.touch : 0);
    }, true);
  }
  window.addEventListener("blur", () => { down = null; });

  // New marks split the text nodes under a selection, which moves its ends: put them back where they were.
  document.addEventListener("htmx:before:swap", () => {
    const span = current();
    kept = span && {span, backward: isBackward()};
  });
  document.addEventListener("htmx:after:swap", () => {
    if (kept && !Reader.same(kept.span, current()) && !Keys.inField({target: document.activeElement})) {
      select(kept.span, kept.backward);
    }
    kept = null;
  });

  return {current, settle, select, clear, wasDrag: () => dragged};
})();
