// Shows only the chosen tags: hides the cards of others and lets their marks fade. Remembered until the tab is closed.
{
  const key = () => `postil:filter:${Reader.page().dataset.reading}`;
  const choices = () => [...document.querySelectorAll("[data-filter]")];
  const hidden = () => new Set(JSON.parse(sessionStorage.getItem(key()) ?? "[]"));

  /** A card goes when all its tags are hidden; one without a tag answers to the empty filter. */
  const isHidden = (card, off) => (card.dataset.tags ?? "").split(" ").every((tag) => off.has(tag));

  function show() {
    if (!Reader.page() || !choices().length) return;
    const off = hidden();
    for (const one of choices()) {
      const on = !off.has(one.dataset.filter);
      if (one.localName === "input") one.checked = on;
      else one.setAttribute("aria-pressed", String(on));
    }
    for (const card of Reader.cards()) card.toggleAttribute("data-filtered", isHidden(card, off));
    const colours = choices().filter((one) => off.has(one.dataset.filter)).map((one) => one.dataset.colour);
    Reader.page().dataset.dim = colours.join(" ");
    Reader.tell("filter", {hidden: [...off]});
  }

  function flip(tag) {
    const off = hidden();
    if (!off.delete(tag)) off.add(tag);
    sessionStorage.setItem(key(), JSON.stringify([...off]));
    show();
  }

  document.addEventListener("click", (event) => {
    const one = event.target.closest?.("[data-filter]");
    if (one) flip(one.dataset.filter);
  });
  document.addEventListener("htmx:after:swap", show);
  show();
}
