// Opens and closes the margin: on a wide screen a column, there unless closed; on a narrow one a drawer, closed at first.
const Drawer = (() => {
  const margin = () => document.getElementById("margin");
  const toggles = () => document.querySelectorAll("[aria-controls='margin']");
  const wish = () => Reader.page()?.dataset.open;
  const isOpen = () => wish() === "true" || (Reader.wide() && wish() !== "false");

  function show() {
    for (const button of toggles()) button.setAttribute("aria-expanded", String(isOpen()));
    Reader.tell("drawer", {open: isOpen()});
  }

  /** A drawer that slides in takes the focus only once it can be seen: some frames later. */
  function focusSoon(element, frames = 30) {
    element?.focus({preventScroll: true});
    if (element !== document.activeElement && frames) requestAnimationFrame(() => focusSoon(element, frames - 1));
  }

  /** The focus goes in with a drawer that opens and back to its button when it closes. */
  function toggle(open = !isOpen(), focus = null) {
    if (!margin() || open === isOpen()) return;
    Reader.page().dataset.open = String(open);
    show();
    if (Reader.wide()) return;
    const inside = focus ?? margin().querySelector(".annotation, a[href], button") ?? margin();
    focusSoon(open ? inside : toggles()[0]);
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
