// Spans between the DOM and the revision: pure functions, no state of the page.
// An index counts UTF-16 units of one string, as JavaScript does; an offset counts code points of the revision,
// as the server does. All spans are half-open.
const Offsets = (() => {
  const units = (string, index) => (string.codePointAt(index) > 0xffff ? 2 : 1);

  /** The code points before an index; inside a surrogate pair, those before the pair. */
  function codePoints(string, index = string.length) {
    let count = 0;
    for (let at = 0; at < index; at += units(string, at)) count += at + units(string, at) <= index ? 1 : 0;
    return count;
  }

  /** The index after so many code points; the end when there are not so many. */
  function utf16(string, count) {
    let index = 0;
    for (let left = count; left > 0 && index < string.length; left -= 1) index += units(string, index);
    return index;
  }

  /** The {segment, index, isWordLike} at an index; nothing at the string's end, or in a browser that cannot tell. */
  const segment = (string, index, granularity, lang) =>
    Intl.Segmenter && new Intl.Segmenter(lang || undefined, {granularity}).segment(string).containing(index);

  const edges = ({index, segment: words}) => [index, index + words.length];

  /** The smallest span of whole graphemes around [start, end), as indexes. */
  function snap(string, start, end) {
    if (!Intl.Segmenter) return [start, end]; // the server snaps again
    const first = segment(string, start, "grapheme")?.index ?? start;
    return [first, start < end ? edges(segment(string, end - 1, "grapheme"))[1] : first];
  }

  /** [start, end) without white space at its edges, as indexes; it may come out empty. */
  function trim(string, start, end) {
    const words = string.slice(start, end);
    const first = start + words.length - words.trimStart().length;
    return [first, Math.max(first, start + words.trimEnd().length)];
  }

  const settle = (string, start, end) => snap(string, ...trim(string, start, end));
  const paragraphAround = (string) => trim(string, 0, string.length);

  /** The sentence at an index, without the space after it; the last one at the string's end. */
  function sentenceAround(string, index, lang) {
    const found = segment(string, Math.max(0, Math.min(index, string.length - 1)), "sentence", lang);
    return found ? trim(string, ...edges(found)) : paragraphAround(string);
  }

  /** The word at an index, or the one that ends there; null between words. */
  function wordAround(string, index, lang) {
    const found = [index, index - 1].filter((at) => at >= 0).map((at) => segment(string, at, "word", lang));
    const word = found.find((one) => one?.isWordLike);
    return word ? edges(word) : null;
  }

  const blocks = (root) => [...(root.matches(".block") ? [root] : []), ...root.querySelectorAll(".block")];
  const textOf = (block) => block.querySelector(".block__text");

  function around(node) {
    const range = node.ownerDocument.createRange();
    range.selectNodeContents(node);
    return range;
  }

  /** The part of the range in a block's text, as {from, string, start, end}; null when it touches none. */
  function part(range, block) {
    const text = textOf(block);
    if (!text || !range.intersectsNode(text)) return null;
    const inside = around(text);
    const against = (how) => range.compareBoundaryPoints(how, inside);
    if (against(Range.START_TO_START) > 0) inside.setStart(range.startContainer, range.startOffset);
    if (against(Range.END_TO_END) < 0) inside.setEnd(range.endContainer, range.endOffset);
    const before = around(text);
    before.setEnd(inside.startContainer, inside.startOffset);
    const start = before.toString().length;
    return {from: Number(block.dataset.start), string: text.textContent, start, end: start + inside.toString().length};
  }

  const words = ({string, start, end}) => string.slice(start, end);
  const offset = ({from, string}, index) => from + codePoints(string, index);

  /** The span under a DOM Range as {start, end, exact}, in offsets: trimmed, whole graphemes; null without words. */
  function fromRange(range, root) {
    const parts = blocks(root).map((block) => part(range, block)).filter(Boolean);
    while (parts.length && !words(parts[0]).trim()) parts.shift();
    while (parts.length && !words(parts.at(-1)).trim()) parts.pop();
    if (!parts.length) return null;
    const [first, last] = [parts[0], parts.at(-1)];
    [first.start] = settle(first.string, first.start, first.end);
    [, last.end] = settle(last.string, last.start, last.end);
    return {start: offset(first, first.start), end: offset(last, last.end), exact: parts.map(words).join("\n")};
  }

  /** The text node and index that an index of a block's text means: an end stays with the words before it. */
  function point(text, index, isEnd) {
    const walker = text.ownerDocument.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    let left = index;
    while (walker.nextNode()) {
      const {length} = walker.currentNode;
      if (left < length || (isEnd && left === length)) return [walker.currentNode, left];
      left -= length;
    }
    return [text, text.childNodes.length];
  }

  /** A DOM Range for each block in the root that the span touches, in text order. */
  function toRanges(start, end, root) {
    const touched = ({dataset}) => Math.max(start, dataset.start) < Math.min(end, dataset.end);
    return blocks(root).filter((block) => touched(block) && textOf(block)).map((block) => {
      const [text, from] = [textOf(block), Number(block.dataset.start)];
      const range = around(text);
      range.setStart(...point(text, utf16(text.textContent, start - from), false));
      range.setEnd(...point(text, utf16(text.textContent, end - from), true));
      return range;
    });
  }

  return {codePoints, utf16, snap, trim, sentenceAround, wordAround, paragraphAround, fromRange, toRanges};
})();
