// What a stream tells of is drawn when the reader is near: on the screen, or a screen's height from it. The rest waits.
const Nearby = (() => {
  const waiting = new Set(); // ordinals of paragraphs that have changed and are not drawn yet
  const near = new Set();
  let act = () => {};

  const parts = (n) => [`p${n}`, `margin-${n}`].map((id) => document.getElementById(id)).filter(Boolean);

  const observer = new IntersectionObserver((entries) => {
    for (const {target, isIntersecting} of entries) {
      const n = Number(/\d+$/.exec(target.id)[0]);
      if (isIntersecting && waiting.has(n)) near.add(n);
    }
    if (near.size) act();
  }, {rootMargin: "100% 0px"});

  /** These have changed. What is not in the page yet will come as it is then. */
  function add(ordinals) {
    for (const n of ordinals) {
      waiting.add(n);
      for (const part of parts(n)) {
        observer.unobserve(part);
        observer.observe(part);
      }
    }
  }

  /** Those to draw now, which wait no longer. */
  function take() {
    const taken = [...near];
    near.clear();
    for (const n of taken) {
      waiting.delete(n);
      parts(n).forEach((part) => observer.unobserve(part));
    }
    return taken;
  }

  return {add, take, whenNear: (does) => { act = does; }};
})();
