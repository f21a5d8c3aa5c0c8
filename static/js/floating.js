// Places popovers by a point or by words, inside the viewport. The script gives --x and --y; the rules are in the CSS.
const Floating = (() => {
  const EDGE = 8; // px kept free at the edges of the viewport
  const GAP = 14; // px between the point and the box: a line of text stays readable

  const within = (value, size, room) => Math.max(EDGE, Math.min(value, room - size - EDGE));

  /** Under the point or over it, wherever there is more room if it fits nowhere: the point itself stays in sight. */
  function beside(box, {x, y}) {
    box.toggleAttribute("data-placed", true);
    box.style.removeProperty("--tall");
    const {offsetWidth: wide, offsetHeight: tall} = box;
    const rooms = {below: innerHeight - EDGE - GAP - y, above: y - GAP - EDGE};
    const below = tall <= rooms.below || (tall > rooms.above && rooms.below >= rooms.above);
    const room = below ? rooms.below : rooms.above;
    box.style.setProperty("--x", `${within(x - wide / 2, wide, innerWidth)}px`);
    box.style.setProperty("--y", `${below ? y + GAP : y - GAP - Math.min(tall, room)}px`);
    box.style.setProperty("--tall", `${room}px`);
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
