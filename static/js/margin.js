// Stands the cards beside their paragraphs: each group at its paragraph's top or below the group before, never over it.
const Margin = (() => {
  const GAP = 8; // px between groups
  let frame = 0;
  let anchored = null;

  const margin = () => document.getElementById("margin");
  const groups = () => [...margin().querySelectorAll(".margin__group")].filter((group) => group.offsetHeight > 0);
  const block = (group) => document.getElementById(`p${group.dataset.n}`);

  /**
   * Tops for boxes of `{want, height}` in order. Box `fixed` (or none: -1) keeps its wish, the boxes before it make
   * room upwards as far as nought, all others downwards. One pass each way, O(n).
   */
  function stack(boxes, fixed = -1) {
    const tops = boxes.map((box) => box.want);
    const pushDown = (from) => {
      for (let i = from; i < tops.length; i += 1) tops[i] = Math.max(tops[i], tops[i - 1] + boxes[i - 1].height + GAP);
    };
    if (fixed > 0) {
      for (let i = fixed - 1; i >= 0; i -= 1) tops[i] = Math.min(tops[i], tops[i + 1] - boxes[i].height - GAP);
    }
    if (tops.length) tops[0] = Math.max(0, tops[0]);
    pushDown(1);
    return tops;
  }

  /** What a group would like: its paragraph's top; for the card in hand, that the card stands there. */
  function box(group, origin) {
    const top = (element) => element.getBoundingClientRect().top;
    const lead = group.contains(anchored) ? top(anchored) - top(group) : 0;
    return {want: top(block(group) ?? group) - origin - lead, height: group.offsetHeight};
  }

  function lay() {
    frame = 0;
    if (!margin() || !Reader.wide() || !margin().offsetWidth) return;
    const shown = groups();
    margin().setAttribute("data-laid", "");
    const origin = margin().getBoundingClientRect().top;
    const boxes = shown.map((group) => box(group, origin));
    const tops = stack(boxes, shown.findIndex((group) => group.contains(anchored)));
    shown.forEach((group, i) => group.style.setProperty("--top", `${tops[i]}px`));
    watch();
  }

  const layout = () => { frame ||= requestAnimationFrame(lay); };

  /** Bring a card into sight: beside its paragraph on a wide screen, in the drawer on a narrow one. */
  function reveal(card) {
    anchored = card;
    if (Reader.wide()) return Drawer.isOpen() ? lay() : Drawer.toggle(true);
    if (card.closest("#margin")) Drawer.toggle(true, card);
    card.scrollIntoView({block: "nearest", behavior: "instant"});
  }

  const resized = new ResizeObserver(layout);
  const watched = new Set();

  /** Blocks grow when fonts come or far ones are drawn, groups when a form opens: either moves what is below. */
  function watch() {
    for (const element of [Reader.text(), ...margin().querySelectorAll(".margin__group")]) {
      if (!element || watched.has(element)) continue;
      watched.add(element);
      resized.observe(element);
    }
    for (const element of watched) {
      if (element.isConnected) continue;
      watched.delete(element);
      resized.unobserve(element);
    }
  }

  for (const name of ["htmx:after:swap", "postil:appearance", "postil:drawer", "postil:filter"]) {
    document.addEventListener(name, layout);
  }
  window.addEventListener("resize", layout);
  document.fonts.addEventListener("loadingdone", layout);
  layout();

  return {stack, layout, reveal};
})();
