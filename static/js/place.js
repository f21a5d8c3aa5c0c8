// Keeps the place: tells the server which block is at the top, and goes there, or to the link's target, on opening.
{
  const EVERY = 4000; // ms between two reports at most
  const FRAMES = 20; // in which a landing is put right
  const leaving = ["reload", "back_forward"]; // where the browser finds its own way back
  let timer = 0;
  let sent = null;
  let told = "";
  let sought = null;
  let landing = null;
  let moved = false;

  /** The ordinal of the first block that reaches below the header, by bisection: blocks stand in order. */
  function top() {
    const blocks = Reader.blocks();
    const line = Reader.header() + 24;
    let low = 0;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (blocks[middle].getBoundingClientRect().bottom > line) high = middle;
      else low = middle + 1;
    }
    return blocks[low]?.id.slice(1) ?? null;
  }

  function send() {
    clearTimeout(timer);
    timer = 0;
    const place = Reader.page() && top();
    const cursor = News.cursor();
    if (place === null || (place === sent && cursor === told)) return;
    sent = place;
    told = cursor;
    navigator.sendBeacon(Reader.url("place"), new URLSearchParams({place, cursor}));
  }

  function scrolled() {
    if (Reader.page()) timer ||= setTimeout(send, EVERY);
  }

  function open() {
    if (!Reader.page()) return;
    sought = new URLSearchParams(location.search).get("annotation");
    if (location.hash) seek();
    else if (!leaving.includes(performance.getEntriesByType("navigation")[0]?.type)) {
      land(Number(Reader.page().dataset.place) > 0 && `p${Reader.page().dataset.place}`);
    }
    sent = top();
    // That a class's reading was opened, and what is seen with it, is told also when nobody scrolls.
    if (document.getElementById("news")) scrolled();
  }

  /** Go to a block at once, and again when the fonts have come, unless the reader has moved first. */
  function land(id) {
    landing = id && document.getElementById(id);
    settle(FRAMES);
    document.fonts.ready.then(() => settle(FRAMES));
  }

  // Blocks take their size only when they come near, which moves what stands below them.
  function settle(frames) {
    if (!landing || moved) return;
    const above = landing.getBoundingClientRect().top - Reader.header() - 16;
    if (Math.abs(above) > 1) window.scrollBy({top: above, behavior: "instant"});
    sent = top();
    if (frames > 1) requestAnimationFrame(() => settle(frames - 1));
  }

  /** A link to an annotation leads to its paragraph, and waits there for its card, which comes with the margin. */
  function seek() {
    sought = /^#annotation-(.+)$/.exec(location.hash)?.[1] ?? sought;
    land(location.hash.slice(1));
    found();
  }

  function found() {
    if (!sought || !(moved || Current.showCard(sought))) return;
    sought = null;
    landing = null;
  }

  window.addEventListener("scroll", scrolled, {passive: true});
  window.addEventListener("pagehide", () => timer && send());
  document.addEventListener("visibilitychange", () => document.hidden && timer && send());
  window.addEventListener("hashchange", () => {
    moved = false;
    sought = null;
    seek();
  });
  document.addEventListener("htmx:after:swap", found);
  for (const name of ["wheel", "touchmove", "pointerdown", "keydown"]) {
    document.addEventListener(name, () => { moved = true; }, {passive: true});
  }
  open();
}
