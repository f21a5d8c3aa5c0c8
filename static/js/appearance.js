/* Appearance: what the reader chooses shows at once; htmx posts it when the choice is final. */
(() => {
  "use strict";
  const settings = ["theme", "size", "leading", "measure"];

  function topBlock() {
    const edge = document.querySelector(".bar")?.getBoundingClientRect().bottom ?? 0;
    return [...document.querySelectorAll(".block")].find((block) => block.getBoundingClientRect().bottom > edge);
  }

  // The line being read stays where it is while the type around it changes.
  function keepingPlace(change) {
    const block = topBlock();
    const before = block?.getBoundingClientRect();
    change();
    if (!block || window.scrollY === 0) return;
    const after = block.getBoundingClientRect();
    const scale = after.height / before.height;
    window.scrollBy({ top: after.top - before.top * (before.top < 0 ? scale : 1), behavior: "instant" });
  }

  document.addEventListener("input", ({ target }) => {
    if (!target.closest?.("#appearance") || !settings.includes(target.name)) return;
    keepingPlace(() => { document.documentElement.dataset[target.name] = target.value; });
    document.dispatchEvent(new CustomEvent("postil:appearance"));
  });
})();
