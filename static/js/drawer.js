// Opens and closes the margin: a column on a wide screen, there unless closed; a drawer on a narrow one, closed unless opened.
const Drawer = (() => {
  const margin = () => document.getElementById("margin");
  const toggles = () => document.querySelectorAll("[aria-controls='margin']");
  const isOpen = () => Reader.page()?.dataset.open === "true" || (Reader.wide() && Reader.page()?.dataset.open !== "false");

  function show() {
    for (const button of toggles()) button.setAttribute("aria-expanded", String(isOpen()));
    Reader.tell("drawer", {open: isOpen()});
  }

  /** The focus goes in with a drawer that opens and back to its button when it closes. */
  function toggle(open = !isOpen(), focus = null) {
    if (!margin() || open === isOpen()) return;
    Reader.page().dataset.open = String(open);
    show();
    if (Reader.wide()) return;
    const inside = focus ?? margin().querySelector(".annotation, a[href], button") ?? margin();
    (open ? inside : toggles()[0])?.focus({preventScroll: true});
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[aria-controls='margin']")) toggle();
    else if (event.target.closest?.("[data-margin-close]")) toggle(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || Keys.composing(event)) return;
    if (!Reader.wide() && isOpen() && margin().contains(document.activeElement)) toggle(false);
  });
  matchMedia("(min-width: 70rem)").addEventListener("change", show);
  if (margin()) show();

  return {isOpen, toggle};
})();
