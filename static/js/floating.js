// Places popovers by a point or by words, inside the viewport. The script gives --x and --y; the rules are in the CSS.
const Floating = (() => {
  const EDGE = 8; // px kept free at the edges of the viewport
  const GAP = 14; // px between the point and the box: a line of text stays readable

  const within = (value, size, room) => Math.max(EDGE, Math.min(value, room - size - EDGE));

  function beside(box, {x, y}) {
    box.toggleAttribute("data-placed", true);
    const {offsetWidth: wide, offsetHeight: tall} = box;
    const below = y + GAP + tall <= innerHeight - EDGE;
    box.style.setProperty("--x", `${within(x - wide / 2, wide, innerWidth)}px`);
    box.style.setProperty("--y", `${within(below ? y + GAP : y - GAP - tall, tall, innerHeight)}px`);
  }

  const linesOf = (span) => Reader.ranges(span).flatMap((range) => [...range.getClientRects()]);

  /** Page coordinates of the foot of the words' last line; of the head of the first where there is no room below. */
  function atWords(box, span) {
    const lines = linesOf(span);
    if (!lines.length) return;
    const last = lines.at(-1);
    const tall = box.offsetHeight + 2 * EDGE;
    const above = last.bottom + tall > innerHeight && lines[0].top - tall > Reader.header();
    const lowest = innerHeight - tall + EDGE;
    const top = above ? lines[0].top - EDGE : Math.max(Reader.header() + EDGE, Math.min(last.bottom + EDGE, lowest));
    box.toggleAttribute("data-above", above);
    box.style.setProperty("--x", `${(last.left + last.right) / 2 + scrollX}px`);
    box.style.setProperty("--y", `${top + scrollY}px`);
  }

  /** A box at the foot of the screen may lie over the words: they are moved up into sight. */
  function uncover(box, span) {
    const foot = linesOf(span).at(-1)?.bottom;
    const hidden = foot + EDGE - (innerHeight - box.offsetHeight);
    if (getComputedStyle(box).position === "fixed" && hidden > 0) scrollBy({top: hidden});
  }

  return {beside, atWords, uncover};
})();
