// Where things stand on the reader's page: the text, its blocks, its cards. Offsets are code points of the revision.
const Reader = (() => {
  const page = () => document.querySelector("main.reader[data-reading]");
  const text = () => document.getElementById("text");
  // What every address begins with: the folder of the folder that this script came from.
  const root = new URL("..", document.currentScript.src).pathname;
  const at = (path) => `${root}${path}`;
  const url = (rest) => at(`readings/${page().dataset.reading}/${rest}`);
  const span = (element) => ({start: Number(element.dataset.start), end: Number(element.dataset.end)});
  const card = (uid) => document.getElementById(`annotation-${uid}`);
  const cards = () => [...document.querySelectorAll(".annotation[data-start][data-end]")];
  const blocks = () => [...document.querySelectorAll("#text .block[data-start]")];
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const wide = () => matchMedia("(min-width: 70rem)").matches;
  const header = () => Math.max(0, document.querySelector(".bar")?.getBoundingClientRect().bottom ?? 0);
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`postil:${name}`, {detail}));

  /** One Range for each block that the span touches in this page; none when its words are not here. */
  const ranges = ({start, end}) => (text() ? Offsets.toRanges(start, end, text()) : []);

  /** One Range from the first word to the last, or null. */
  function range(wanted) {
    const parts = ranges(wanted);
    if (!parts.length) return null;
    const whole = parts[0].cloneRange();
    whole.setEnd(parts.at(-1).endContainer, parts.at(-1).endOffset);
    return whole;
  }

  const words = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest("#text .block__text");

  /** The offset of a DOM position inside a block's words, or null outside them. */
  function offsetOf(node, offset) {
    const home = words(node);
    if (!home) return null;
    const before = document.createRange();
    before.setStart(home, 0);
    before.setEnd(node, offset);
    return Number(home.closest(".block").dataset.start) + Offsets.codePoints(before.toString());
  }

  /** The offset of the place between characters that is nearest to a point of the viewport, or null. */
  function offsetAt(x, y) {
    const caret = document.caretPositionFromPoint?.(x, y);
    if (caret) return offsetOf(caret.offsetNode, caret.offset);
    const range = document.caretRangeFromPoint?.(x, y);
    return range ? offsetOf(range.startContainer, range.startOffset) : null;
  }

  /** The span of a mark's words. */
  function spanOf(mark) {
    const start = offsetOf(mark, 0);
    return {start, end: start + Offsets.codePoints(mark.textContent)};
  }

  const blockAt = (offset) =>
    blocks().find(({dataset}) => Number(dataset.start) <= offset && offset < Number(dataset.end));

  /** The "word", "sentence" or "paragraph" around an offset, as a span; null between words or outside this page. */
  function unitAround(kind, offset) {
    const block = blockAt(offset);
    if (!block) return null;
    const string = block.querySelector(".block__text").textContent;
    const from = Number(block.dataset.start);
    const index = Offsets.utf16(string, offset - from);
    const found = Offsets[`${kind}Around`](string, index, block.closest("[lang]")?.lang);
    if (!found) return null;
    const [start, end] = found.map((at) => from + Offsets.codePoints(string, at));
    return {start, end};
  }

  const same = (one, other) => one?.start === other?.start && one?.end === other?.end;
  const cardsOver = (run) =>
    cards().filter((element) => span(element).start <= run.start && span(element).end >= run.end);

  /** The foot of what can be seen of the text: above the drawer where that is open. */
  const foot = () => innerHeight - (!wide() && Drawer.isOpen() ? document.getElementById("margin").offsetHeight : 0);

  /** Scroll a Range or an element a third of the way down, unless it can be seen already. */
  function bringIntoView(target) {
    const box = target.getBoundingClientRect();
    if (box.top >= header() && box.bottom <= foot()) return;
    const spare = Math.max(16, (foot() - header() - box.height) / 3);
    window.scrollTo({top: scrollY + box.top - header() - spare, behavior: calm() ? "instant" : "smooth"});
  }

  return {page, text, at, url, span, same, card, cards, blocks, calm, wide, header, tell, ranges, range, offsetOf, offsetAt,
    unitAround, spanOf, cardsOver, bringIntoView};
})();
