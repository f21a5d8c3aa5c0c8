// The focus survives every swap: where the focused control is gone, its successor takes it, else what stood around it.
{
  let trail = [];

  const ids = (element) => {
    const found = [];
    for (let at = element; at; at = at.parentElement) if (at.id) found.push(at.id);
    return found;
  };

  /** The card after or before one in the margin: who takes over when that one is deleted. */
  function neighbours(card) {
    const all = Reader.cards();
    const at = all.indexOf(card);
    return at < 0 ? [] : [all[at + 1], all[at - 1]].filter(Boolean).map((one) => one.id);
  }

  function remember() {
    const focused = document.activeElement;
    if (!focused || focused === document.body) return;
    const card = focused.closest(".annotation");
    const around = ids(focused);
    const inside = around.indexOf(card?.id) + 1;
    trail = [...around.slice(0, inside), ...neighbours(card), ...around.slice(inside)];
  }

  /** A form that opened in a card's place is for writing; anything else takes the focus itself. */
  function landing(element) {
    const form = element.matches(".annotation--editing") && element.querySelector("textarea");
    return form || (element.matches("[tabindex], a[href], button, input, textarea, select") ? element : null);
  }

  function give() {
    const lost = !document.activeElement || document.activeElement === document.body;
    const heirs = lost ? trail.map((id) => document.getElementById(id)).filter(Boolean) : [];
    for (const heir of heirs.map(landing).filter(Boolean)) {
      heir.focus({preventScroll: true});
      if (document.activeElement === heir) break;
    }
    trail = [];
  }

  document.addEventListener("htmx:before:swap", remember);
  document.addEventListener("htmx:after:swap", give);
}
