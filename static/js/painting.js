// Ink that is not in the page: marks on their way (`pending-…`), the words of the card in hand (`current`), an edge
// being moved (`edge`). The CSS Custom Highlight API draws them without touching the text.
const Painting = (() => {
  const layers = new Map();

  /** Draw `spans` in a layer instead of what it held; an empty list clears it. */
  function paint(layer, spans) {
    layers.set(layer, spans);
    if (!globalThis.CSS?.highlights) return;
    const ranges = spans.flatMap((span) => Reader.ranges(span));
    if (ranges.length) CSS.highlights.set(layer, new Highlight(...ranges));
    else CSS.highlights.delete(layer);
  }

  // A swap replaces the text nodes that the ranges stood in.
  document.addEventListener("htmx:after:swap", () => {
    for (const [layer, spans] of layers) if (spans.length) paint(layer, spans);
  });

  return {paint};
})();
